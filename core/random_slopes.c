/* Random slopes, drawn as PyTorch 2.15 draws those of rrelu (ATen/native/Activation.cpp). */
#include "core/random_internal.h"

/* Between numbers as close as this, PyTorch's gradient has their mean as the slope. */
static const double CLOSE = 1e-6;

/* NAME(state, lower, upper, n, x, y, slope) for one type, in which the bounds are rounded, and then
 * each slope. */
#define SLOPES(name_, type_)                                                                       \
    static void name_(cd_generator_state *state, double lower, double upper, int64_t n,            \
                      const type_ *x, type_ *y, type_ *slope)                                      \
    {                                                                                              \
        const double from = (double)(type_)lower, to = (double)(type_)upper;                       \
        const bool close = !(to - from > CLOSE);                                                   \
        const type_ mean = (type_)((from + to) / 2);                                               \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const type_ value = x[i];                                                              \
            type_ s = 1;                                                                           \
            if (value <= 0) s = (type_)(cd_random_f64(state) * (to - from) + from);                \
            y[i] = value * s;                                                                      \
            if (slope) slope[i] = !close ? s : value > 0 ? 1 : mean;                               \
        }                                                                                          \
    }
SLOPES(slopes_f32, float)
SLOPES(slopes_f64, double)

void cd_random_slopes(cd_generator_state *state, cd_dtype dtype, double from, double to, int64_t n,
                      const void *x, void *y, void *slope)
{
    if (dtype == CD_F32) {
        slopes_f32(state, from, to, n, x, y, slope);
    } else {
        slopes_f64(state, from, to, n, x, y, slope);
    }
}
