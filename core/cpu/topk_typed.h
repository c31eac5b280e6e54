/* The k largest or smallest elements of one row, for one element type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); IS_NAN(x), which is false for integers.
 *
 * The elements of a row are `step` elements apart, in the input as in both outputs. The output of
 * indices serves as a heap, whose top is the worst of the k best elements so far. Taken off the top
 * one by one, they come into order. */
#if !defined TYPE || !defined SUFFIX || !defined IS_NAN
#error "a parameter of topk_typed.h is missing"
#endif
#include "core/cpu/typed_internal.h"

/* Whether element i comes after element j in the result. */
static inline bool TYPED(worse)(const cd_topk_row *r, int64_t i, int64_t j)
{
    const TYPE *x = r->x;
    const TYPE a = x[i * r->step], b = x[j * r->step];
    const bool a_nan = IS_NAN(a), b_nan = IS_NAN(b);
    if (a_nan || b_nan) return a_nan == b_nan ? i > j : b_nan != r->smallest;
    return a == b ? i > j : (a < b) != r->smallest;
}

/* Puts `item` into the heap of `size` indices at `position`, or below it. */
static inline void TYPED(sink)(const cd_topk_row *r, int64_t size, int64_t position, int64_t item)
{
    const int64_t step = r->step;
    int64_t *heap = r->heap;
    for (int64_t child; (child = 2 * position + 1) < size; position = child) {
        if (child + 1 < size && TYPED(worse)(r, heap[(child + 1) * step], heap[child * step])) {
            child++;
        }
        if (!TYPED(worse)(r, heap[child * step], item)) break;
        heap[position * step] = heap[child * step];
    }
    heap[position * step] = item;
}

static void TYPED(topk)(int64_t n, int64_t k, const cd_topk_row *r)
{
    const cd_topk_row own = *r; /* which no store into the heap can change */
    r = &own;
    const int64_t step = r->step;
    int64_t *heap = r->heap;
    const TYPE *x = r->x;
    TYPE *out = r->values;
    for (int64_t i = 0; i < k; i++) heap[i * step] = i;
    for (int64_t i = k / 2; i-- > 0;) TYPED(sink)(r, k, i, heap[i * step]);
    for (int64_t i = k; i < n; i++) {
        if (TYPED(worse)(r, heap[0], i)) TYPED(sink)(r, k, 0, i);
    }
    for (int64_t last = k; last-- > 1;) {
        const int64_t worst = heap[0], item = heap[last * step];
        TYPED(sink)(r, last, 0, item);
        heap[last * step] = worst;
    }
    for (int64_t i = 0; i < k; i++) out[i * step] = x[heap[i * step] * step];
}

#undef TYPE
#undef SUFFIX
#undef IS_NAN
