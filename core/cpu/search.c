/* Binary search. Values are the pieces of the work. */
#include "core/cpu/search_internal.h"

#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

enum { PIECE = 4 * 1024 }; /* values */

typedef int64_t search_function(const cd_search *s, int64_t row, int64_t i);

/* Where value i belongs in a row that begins at element `row`. The comparisons are false for NaN:
 * the search goes beyond it. */
#define SEARCH(suffix_, type_)                                                                     \
    static int64_t search_##suffix_(const cd_search *s, int64_t row, int64_t i)                    \
    {                                                                                              \
        const type_ *sorted = (const type_ *)s->sorted + row;                                      \
        const type_ value = ((const type_ *)s->values)[i];                                         \
        int64_t low = 0, high = s->n;                                                              \
        while (low < high) {                                                                       \
            const int64_t middle = low + (high - low) / 2;                                         \
            const type_ at = sorted[s->sorter ? s->sorter[row + middle] : middle];                 \
            if (s->right ? !(at > value) : !(at >= value)) {                                       \
                low = middle + 1;                                                                  \
            } else {                                                                               \
                high = middle;                                                                     \
            }                                                                                      \
        }                                                                                          \
        return low;                                                                                \
    }
SEARCH(f32, float)
SEARCH(f64, double)
SEARCH(i64, int64_t)
SEARCH(i32, int32_t)
SEARCH(u8, uint8_t)

static search_function *const searches[CD_DTYPE_COUNT] = { CD_CPU_NUMBERS(search) };

static void run_piece(int64_t piece, void *context)
{
    const cd_search *s = context;
    search_function *const search = searches[s->dtype];
    const int64_t end = cd_smaller((piece + 1) * PIECE, s->count);
    for (int64_t i = piece * PIECE; i < end; i++) {
        const int64_t at = search(s, i / s->each * s->n, i);
        if (s->int32) {
            ((int32_t *)s->out)[i] = (int32_t)at;
        } else {
            ((int64_t *)s->out)[i] = at;
        }
    }
}

void cd_cpu_search(const cd_search *search)
{
    cd_search job = *search;
    cd_parallel(cd_divide_up(job.count, PIECE), run_piece, &job);
}
