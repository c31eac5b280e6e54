/* Pooling: planes are the pieces of the work. */
#include "core/cpu/pool_internal.h"

#include <math.h>

#include "core/cpu/pool_window_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/pool_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/pool_typed.h"

#define TYPE       float
#define SUFFIX     f32
#define LOWEST     -INFINITY
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/pool_max_typed.h"

#define TYPE       double
#define SUFFIX     f64
#define LOWEST     -INFINITY
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/pool_max_typed.h"

#define TYPE       int64_t
#define SUFFIX     i64
#define LOWEST     INT64_MIN
#define IS_NAN(x_) false
#include "core/cpu/pool_max_typed.h"

#define TYPE       int32_t
#define SUFFIX     i32
#define LOWEST     INT32_MIN
#define IS_NAN(x_) false
#include "core/cpu/pool_max_typed.h"

#define TYPE       uint8_t
#define SUFFIX     u8
#define LOWEST     0
#define IS_NAN(x_) false
#include "core/cpu/pool_max_typed.h"

/* Sums wrap, and the quotient loses its fraction, as in PyTorch, which has only int64 of the
 * integers. */
static void average_i64(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const int64_t *x = (const int64_t *)t->from + plane * p->height * p->width;
    int64_t *y = (int64_t *)t->to + plane * p->out_h * p->out_w;
    for (int64_t i = 0; i < p->out_h; i++) {
        const cd_pool_span rows = cd_pool_task_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++) {
            const cd_pool_span columns = cd_pool_task_columns(t, j);
            uint64_t sum = 0;
            for (int64_t h = rows.first; h < rows.end; h++) {
                for (int64_t w = columns.first; w < columns.end; w++) {
                    sum += (uint64_t)x[h * p->width + w];
                }
            }
            const bool empty = rows.first >= rows.end || columns.first >= columns.end;
            const int64_t divisor = empty ? 1 : cd_pool_divisor(t, rows, columns);
            *y++ = divisor == -1 ? (int64_t)-sum : (int64_t)sum / divisor;
        }
    }
}

typedef void plane_function(const cd_pool_task *task, int64_t plane);

static plane_function *const max[CD_DTYPE_COUNT] = { CD_CPU_NUMBERS(max) };
static plane_function *const max_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(max_backward) };
static plane_function *const unpool[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(unpool) };
static plane_function *const average[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(average), [CD_I64] =
                                                                                     average_i64 };
static plane_function *const average_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(average_backward) };

static void run_piece(int64_t piece, void *context)
{
    const cd_pool_task *t = context;
    int64_t first = piece * t->planes_in_piece;
    int64_t end = cd_smaller(first + t->planes_in_piece, t->pool->planes);
    for (int64_t plane = first; plane < end; plane++) t->function(t, plane);
}

/* A piece is one plane, or several small ones that have some 32k elements together. */
static void run(cd_pool_task *t, plane_function *function)
{
    enum { PIECE = 32768 };
    int64_t area = t->pool->height * t->pool->width + t->pool->out_h * t->pool->out_w;
    t->function = function;
    t->planes_in_piece = area < PIECE ? PIECE / area : 1;
    cd_parallel((t->pool->planes + t->planes_in_piece - 1) / t->planes_in_piece, run_piece, t);
}

void cd_cpu_max_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y,
                       int64_t *indices)
{
    cd_pool_task t = { .pool = pool, .from = x, .to = y, .indices = indices };
    run(&t, max[dtype]);
}

void cd_cpu_adaptive_max_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y,
                                int64_t *indices)
{
    cd_pool_task t = { .pool = pool, .from = x, .to = y, .indices = indices, .adaptive = true };
    run(&t, max[dtype]);
}

void cd_cpu_max_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                const int64_t *indices, void *dx)
{
    cd_pool_task t = { .pool = pool, .from = dy, .to = dx, .given_indices = indices };
    run(&t, max_backward[dtype]);
}

void cd_cpu_max_unpool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x,
                         const int64_t *indices, void *y)
{
    cd_pool_task t = { .pool = pool, .from = x, .to = y, .given_indices = indices };
    run(&t, unpool[dtype]);
}

void cd_cpu_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y)
{
    cd_pool_task t = { .pool = pool, .from = x, .to = y };
    run(&t, average[dtype]);
}

void cd_cpu_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *dy,
                                void *dx)
{
    cd_pool_task t = { .pool = pool, .from = dy, .to = dx };
    run(&t, average_backward[dtype]);
}

void cd_cpu_adaptive_avg_pool2d(const cd_pool2d_sizes *pool, cd_dtype dtype, const void *x, void *y)
{
    cd_pool_task t = { .pool = pool, .from = x, .to = y, .adaptive = true };
    run(&t, average[dtype]);
}

void cd_cpu_adaptive_avg_pool2d_backward(const cd_pool2d_sizes *pool, cd_dtype dtype,
                                         const void *dy, void *dx)
{
    cd_pool_task t = { .pool = pool, .from = dy, .to = dx, .adaptive = true };
    run(&t, average_backward[dtype]);
}
