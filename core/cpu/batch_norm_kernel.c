#include "core/cpu/batch_norm_internal.h"
#include "core/cpu/cpu_internal.h"

/* A run is summed in 16 lanes, lane l taking elements l, l + 16, ...: as wide as four vectors of
 * doubles, so that it is as fast as it is exact, and the order is the same in every build. */
enum { LANES = 16 };

/* The lanes in order. */
static double fold(const double *lane)
{
    double sum = 0;
    for (int l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

#define REAL         float
#define TYPED(name_) name_##_f32
#include "core/cpu/batch_norm_typed.h"
#undef REAL
#undef TYPED

#define REAL         double
#define TYPED(name_) name_##_f64
#include "core/cpu/batch_norm_typed.h"

const struct cd_cpu_batch_norm CD_CPU_TABLE(batch_norm) = {
    .f32 = { sum_f32, squares_f32, products_f32, normalise_f32, gradient_f32 },
    .f64 = { sum_f64, squares_f64, products_f64, normalise_f64, gradient_f64 },
};
