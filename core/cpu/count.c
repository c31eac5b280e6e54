/* Counting integers. One thread does it: the sums of weights depend on their order. */
#include "core/cpu/count_internal.h"

#include <string.h>

#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"

typedef void count_function(const int64_t *x, int64_t n, const void *weights, void *out);

#define COUNT(suffix_, type_)                                                                      \
    static void count_##suffix_(const int64_t *x, int64_t n, const void *weights, void *out)       \
    {                                                                                              \
        const type_ *w = weights;                                                                  \
        type_ *y = out;                                                                            \
        for (int64_t i = 0; i < n; i++) y[x[i]] += w ? w[i] : 1;                                   \
    }
COUNT(f32, float)
COUNT(f64, double)
COUNT(i64, int64_t)

static count_function *const counts[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(count), [CD_I64] =
                                                                                  count_i64 };

int64_t cd_cpu_largest(const int64_t *x, int64_t n)
{
    int64_t largest = -1;
    for (int64_t i = 0; i < n; i++) largest = cd_larger(largest, x[i]);
    return largest;
}

void cd_cpu_count(cd_dtype dtype, const int64_t *x, int64_t n, const void *weights, int64_t bins,
                  void *out)
{
    if (bins > 0) memset(out, 0, (size_t)bins * cd_dtype_size(dtype));
    counts[dtype](x, n, weights, out);
}
