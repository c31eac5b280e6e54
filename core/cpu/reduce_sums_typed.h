/* Sum, product and norm of one element type: what a state is, and how it becomes the result.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); STATE, the type in which elements are added;
 * GROUP, the type in which a sum adds four elements before they become a state;
 * RESULT, the type of the result; HAS_NORM, 1 or 0. */
#if !defined TYPE || !defined SUFFIX || !defined STATE || !defined GROUP || !defined RESULT ||     \
    !defined HAS_NORM
#error "a parameter of reduce_sums_typed.h is missing"
#endif
#include <math.h>

#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

typedef TYPE TYPED(element);
typedef STATE TYPED(state);
typedef RESULT TYPED(result);

static void TYPED(finish)(int64_t columns, const void *states, void *out, void *second,
                          const void *params)
{
    const STATE *state = states;
    RESULT *result = out;
    (void)second, (void)params;
    for (int64_t c = 0; c < columns; c++) result[c] = (RESULT)state[c];
}

#define VARIANT   sum
#define IDENTITY  0
#define VALUE(x_) (GROUP)(x_)
#define OP        +
#include "core/cpu/reduce_sums_fold_typed.h"

#define VARIANT   prod
#define IDENTITY  1
#define VALUE(x_) (STATE)(x_)
#define OP        *
#include "core/cpu/reduce_sums_fold_typed.h"

#if HAS_NORM
static void TYPED(finish_norm)(int64_t columns, const void *states, void *out, void *second,
                               const void *params)
{
    const STATE *state = states;
    RESULT *result = out;
    (void)second, (void)params;
    for (int64_t c = 0; c < columns; c++) result[c] = (RESULT)sqrt(state[c]);
}

#define VARIANT   nansum
#define IDENTITY  0
#define VALUE(x_) (GROUP)((x_) == (x_) ? (x_) : 0)
#define OP        +
#include "core/cpu/reduce_sums_fold_typed.h"

#define VARIANT   norm
#define IDENTITY  0
#define VALUE(x_) ((STATE)(x_) * (STATE)(x_))
#define OP        +
#include "core/cpu/reduce_sums_fold_typed.h"
#endif

#undef TYPE
#undef SUFFIX
#undef STATE
#undef GROUP
#undef RESULT
#undef HAS_NORM
