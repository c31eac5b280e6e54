/* Whether elements of one type are 0, and how many are not.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); WORD, the unsigned integer as wide as TYPE. */
#if !defined TYPE || !defined SUFFIX || !defined WORD
#error "a parameter of reduce_truth_typed.h is missing"
#endif
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

typedef TYPE TYPED(element);
typedef WORD TYPED(state_any);
typedef WORD TYPED(state_all);
typedef uint64_t TYPED(state_count);

/* The state is whether an element is not 0. */
#define STATE     WORD
#define VARIANT   any
#define IDENTITY  0
#define VALUE(x_) (WORD)((x_) != 0)
#define OP        |
#include "core/cpu/reduce_sums_fold_typed.h"

static void TYPED(finish_any)(int64_t columns, const void *states, void *out, void *second,
                              const void *params)
{
    const WORD *found = states;
    uint8_t *result = out;
    (void)second, (void)params;
    for (int64_t c = 0; c < columns; c++) result[c] = found[c] != 0;
}

/* The state is whether an element is 0. */
#define VARIANT   all
#define IDENTITY  0
#define VALUE(x_) (WORD)((x_) == 0)
#define OP        |
#include "core/cpu/reduce_sums_fold_typed.h"

static void TYPED(finish_all)(int64_t columns, const void *states, void *out, void *second,
                              const void *params)
{
    const WORD *found = states;
    uint8_t *result = out;
    (void)second, (void)params;
    for (int64_t c = 0; c < columns; c++) result[c] = found[c] == 0;
}

#undef STATE
#define STATE     uint64_t
#define VARIANT   count
#define IDENTITY  0
#define VALUE(x_) (STATE)((x_) != 0)
#define OP        +
#include "core/cpu/reduce_sums_fold_typed.h"

static void TYPED(finish_count)(int64_t columns, const void *states, void *out, void *second,
                                const void *params)
{
    (void)second, (void)params;
    memcpy(out, states, (size_t)columns * sizeof(STATE));
}

#undef TYPE
#undef SUFFIX
#undef WORD
#undef STATE
