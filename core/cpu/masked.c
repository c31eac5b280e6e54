/* Elements chosen by a mask. */
#include "core/cpu/masked_internal.h"

#include "core/cpu/typed_internal.h"

int64_t cd_cpu_mask_count(const uint8_t *mask, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += mask[i] != 0;
    return count;
}

/* For an element of so many bytes: only its size counts, so that floats are moved as integers. Both
 * loops end at the last chosen element. select writes every element and advances past the chosen
 * ones only, which is faster than a branch that the processor cannot predict. */
#define MASKED(bytes_, type_)                                                                      \
    static void select_##bytes_(const uint8_t *mask, int64_t count, const void *in, void *out)     \
    {                                                                                              \
        const type_ *x = in;                                                                       \
        type_ *y = out;                                                                            \
        for (int64_t i = 0, chosen = 0; chosen < count; i++) {                                     \
            y[chosen] = x[i];                                                                      \
            chosen += mask[i] != 0;                                                                \
        }                                                                                          \
    }                                                                                              \
    static void scatter_##bytes_(const uint8_t *mask, int64_t count, const void *in, void *out)    \
    {                                                                                              \
        const type_ *source = in;                                                                  \
        type_ *y = out;                                                                            \
        for (int64_t i = 0, chosen = 0; chosen < count; i++) {                                     \
            y[i] = mask[i] ? source[chosen] : y[i];                                                \
            chosen += mask[i] != 0;                                                                \
        }                                                                                          \
    }
MASKED(8, uint64_t)
MASKED(4, uint32_t)
MASKED(1, uint8_t)

typedef void masked_function(const uint8_t *mask, int64_t count, const void *in, void *out);
static masked_function *const select_of[CD_DTYPE_COUNT] = { CD_CPU_SIZES(select) };
static masked_function *const scatter_of[CD_DTYPE_COUNT] = { CD_CPU_SIZES(scatter) };

void cd_cpu_masked_select(cd_dtype dtype, const uint8_t *mask, int64_t count, const void *x,
                          void *y)
{
    select_of[dtype](mask, count, x, y);
}

void cd_cpu_masked_scatter(cd_dtype dtype, const uint8_t *mask, int64_t count, const void *source,
                           void *y)
{
    scatter_of[dtype](mask, count, source, y);
}

void cd_cpu_nonzero(const uint8_t *mask, int64_t count, cd_shape shape, int64_t *y)
{
    for (int64_t i = 0, chosen = 0; chosen < count; i++) {
        if (!mask[i]) continue;
        int64_t rest = i;
        for (int d = shape.ndim - 1; d > 0; d--) {
            y[chosen * shape.ndim + d] = rest % shape.dim[d];
            rest /= shape.dim[d];
        }
        if (shape.ndim > 0) y[chosen * shape.ndim] = rest;
        chosen++;
    }
}
