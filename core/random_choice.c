/* Random choices with given probabilities, by the algorithms of PyTorch 2.15
 * (ATen/native/Distributions.cpp and cpu/MultinomialKernel.cpp), so that the choices are
 * PyTorch's. */
#include "core/random_internal.h"

#include <math.h>

#include "core/cpu/typed_internal.h"
#include "core/dtype_internal.h"

/* One row with replacement: the first index whose sum of probabilities so far, divided by the whole
 * sum, is no less than a uniform number. Rounding must not leave the last sum below 1. */
#define CHOOSE(suffix_, type_)                                                                     \
    static void choose_##suffix_(cd_generator_state *state, int64_t n, const void *p_,             \
                                 int64_t samples, int64_t *out, void *sums_)                       \
    {                                                                                              \
        const type_ *p = p_;                                                                       \
        type_ *sums = sums_, sum = 0;                                                              \
        for (int64_t i = 0; i < n; i++) sums[i] = sum += p[i];                                     \
        for (int64_t i = 0; i < n; i++) sums[i] /= sum;                                            \
        sums[n - 1] = 1;                                                                           \
        for (int64_t k = 0; k < samples; k++) {                                                    \
            const double u = cd_random_f64(state);                                                 \
            int64_t low = 0, high = n;                                                             \
            while (low < high) {                                                                   \
                const int64_t middle = low + (high - low) / 2;                                     \
                if ((double)sums[middle] < u) {                                                    \
                    low = middle + 1;                                                              \
                } else {                                                                           \
                    high = middle;                                                                 \
                }                                                                                  \
            }                                                                                      \
            out[k] = low < n ? low : n - 1;                                                        \
        }                                                                                          \
    }
CHOOSE(f32, float)
CHOOSE(f64, double)

void cd_random_choose(cd_generator_state *state, cd_dtype dtype, int64_t rows, int64_t n,
                      const void *p, int64_t samples, int64_t *out, void *sums)
{
    typedef void choose(cd_generator_state *, int64_t, const void *, int64_t, int64_t *, void *);
    static choose *const of[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(choose) };
    const char *row = p;
    const size_t bytes = (size_t)n * cd_dtype_size(dtype);
    for (int64_t i = 0; i < rows; i++, row += bytes) {
        of[dtype](state, n, row, samples, out + i * samples, sums);
    }
}

/* -log1p(-u) has an exponential distribution. */
#define RACE(suffix_, type_)                                                                       \
    static void race_##suffix_(int64_t n, const void *p_, const double *uniform, void *score_)     \
    {                                                                                              \
        const type_ *p = p_;                                                                       \
        type_ *score = score_;                                                                     \
        for (int64_t i = 0; i < n; i++) score[i] = p[i] / (type_)-log1p(-uniform[i]);              \
    }
RACE(f32, float)
RACE(f64, double)

void cd_random_race(cd_dtype dtype, int64_t n, const void *p, const double *uniform, void *score)
{
    typedef void race(int64_t, const void *, const double *, void *);
    static race *const of[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(race) };
    of[dtype](n, p, uniform, score);
}

/* The first element that is no probability, even one that is not normalized; or with *all_zero the
 * first row of nothing but 0; or -1. The loop over a row has no branch, and is one of vector
 * instructions. */
#define FIRST_BAD(suffix_, type_)                                                                  \
    static int64_t first_bad_##suffix_(int64_t rows, int64_t n, const void *p_, bool *all_zero)    \
    {                                                                                              \
        const type_ *p = p_;                                                                       \
        int64_t empty = -1;                                                                        \
        for (int64_t i = 0; i < rows; i++, p += n) {                                               \
            int good = 1, some = 0;                                                                \
            for (int64_t k = 0; k < n; k++) {                                                      \
                good &= (p[k] >= 0) & (p[k] < (type_)INFINITY);                                    \
                some |= p[k] > 0;                                                                  \
            }                                                                                      \
            for (int64_t k = 0; k < n && !good; k++) {                                             \
                if (!(p[k] >= 0 && p[k] < (type_)INFINITY)) return i * n + k;                      \
            }                                                                                      \
            if (!some && empty < 0) empty = i;                                                     \
        }                                                                                          \
        *all_zero = empty >= 0;                                                                    \
        return empty;                                                                              \
    }
FIRST_BAD(f32, float)
FIRST_BAD(f64, double)

int64_t cd_random_first_bad(cd_dtype dtype, int64_t rows, int64_t n, const void *p, bool *all_zero)
{
    typedef int64_t first_bad(int64_t, int64_t, const void *, bool *);
    static first_bad *const of[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(first_bad) };
    *all_zero = false;
    return of[dtype](rows, n, p, all_zero);
}
