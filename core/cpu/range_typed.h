/* arange and linspace of one floating type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); FMA(a, b, c), a * b + c rounded once to TYPE.
 *
 * The values are PyTorch's bit for bit (ATen/native/cpu/RangeFactoriesKernel.cpp, 2.15, as it runs
 * on a processor with AVX2 and FMA), and are therefore computed in its order. */
#if !defined TYPE || !defined SUFFIX || !defined FMA
#error "a parameter of range_typed.h is missing"
#endif
#include <math.h>

#include "core/cpu/range_internal.h"
#include "core/cpu/typed_internal.h"

/* PyTorch takes two vectors at a time: the first number of each vector is computed from the start
 * and rounded, the others from that number. The numbers left over are computed from the start, one
 * by one. */
static void TYPED(arange)(int64_t n, void *y, double start, double step)
{
    enum { VECTOR = 32 / sizeof(TYPE) };
    TYPE *out = y;
    int64_t i = 0;
    for (; i < n - n % (2 * VECTOR); i += VECTOR) {
        TYPE first = (TYPE)fma(step, (double)i, start);
        for (int k = 0; k < VECTOR; k++) out[i + k] = (TYPE)fma(step, k, (double)first);
    }
    for (; i < n; i++) out[i] = (TYPE)fma(step, (double)i, start);
}

/* The first half is computed from the start, the second half from the end. */
static void TYPED(linspace)(int64_t n, void *y, double from, double to)
{
    TYPE *out = y;
    const TYPE start = (TYPE)from, end = (TYPE)to;
    const TYPE step = (end - start) / (TYPE)cd_range_gaps(n);
    for (int64_t i = 0; i < n / 2; i++) out[i] = FMA(step, (TYPE)i, start);
    for (int64_t i = n / 2; i < n; i++) out[i] = FMA(-step, (TYPE)(n - 1 - i), end);
}

#undef TYPE
#undef SUFFIX
#undef FMA
