/* Distances between rows, for one instruction set. */
#include "core/cpu/distance_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/distance_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/distance_typed.h"

const struct cd_cpu_distance_table CD_CPU_TABLE(distance) = {
    .distances = { CD_CPU_FLOATS(distances) },
    .backward = { CD_CPU_FLOATS(backward) },
    .squares = { CD_CPU_FLOATS(row_squares) },
    .roots = { CD_CPU_FLOATS(roots) },
};
