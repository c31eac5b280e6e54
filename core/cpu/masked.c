#include "core/cpu/masked_internal.h"

int64_t cd_cpu_mask_count(const uint8_t *mask, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += mask[i] != 0;
    return count;
}

/* Only the size of an element counts, so floats travel as integers. Both loops end at the last
 * element that is chosen. The first writes each element and goes on only from chosen ones, which is
 * faster than a branch that nobody can foresee. */
#define MASKED(suffix_, type_)                                                                     \
    static void select_##suffix_(const uint8_t *mask, int64_t count, const type_ *x, type_ *y)     \
    {                                                                                              \
        for (int64_t i = 0, chosen = 0; chosen < count; i++) {                                     \
            y[chosen] = x[i];                                                                      \
            chosen += mask[i] != 0;                                                                \
        }                                                                                          \
    }                                                                                              \
    static void scatter_##suffix_(const uint8_t *mask, int64_t count, const type_ *source,         \
                                  type_ *y)                                                        \
    {                                                                                              \
        for (int64_t i = 0, chosen = 0; chosen < count; i++) {                                     \
            y[i] = mask[i] ? source[chosen] : y[i];                                                \
            chosen += mask[i] != 0;                                                                \
        }                                                                                          \
    }
MASKED(8, uint64_t)
MASKED(4, uint32_t)
MASKED(1, uint8_t)

void cd_cpu_masked_select(cd_dtype dtype, const uint8_t *mask, int64_t count, const void *x,
                          void *y)
{
    switch (cd_dtype_size(dtype)) {
    case 8:
        select_8(mask, count, x, y);
        break;
    case 4:
        select_4(mask, count, x, y);
        break;
    default:
        select_1(mask, count, x, y);
        break;
    }
}

void cd_cpu_masked_scatter(cd_dtype dtype, const uint8_t *mask, int64_t count, const void *source,
                           void *y)
{
    switch (cd_dtype_size(dtype)) {
    case 8:
        scatter_8(mask, count, source, y);
        break;
    case 4:
        scatter_4(mask, count, source, y);
        break;
    default:
        scatter_1(mask, count, source, y);
        break;
    }
}
