#include "core/cpu/gather_internal.h"

#include <string.h>

static bool within(int64_t index, int64_t n)
{
    return (uint64_t)index < (uint64_t)n;
}

/* Only the size of an element counts, so floats travel as integers. */
#define GATHER(name_, type_)                                                                       \
    static void name_(int64_t outer, int64_t n, int64_t inner, int64_t k, const type_ *x,          \
                      const int64_t *index, type_ *y)                                              \
    {                                                                                              \
        for (int64_t o = 0; o < outer; o++, x += n * inner) {                                      \
            for (int64_t j = 0; j < k; j++, index += inner, y += inner) {                          \
                for (int64_t i = 0; i < inner; i++) {                                              \
                    y[i] = within(index[i], n) ? x[index[i] * inner + i] : 0;                      \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
GATHER(gather_8, uint64_t)
GATHER(gather_4, uint32_t)
GATHER(gather_1, uint8_t)

void cd_cpu_gather(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k,
                   const void *x, const int64_t *index, void *y)
{
    switch (cd_dtype_size(dtype)) {
    case 8:
        gather_8(outer, n, inner, k, x, index, y);
        break;
    case 4:
        gather_4(outer, n, inner, k, x, index, y);
        break;
    default:
        gather_1(outer, n, inner, k, x, index, y);
        break;
    }
}

#define SCATTER(name_, type_)                                                                      \
    static void name_(int64_t outer, int64_t n, int64_t inner, int64_t k, const type_ *dy,         \
                      const int64_t *index, type_ *dx)                                             \
    {                                                                                              \
        for (int64_t o = 0; o < outer; o++, dx += n * inner) {                                     \
            for (int64_t j = 0; j < k; j++, index += inner, dy += inner) {                         \
                for (int64_t i = 0; i < inner; i++) {                                              \
                    if (within(index[i], n)) dx[index[i] * inner + i] += dy[i];                    \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
SCATTER(scatter_f32, float)
SCATTER(scatter_f64, double)

void cd_cpu_scatter_add(cd_dtype dtype, int64_t outer, int64_t n, int64_t inner, int64_t k,
                        const void *dy, const int64_t *index, void *dx)
{
    memset(dx, 0, (size_t)(outer * n * inner) * cd_dtype_size(dtype));
    if (dtype == CD_F32) scatter_f32(outer, n, inner, k, dy, index, dx);
    if (dtype == CD_F64) scatter_f64(outer, n, inner, k, dy, index, dx);
}
