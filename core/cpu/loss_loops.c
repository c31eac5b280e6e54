/* The elements of losses with two forms, and of binary cross entropy. */
#include <math.h>

#include "core/cpu/loops_internal.h"
#include "core/cpu/losses_internal.h"

#define BOUND(type_) const type_ bound = (type_) * (const double *)params

#define SMOOTH_L1(suffix_, type_, fabs_)                                                           \
    CD_LOOP_2(smooth_l1_##suffix_, type_, type_, BOUND(type_),                                     \
              fabs_(a - b) < bound ? (type_)0.5 * (a - b) * (a - b) / bound                        \
                                   : fabs_(a - b) - (type_)0.5 * bound)
#define HUBER(suffix_, type_, fabs_)                                                               \
    CD_LOOP_2(huber_##suffix_, type_, type_, BOUND(type_),                                         \
              fabs_(a - b) <= bound ? (type_)0.5 * (a - b) * (a - b)                               \
                                    : bound * (fabs_(a - b) - (type_)0.5 * bound))
#define BCE(suffix_, type_)                                                                        \
    CD_LOOP_2(bce_##suffix_, type_, type_, , cd_binary_cross_entropy_of((double)a, (double)b))
#define BCE_SLOPE(suffix_, type_)                                                                  \
    CD_LOOP_2(bce_slope_##suffix_, type_, type_, ,                                                 \
              (a - b) / (a * (1 - a) < (type_)1e-12 ? (type_)1e-12 : a * (1 - a)))

SMOOTH_L1(f32, float, fabsf)
SMOOTH_L1(f64, double, fabs)
HUBER(f32, float, fabsf)
HUBER(f64, double, fabs)
BCE(f32, float)
BCE(f64, double)
BCE_SLOPE(f32, float)
BCE_SLOPE(f64, double)

static cd_loop *const loops[CD_LOSS_LOOPS][CD_DTYPE_COUNT] = {
    [CD_LOSS_SMOOTH_L1] = { CD_CPU_FLOATS(smooth_l1) },
    [CD_LOSS_HUBER] = { CD_CPU_FLOATS(huber) },
    [CD_LOSS_BCE] = { CD_CPU_FLOATS(bce) },
    [CD_LOSS_BCE_SLOPE] = { CD_CPU_FLOATS(bce_slope) },
};

cd_loop *cd_cpu_loss_loop(cd_loss_kind kind, cd_dtype dtype)
{
    return loops[kind][dtype];
}
