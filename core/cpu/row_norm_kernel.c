/* Normalisation over one row, for one instruction set. row_norm.c runs these kernels over all
 * rows. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/row_norm_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/row_norm_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/row_norm_typed.h"

#define KERNELS(suffix_)                                                                           \
    {                                                                                              \
        .moments = moments_##suffix_, .normalise = normalise_##suffix_,                            \
        .gradient = gradient_##suffix_, .add_up = add_up_##suffix_                                 \
    }

const struct cd_cpu_row_norm_table CD_CPU_TABLE(row_norm) = {
    .row = { [CD_F32] = KERNELS(f32), [CD_F64] = KERNELS(f64) },
};
