/* Maxima of the windows of one plane, for one type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h); LOWEST, the least number of the type; and
 * IS_NAN(x_), whether x_ is NaN. */
#if !defined TYPE || !defined SUFFIX || !defined LOWEST || !defined IS_NAN
#error "a parameter of pool_max_typed.h is missing"
#endif
#include "core/cpu/pool_window_internal.h"
#include "core/cpu/typed_internal.h"

/* The maximum of one window and its index in the plane. cd_cpu_max_pool2d says which of equal
 * elements and which of several NaN is taken. */
static inline TYPE TYPED(window_max)(const cd_pool2d_sizes *p, const TYPE *x, cd_pool_span rows,
                                     cd_pool_span columns, int64_t *index)
{
    TYPE best = LOWEST;
    /* With dilation and padding a window may have no element in a small image. */
    int64_t best_index =
        cd_smaller(rows.first, p->height - 1) * p->width + cd_smaller(columns.first, p->width - 1);
    /* A step as long as the image leaves it, and does not overflow as a longer one may. */
    const int64_t step_h = cd_smaller(p->dilation_h, p->height);
    const int64_t step_w = cd_smaller(p->dilation_w, p->width);
    for (int64_t h = rows.first; h < rows.end; h += step_h) {
        for (int64_t w = columns.first; w < columns.end; w += step_w) {
            TYPE value = x[h * p->width + w];
            if (value > best || IS_NAN(value)) {
                best = value;
                best_index = h * p->width + w;
            }
        }
    }
    *index = best_index;
    return best;
}

static void TYPED(max)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const TYPE *x = (const TYPE *)t->from + plane * p->height * p->width;
    int64_t out = plane * p->out_h * p->out_w, index;
    for (int64_t i = 0; i < p->out_h; i++) {
        cd_pool_span rows = cd_pool_task_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++, out++) {
            ((TYPE *)t->to)[out] =
                TYPED(window_max)(p, x, rows, cd_pool_task_columns(t, j), &index);
            if (t->indices) t->indices[out] = index;
        }
    }
}

#undef TYPE
#undef SUFFIX
#undef LOWEST
#undef IS_NAN
