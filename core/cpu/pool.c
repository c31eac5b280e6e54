/* Pooling: windows, and the planes as pieces of work. */
#include "core/cpu/pool_internal.h"

#include <math.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/threads_internal.h"

/* Rows or columns of one window: first, first + step, ... below end; and how many places it has
 * when the padding counts. */
typedef struct {
    int64_t first, end, places;
} span;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Output i's span, cut to the image. */
static span window(int64_t i, int64_t size, int64_t kernel, int64_t stride, int64_t padding,
                   int64_t dilation)
{
    int64_t first = i * stride - padding, end = first + dilation * (kernel - 1) + 1;
    span s = { first, smaller(end, size), smaller(end, size + padding) - first };
    if (first < 0) s.first = first + (-first + dilation - 1) / dilation * dilation;
    return s;
}

static span rows_of(const cd_pool2d_sizes *p, int64_t i)
{
    return window(i, p->height, p->kernel_h, p->stride_h, p->padding_h, p->dilation_h);
}

static span columns_of(const cd_pool2d_sizes *p, int64_t j)
{
    return window(j, p->width, p->kernel_w, p->stride_w, p->padding_w, p->dilation_w);
}

/* floor(i * size / outputs) .. ceil((i + 1) * size / outputs), written so that nothing overflows.
 */
static span adaptive(int64_t i, int64_t size, int64_t outputs)
{
    int64_t whole = size / outputs, rest = size % outputs;
    span s = { .first = i * whole + i * rest / outputs,
               .end = (i + 1) * whole + ((i + 1) * rest + outputs - 1) / outputs };
    s.places = s.end - s.first;
    return s;
}

/* One call: `function` for every plane. What a direction does not use is NULL. */
typedef struct task {
    const cd_pool2d_sizes *pool;
    const void *from;
    void *to;
    int64_t *indices;
    const int64_t *given_indices;
    bool adapts;
    void (*function)(const struct task *task, int64_t plane);
    int64_t planes_in_piece;
} task;

/* Where output row i, or column j, of an average looks. */
static span average_rows(const task *t, int64_t i)
{
    return t->adapts ? adaptive(i, t->pool->height, t->pool->out_h) : rows_of(t->pool, i);
}

static span average_columns(const task *t, int64_t j)
{
    return t->adapts ? adaptive(j, t->pool->width, t->pool->out_w) : columns_of(t->pool, j);
}

/* What the sum over a window is divided by. */
static double divisor(const task *t, span rows, span columns)
{
    bool places = t->adapts || t->pool->padding_counts;
    int64_t count = places ? rows.places * columns.places
                           : (rows.end - rows.first) * (columns.end - columns.first);
    return (double)count;
}

#define REAL         float
#define TYPED(name_) name_##_f32
#include "core/cpu/pool_typed.h"
#undef REAL
#undef TYPED

#define REAL         double
#define TYPED(name_) name_##_f64
#include "core/cpu/pool_typed.h"

static void run_piece(int64_t piece, void *context)
{
    const task *t = context;
    int64_t first = piece * t->planes_in_piece;
    int64_t end = smaller(first + t->planes_in_piece, t->pool->planes);
    for (int64_t plane = first; plane < end; plane++) t->function(t, plane);
}

/* Pieces of whole planes, of some 32k elements where a plane is smaller. */
static void run(task *t, cd_dtype dtype, void (*f32)(const task *, int64_t),
                void (*f64)(const task *, int64_t))
{
    enum { PIECE = 32768 };
    int64_t area = t->pool->height * t->pool->width + t->pool->out_h * t->pool->out_w;
    t->function = dtype == CD_F32 ? f32 : f64;
    t->planes_in_piece = area < PIECE ? PIECE / area : 1;
    cd_parallel((t->pool->planes + t->planes_in_piece - 1) / t->planes_in_piece, run_piece, t);
}

void cd_cpu_max_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y,
                       int64_t *indices)
{
    task t = { .pool = pool, .from = x, .to = y, .indices = indices };
    run(&t, dtype, max_plane_f32, max_plane_f64);
}

void cd_cpu_max_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                const int64_t *indices, void *dx)
{
    task t = { .pool = pool, .from = dy, .to = dx, .given_indices = indices };
    run(&t, dtype, max_plane_backward_f32, max_plane_backward_f64);
}

void cd_cpu_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y)
{
    task t = { .pool = pool, .from = x, .to = y };
    run(&t, dtype, average_plane_f32, average_plane_f64);
}

void cd_cpu_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                void *dx)
{
    task t = { .pool = pool, .from = dy, .to = dx };
    run(&t, dtype, average_plane_backward_f32, average_plane_backward_f64);
}

void cd_cpu_adaptive_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y)
{
    task t = { .pool = pool, .from = x, .to = y, .adapts = true };
    run(&t, dtype, average_plane_f32, average_plane_f64);
}

void cd_cpu_adaptive_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype,
                                         const void *dy, void *dx)
{
    task t = { .pool = pool, .from = dy, .to = dx, .adapts = true };
    run(&t, dtype, average_plane_backward_f32, average_plane_backward_f64);
}
