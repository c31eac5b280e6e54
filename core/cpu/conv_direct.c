/* The gradient of a convolution's input by its definition, a sum over taps without any zeros of a
 * padding: conv_implicit.c uses it for weights that are infinite or NaN, whose product with such a
 * zero would be NaN. */
#include "core/cpu/conv_internal.h"

#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/conv_direct_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/conv_direct_typed.h"

typedef bool finite_function(const void *values, int64_t count);
typedef void plane_function(const cd_conv2d_sizes *conv, const void *dy, const void *weight,
                            void *dx, int64_t plane);
static finite_function *const is_finite[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(is_finite) };
static plane_function *const direct_plane[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(direct_plane) };

typedef struct {
    const cd_conv2d_sizes *conv;
    cd_dtype dtype;
    const void *dy, *weight;
    void *dx;
} task;

static void run_plane(int64_t plane, void *context)
{
    const task *t = context;
    direct_plane[t->dtype](t->conv, t->dy, t->weight, t->dx, plane);
}

bool cd_cpu_conv2d_weight_is_finite(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *weight)
{
    return is_finite[dtype](weight, conv->out_channels * cd_cpu_conv2d_taps(conv));
}

void cd_cpu_conv2d_grad_input_direct(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *dy,
                                     const void *weight, void *dx)
{
    task t = { .conv = conv, .dtype = dtype, .dy = dy, .weight = weight, .dx = dx };
    cd_parallel(conv->images * conv->in_channels, run_plane, &t);
}
