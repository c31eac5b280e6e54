/* Variances and means for one instruction set: the folds that reduce.c runs. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/typed_internal.h"

/* Columns whose states are taken apart, so that sums stand side by side. */
enum { CD_MOMENTS_COLUMNS = 512 };

/* The state of one output: how many elements, their sum, and the squares of their deviations from
 * the mean. */
typedef struct cd_moments {
    double sum, squares, count;
} cd_moments;

/* The sum of sixteen partial sums, by halves. */
static double cd_moments_joined(double *part)
{
    for (int width = 8; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) part[j] += part[j + width];
    }
    return part[0];
}

/* `later`, of at least one element, goes into the state. */
static void cd_moments_join(cd_moments *state, const cd_moments *later)
{
    if (state->count == 0) {
        *state = *later;
        return;
    }
    const double count = state->count + later->count;
    const double d = later->sum / later->count - state->sum / state->count;
    state->squares += later->squares + d * d * (state->count * later->count / count);
    state->sum += later->sum;
    state->count = count;
}

static void start_moments(int64_t columns, void *states)
{
    cd_moments *state = states;
    for (int64_t c = 0; c < columns; c++) state[c] = (cd_moments){ 0 };
}

static void join_moments(int64_t columns, void *states, const void *later)
{
    const cd_moments *more = later;
    for (int64_t c = 0; c < columns; c++) {
        if (more[c].count > 0) cd_moments_join((cd_moments *)states + c, &more[c]);
    }
}

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/reduce_moments_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/reduce_moments_typed.h"

#define FOLD(kind_, suffix_)                                                                       \
    {                                                                                              \
        .element = sizeof(element_##suffix_), .state = sizeof(cd_moments),                         \
        .result = sizeof(element_##suffix_), .second = sizeof(element_##suffix_),                  \
        .start = start_##kind_, .fold = fold_##kind_##_##suffix_, .join = join_##kind_,            \
        .finish = finish_##kind_##_##suffix_                                                       \
    }

const struct cd_cpu_moments_table CD_CPU_TABLE(moments) = { { CD_CPU_FLOATS_AS(FOLD, moments) } };
