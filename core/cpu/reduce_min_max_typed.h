/* Maximum and minimum of one element type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); LOWEST and HIGHEST, the least and the largest
 * value of TYPE; IS_NAN(x), which is false for integers.
 *
 * A NaN wins over every number, and nothing wins over a NaN. */
#if !defined TYPE || !defined SUFFIX || !defined LOWEST || !defined HIGHEST || !defined IS_NAN
#error "a parameter of reduce_min_max_typed.h is missing"
#endif
#include <string.h>

#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

typedef TYPE TYPED(element);

/* Candidates side by side, which are joined by halves. More than 16: gcc unrolls shorter loops
 * before it can see that they are vector code. */
enum { TYPED(lanes) = 32 };

/* The state of a maximum or minimum with its index, which is -1 before the first element. The state
 * without an index is the value alone. */
typedef struct TYPED(indexed) {
    TYPE value;
    int64_t index;
} TYPED(indexed);

static void TYPED(finish)(int64_t columns, const void *states, void *out, void *second,
                          const void *params)
{
    (void)second, (void)params;
    memcpy(out, states, (size_t)columns * sizeof(TYPE));
}

static void TYPED(start_indexed)(int64_t columns, void *states)
{
    TYPED(indexed) *best = states;
    for (int64_t c = 0; c < columns; c++) best[c] = (TYPED(indexed)){ .index = -1 };
}

static void TYPED(finish_indexed)(int64_t columns, const void *states, void *out, void *second,
                                  const void *params)
{
    const TYPED(indexed) *best = states;
    TYPE *values = out;
    int64_t *indices = second;
    (void)params;
    for (int64_t c = 0; values && c < columns; c++) values[c] = best[c].value;
    for (int64_t c = 0; indices && c < columns; c++) indices[c] = best[c].index;
}

#define VARIANT       max
#define BEATS(x_, m_) ((x_) > (m_))
#define HOLDS(m_, x_) ((m_) >= (x_))
#define WORST         LOWEST
#include "core/cpu/reduce_min_max_fold_typed.h"

#define VARIANT       min
#define BEATS(x_, m_) ((x_) < (m_))
#define HOLDS(m_, x_) ((m_) <= (x_))
#define WORST         HIGHEST
#include "core/cpu/reduce_min_max_fold_typed.h"

#undef TYPE
#undef SUFFIX
#undef LOWEST
#undef HIGHEST
#undef IS_NAN
