/* Products of blocks, by tiles and by dot products, for one instruction set. gemm_block.c chooses
 * between the two. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/gemm_internal.h"
#include "core/cpu/gemm_shapes_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/gemm_blocked_typed.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/gemm_dots_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/gemm_blocked_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/gemm_dots_typed.h"

const struct cd_cpu_gemm_table CD_CPU_TABLE(gemm) = {
    .tiles = { CD_CPU_FLOATS(block) },
    .dots = { CD_CPU_FLOATS(dots_product) },
    .dot_rows = MOST_DOT_ROWS,
    .in_place_rows = IN_PLACE_ROWS,
    .tile_rows = ROWS,
    .tile_bytes = TILE_BYTES,
};
