/* Which elements of the input belong to an output of a pooling: the windows, shared by pool.c and
 * its kernels in pool_typed.h. */
#ifndef CANDELA_CORE_CPU_POOL_WINDOW_INTERNAL_H
#define CANDELA_CORE_CPU_POOL_WINDOW_INTERNAL_H

#include "core/cpu/size_arithmetic_internal.h"
#include "core/dtype.h"
#include "core/pool_sizes_internal.h"

/* Rows or columns of one window that lie in the image: first, first + dilation, ... below end. */
typedef struct cd_pool_span {
    int64_t first, end;
    int64_t padded; /* their number if the padding counts too; an average divides by it */
} cd_pool_span;

/* The window of output i along one dimension. */
static inline cd_pool_span cd_pool_window(int64_t i, int64_t size, int64_t kernel, int64_t stride,
                                          int64_t padding, int64_t dilation)
{
    int64_t first = i * stride - padding, end = first + dilation * (kernel - 1) + 1;
    cd_pool_span s = { first, cd_smaller(end, size), cd_smaller(end, size + padding) - first };
    if (first < 0) s.first = first + (-first + dilation - 1) / dilation * dilation;
    return s;
}

static inline cd_pool_span cd_pool_rows(const cd_pool2d_sizes *p, int64_t i)
{
    return cd_pool_window(i, p->height, p->kernel_h, p->stride_h, p->padding_h, p->dilation_h);
}

static inline cd_pool_span cd_pool_columns(const cd_pool2d_sizes *p, int64_t j)
{
    return cd_pool_window(j, p->width, p->kernel_w, p->stride_w, p->padding_w, p->dilation_w);
}

/* The window of output i of an adaptive pooling, from floor(i * size / outputs) up to but without
 * ceil((i + 1) * size / outputs), written so that nothing overflows. */
static inline cd_pool_span cd_pool_adaptive_window(int64_t i, int64_t size, int64_t outputs)
{
    int64_t whole = size / outputs, rest = size % outputs;
    cd_pool_span s = { .first = i * whole + i * rest / outputs,
                       .end = (i + 1) * whole + ((i + 1) * rest + outputs - 1) / outputs };
    s.padded = s.end - s.first;
    return s;
}

/* One call: `function` runs for every plane. A pointer that it does not use is NULL. */
typedef struct cd_pool_task {
    const cd_pool2d_sizes *pool;
    const void *from; /* forward: x; backward: dy */
    void *to;         /* forward: y; backward: dx */
    int64_t *indices;
    const int64_t *given_indices; /* of a backward pass */
    bool adaptive;
    void (*function)(const struct cd_pool_task *task, int64_t plane);
    int64_t planes_in_piece;
} cd_pool_task;

/* The rows that output row i has its window over. */
static inline cd_pool_span cd_pool_task_rows(const cd_pool_task *t, int64_t i)
{
    return t->adaptive ? cd_pool_adaptive_window(i, t->pool->height, t->pool->out_h)
                       : cd_pool_rows(t->pool, i);
}

/* The columns that output column j has its window over. */
static inline cd_pool_span cd_pool_task_columns(const cd_pool_task *t, int64_t j)
{
    return t->adaptive ? cd_pool_adaptive_window(j, t->pool->width, t->pool->out_w)
                       : cd_pool_columns(t->pool, j);
}

/* The number that an average divides the sum over its window by. */
static inline int64_t cd_pool_divisor(const cd_pool_task *t, cd_pool_span rows,
                                      cd_pool_span columns)
{
    if (!t->adaptive && t->pool->divisor != 0) return t->pool->divisor;
    bool padding_counts = t->adaptive || t->pool->padding_counts;
    return padding_counts ? rows.padded * columns.padded
                          : (rows.end - rows.first) * (columns.end - columns.first);
}

#endif
