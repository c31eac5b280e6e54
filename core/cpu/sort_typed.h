/* The sorting of one row, for one element type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); KEY, the unsigned type of the keys that
 * keys_internal.h gives to these elements, which must have room for an index too.
 *
 * A row becomes records of a key and an index. Short rows are sorted by insertion; others byte by
 * byte, from the lowest to the highest. Both leave equal keys in the order of their indices. */
#if !defined TYPE || !defined SUFFIX || !defined KEY
#error "a parameter of sort_typed.h is missing"
#endif
#include "core/cpu/typed_internal.h"

typedef struct TYPED(record) {
    KEY key, index;
} TYPED(record);

static void TYPED(insertion_sort)(TYPED(record) * r, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        const TYPED(record) item = r[i];
        int64_t at = i;
        for (; at > 0 && r[at - 1].key > item.key; at--) r[at] = r[at - 1];
        r[at] = item;
    }
}

/* Sorts, and returns where the result is: in `from` or in `to`. A byte that is the same in all keys
 * is skipped. */
static TYPED(record) * TYPED(radix_sort)(TYPED(record) * from, TYPED(record) * to, int64_t n)
{
    size_t count[sizeof(KEY)][256];
    memset(count, 0, sizeof count);
    for (int64_t i = 0; i < n; i++) {
        for (size_t b = 0; b < sizeof(KEY); b++) count[b][from[i].key >> 8 * b & 255]++;
    }
    for (size_t b = 0; b < sizeof(KEY); b++) {
        if (count[b][from[0].key >> 8 * b & 255] == (size_t)n) continue;
        sort_begins(count[b]);
        for (int64_t i = 0; i < n; i++) to[count[b][from[i].key >> 8 * b & 255]++] = from[i];
        TYPED(record) *const swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* The elements of the row are `step` elements apart, in the input as in both outputs. `scratch` has
 * room for 2 n records. */
static void TYPED(sort)(int64_t n, int64_t step, bool descending, const void *row, void *values,
                        int64_t *indices, void *scratch)
{
    const TYPE *x = row;
    TYPE *out = values;
    TYPED(record) *r = scratch;
    const KEY inverted = descending ? (KEY)-1 : 0;
    for (int64_t i = 0; i < n; i++) {
        r[i].key = CD_CPU_GLUE(cd_key, SUFFIX)(x[i * step]) ^ inverted;
        r[i].index = (KEY)i;
    }
    if (n <= SORT_SHORT) {
        TYPED(insertion_sort)(r, n);
    } else {
        r = TYPED(radix_sort)(r, r + n, n);
    }
    for (int64_t i = 0; i < n; i++) {
        indices[i * step] = (int64_t)r[i].index;
        out[i * step] = x[(int64_t)r[i].index * step];
    }
}

#undef TYPE
#undef SUFFIX
#undef KEY
