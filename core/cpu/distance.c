/* Distances between rows. */
#include "core/cpu/distance_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/distance_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/distance_typed.h"

void cd_cpu_distances(cd_dtype dtype, const cd_distances *d, void *y)
{
    static void (*const table[CD_DTYPE_COUNT])(const cd_distances *d,
                                               void *y) = { CD_CPU_FLOATS(distances) };
    table[dtype](d, y);
}

void cd_cpu_distances_backward(cd_dtype dtype, const cd_distances *d, const void *y, const void *dy,
                               void *da)
{
    static void (*const table[CD_DTYPE_COUNT])(const cd_distances *d, const void *y, const void *dy,
                                               void *da) = { CD_CPU_FLOATS(backward) };
    table[dtype](d, y, dy, da);
}
