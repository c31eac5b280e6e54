/* Pooling of one plane, for one floating type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of pool_typed.h is missing"
#endif
#include <math.h>
#include <string.h>

#include "core/cpu/pool_window_internal.h"
#include "core/cpu/typed_internal.h"

/* The maximum of one window and its index in the plane. cd_cpu_max_pool2d says which of equal
 * elements and which of several NaN is taken. */
static inline TYPE TYPED(window_max)(const cd_pool2d_sizes *p, const TYPE *x, cd_pool_span rows,
                                     cd_pool_span columns, int64_t *index)
{
    TYPE best = -(TYPE)INFINITY;
    /* With dilation and padding a window may have no element in a small image. */
    int64_t best_index =
        cd_smaller(rows.first, p->height - 1) * p->width + cd_smaller(columns.first, p->width - 1);
    for (int64_t h = rows.first; h < rows.end; h += p->dilation_h) {
        for (int64_t w = columns.first; w < columns.end; w += p->dilation_w) {
            TYPE value = x[h * p->width + w];
            if (value > best || value != value) {
                best = value;
                best_index = h * p->width + w;
            }
        }
    }
    *index = best_index;
    return best;
}

static void TYPED(max)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const TYPE *x = (const TYPE *)t->from + plane * p->height * p->width;
    int64_t out = plane * p->out_h * p->out_w, index;
    for (int64_t i = 0; i < p->out_h; i++) {
        cd_pool_span rows = cd_pool_task_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++, out++) {
            ((TYPE *)t->to)[out] =
                TYPED(window_max)(p, x, rows, cd_pool_task_columns(t, j), &index);
            if (t->indices) t->indices[out] = index;
        }
    }
}

static void TYPED(max_backward)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    int64_t in = p->height * p->width, out = p->out_h * p->out_w;
    TYPE *dx = (TYPE *)t->to + plane * in;
    memset(dx, 0, (size_t)in * sizeof(TYPE));
    for (int64_t i = plane * out; i < (plane + 1) * out; i++) {
        dx[t->given_indices[i]] += ((const TYPE *)t->from)[i];
    }
}

/* Sums in double. A window that has no element of the image gives 0. */
static void TYPED(average)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const TYPE *x = (const TYPE *)t->from + plane * p->height * p->width;
    TYPE *y = (TYPE *)t->to + plane * p->out_h * p->out_w;
    for (int64_t i = 0; i < p->out_h; i++) {
        cd_pool_span rows = cd_pool_task_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++) {
            cd_pool_span columns = cd_pool_task_columns(t, j);
            double sum = 0;
            for (int64_t h = rows.first; h < rows.end; h++) {
                for (int64_t w = columns.first; w < columns.end; w++) {
                    sum += (double)x[h * p->width + w];
                }
            }
            bool empty = rows.first >= rows.end || columns.first >= columns.end;
            *y++ = empty ? 0 : (TYPE)(sum / cd_pool_divisor(t, rows, columns));
        }
    }
}

static void TYPED(average_backward)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const TYPE *dy = (const TYPE *)t->from + plane * p->out_h * p->out_w;
    TYPE *dx = (TYPE *)t->to + plane * p->height * p->width;
    memset(dx, 0, (size_t)(p->height * p->width) * sizeof(TYPE));
    for (int64_t i = 0; i < p->out_h; i++) {
        cd_pool_span rows = cd_pool_task_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++) {
            cd_pool_span columns = cd_pool_task_columns(t, j);
            TYPE share = (TYPE)((double)*dy++ / cd_pool_divisor(t, rows, columns));
            for (int64_t h = rows.first; h < rows.end; h++) {
                for (int64_t w = columns.first; w < columns.end; w++) dx[h * p->width + w] += share;
            }
        }
    }
}

#undef TYPE
#undef SUFFIX
