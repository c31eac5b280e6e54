/* See columns_internal.h. */
#include "core/cpu/columns_internal.h"

#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

#define TYPE       float
#define SUFFIX     f32
#define PLUS(a, b) ((a) + (b))
#include "core/cpu/columns_typed.h"

#define TYPE       double
#define SUFFIX     f64
#define PLUS(a, b) ((a) + (b))
#include "core/cpu/columns_typed.h"

/* Integers wrap around. */
#define TYPE       int64_t
#define SUFFIX     i64
#define PLUS(a, b) ((uint64_t)(a) + (uint64_t)(b))
#include "core/cpu/columns_typed.h"

#define TYPE       int32_t
#define SUFFIX     i32
#define PLUS(a, b) ((uint32_t)(a) + (uint32_t)(b))
#include "core/cpu/columns_typed.h"

#define TYPE       uint8_t
#define SUFFIX     u8
#define PLUS(a, b) ((a) + (b))
#include "core/cpu/columns_typed.h"

#define TYPE       uint8_t
#define SUFFIX     truth
#define PLUS(a, b) ((a) | (b))
#include "core/cpu/columns_typed.h"

cd_columns_function *const cd_cpu_columns_take[CD_DTYPE_COUNT] = {
    CD_CPU_NUMBERS(take), [CD_BOOL] = take_truth
};
cd_columns_function *const cd_cpu_columns_add[CD_DTYPE_COUNT] = {
    CD_CPU_NUMBERS(add), [CD_BOOL] = add_truth
};

/* A piece is some planes, of about 64 thousand columns' elements. */
typedef struct {
    const cd_conv2d_sizes *conv;
    cd_columns_function *function;
    const char *from;
    char *to;
    size_t from_bytes, to_bytes; /* of one plane's */
    int64_t planes, pieces;
} task;

static void run_piece(int64_t piece, void *context)
{
    const task *t = context;
    const int64_t end = (piece + 1) * t->planes / t->pieces;
    for (int64_t plane = piece * t->planes / t->pieces; plane < end; plane++) {
        t->function(t->conv, t->from + (size_t)plane * t->from_bytes,
                    t->to + (size_t)plane * t->to_bytes);
    }
}

static void run_planes(task *t, int64_t columns)
{
    enum { ELEMENTS = 1 << 16 };
    const int64_t each = columns < ELEMENTS ? ELEMENTS / (columns > 0 ? columns : 1) : 1;
    t->planes = t->conv->images * t->conv->in_channels;
    t->pieces = t->planes / each + (t->planes % each != 0);
    cd_parallel(t->pieces, run_piece, t);
}

static int64_t columns_of(const cd_conv2d_sizes *conv)
{
    return conv->kernel_h * conv->kernel_w * conv->out_h * conv->out_w;
}

void cd_cpu_unfold(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x, void *columns)
{
    task t = { .conv = conv,
               .function = cd_cpu_columns_take[dtype],
               .from = x,
               .to = columns,
               .from_bytes = (size_t)(conv->height * conv->width) * cd_dtype_size(dtype),
               .to_bytes = (size_t)columns_of(conv) * cd_dtype_size(dtype) };
    run_planes(&t, columns_of(conv));
}

void cd_cpu_fold(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *columns, void *x)
{
    task t = { .conv = conv,
               .function = cd_cpu_columns_add[dtype],
               .from = columns,
               .to = x,
               .from_bytes = (size_t)columns_of(conv) * cd_dtype_size(dtype),
               .to_bytes = (size_t)(conv->height * conv->width) * cd_dtype_size(dtype) };
    run_planes(&t, columns_of(conv));
}
