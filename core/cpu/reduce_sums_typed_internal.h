/* Included once per type, with TYPE of the elements, STATE they are added in, RESULT, and NAME(x)
 * that puts the type's suffix on x; with FLOATING also what only floating types have. */

typedef TYPE NAME(element);
typedef STATE NAME(state);
typedef RESULT NAME(result);

static void NAME(finish)(int64_t columns, const void *states, void *out, int64_t *indices)
{
    const STATE *state = states;
    RESULT *result = out;
    (void)indices;
    for (int64_t c = 0; c < columns; c++) result[c] = (RESULT)state[c];
}

#define KIND(x_)  NAME(sum_##x_)
#define NEUTRAL   0
#define VALUE(x_) (STATE)(x_)
#define OP        +
#include "core/cpu/reduce_op_typed_internal.h"

#define KIND(x_)  NAME(prod_##x_)
#define NEUTRAL   1
#define VALUE(x_) (STATE)(x_)
#define OP        *
#include "core/cpu/reduce_op_typed_internal.h"

#ifdef FLOATING
static void NAME(finish_norm)(int64_t columns, const void *states, void *out, int64_t *indices)
{
    const STATE *state = states;
    RESULT *result = out;
    (void)indices;
    for (int64_t c = 0; c < columns; c++) result[c] = (RESULT)sqrt(state[c]);
}

#define KIND(x_)  NAME(norm_##x_)
#define NEUTRAL   0
#define VALUE(x_) ((STATE)(x_) * (STATE)(x_))
#define OP        +
#include "core/cpu/reduce_op_typed_internal.h"
#endif

#undef TYPE
#undef STATE
#undef RESULT
#undef NAME
