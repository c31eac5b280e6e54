/* Counting numbers by equal parts of a range. Each piece counts for itself, and the counts are
 * added at the end. */
#include "core/cpu/histogram_internal.h"

#include <math.h>
#include <string.h>

#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

enum { PIECE = 32768, MOST_PIECES = 16 };

typedef struct task task;
typedef void count_function(const task *t, int64_t from, int64_t to, int64_t *counts);

struct task {
    count_function *count;
    const void *x;
    int64_t n, bins, pieces;
    double low, high;
    int64_t *counts;
};

/* The part is computed in the dtype, by the operations that PyTorch uses, so that an element at a
 * boundary counts where it does there. A range that is too wide for the dtype counts nothing. */
#define COUNT(suffix_, type_)                                                                      \
    static void count_##suffix_(const task *t, int64_t from, int64_t to, int64_t *counts)          \
    {                                                                                              \
        const type_ *x = t->x;                                                                     \
        const type_ low = (type_)t->low, high = (type_)t->high, range = high - low;                \
        if (isinf(range)) return;                                                                  \
        for (int64_t i = from; i < to; i++) {                                                      \
            if (!(x[i] >= low && x[i] <= high)) continue;                                          \
            const type_ scaled = (x[i] - low) * (type_)t->bins;                                    \
            const type_ part = scaled / range;                                                     \
            if (part >= 0) counts[part < (type_)t->bins ? (int64_t)part : t->bins - 1]++;          \
        }                                                                                          \
    }                                                                                              \
    static void store_##suffix_(const int64_t *counts, int64_t bins, void *y)                      \
    {                                                                                              \
        for (int64_t i = 0; i < bins; i++) ((type_ *)y)[i] = (type_)counts[i];                     \
    }
COUNT(f32, float)
COUNT(f64, double)

int64_t cd_cpu_histogram_pieces(int64_t n, int64_t bins)
{
    const int64_t most = n / cd_larger(bins, PIECE);
    return most < 1 ? 1 : most > MOST_PIECES ? MOST_PIECES : most;
}

static void count_piece(int64_t number, void *context)
{
    const task *t = context;
    const int64_t each = t->n / t->pieces, from = number * each;
    const int64_t to = number + 1 == t->pieces ? t->n : from + each;
    t->count(t, from, to, t->counts + number * t->bins);
}

void cd_cpu_histogram(cd_dtype dtype, int64_t n, const void *x, double low, double high,
                      int64_t bins, int64_t *counts, void *y)
{
    typedef void store_function(const int64_t *, int64_t, void *);
    static count_function *const count[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(count) };
    static store_function *const store[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(store) };
    task t = { .count = count[dtype],
               .x = x,
               .n = n,
               .bins = bins,
               .pieces = cd_cpu_histogram_pieces(n, bins),
               .low = low,
               .high = high,
               .counts = counts };
    memset(counts, 0, (size_t)(t.pieces * bins) * sizeof *counts);
    cd_parallel(t.pieces, count_piece, &t);
    for (int64_t k = 1; k < t.pieces; k++) {
        for (int64_t i = 0; i < bins; i++) counts[i] += counts[k * bins + i];
    }
    store[dtype](counts, bins, y);
}
