/* Batch norm over one channel, for one instruction set. batch_norm.c runs these kernels over all
 * channels. */
#include "core/cpu/batch_norm_internal.h"
#include "core/cpu/cpu_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/batch_norm_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/batch_norm_typed.h"

#define KERNELS(suffix_)                                                                           \
    {                                                                                              \
        .sum = sum_##suffix_, .squares = squares_##suffix_, .products = products_##suffix_,        \
        .normalise = normalise_##suffix_, .gradient = gradient_##suffix_                           \
    }

const struct cd_cpu_batch_norm_table CD_CPU_TABLE(batch_norm) = {
    .channel = { [CD_F32] = KERNELS(f32), [CD_F64] = KERNELS(f64) },
};
