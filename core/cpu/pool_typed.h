/* Averages of one plane and the gradients of pooling, for one floating type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of pool_typed.h is missing"
#endif
#include <string.h>

#include "core/cpu/pool_window_internal.h"
#include "core/cpu/typed_internal.h"

static void TYPED(max_backward)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    int64_t in = p->height * p->width, out = p->out_h * p->out_w;
    TYPE *dx = (TYPE *)t->to + plane * in;
    memset(dx, 0, (size_t)in * sizeof(TYPE));
    for (int64_t i = plane * out; i < (plane + 1) * out; i++) {
        dx[t->given_indices[i]] += ((const TYPE *)t->from)[i];
    }
}

static void TYPED(unpool)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const int64_t in = p->height * p->width, out = p->out_h * p->out_w;
    TYPE *y = (TYPE *)t->to + plane * in;
    memset(y, 0, (size_t)in * sizeof(TYPE));
    for (int64_t i = plane * out; i < (plane + 1) * out; i++) {
        y[t->given_indices[i]] = ((const TYPE *)t->from)[i];
    }
}

/* Sums in double. A window that has no element of the image gives 0. */
static void TYPED(average)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const TYPE *x = (const TYPE *)t->from + plane * p->height * p->width;
    TYPE *y = (TYPE *)t->to + plane * p->out_h * p->out_w;
    for (int64_t i = 0; i < p->out_h; i++) {
        cd_pool_span rows = cd_pool_task_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++) {
            cd_pool_span columns = cd_pool_task_columns(t, j);
            double sum = 0;
            for (int64_t h = rows.first; h < rows.end; h++) {
                for (int64_t w = columns.first; w < columns.end; w++) {
                    sum += (double)x[h * p->width + w];
                }
            }
            bool empty = rows.first >= rows.end || columns.first >= columns.end;
            *y++ = empty ? 0 : (TYPE)(sum / (double)cd_pool_divisor(t, rows, columns));
        }
    }
}

static void TYPED(average_backward)(const cd_pool_task *t, int64_t plane)
{
    const cd_pool2d_sizes *p = t->pool;
    const TYPE *dy = (const TYPE *)t->from + plane * p->out_h * p->out_w;
    TYPE *dx = (TYPE *)t->to + plane * p->height * p->width;
    memset(dx, 0, (size_t)(p->height * p->width) * sizeof(TYPE));
    for (int64_t i = 0; i < p->out_h; i++) {
        cd_pool_span rows = cd_pool_task_rows(t, i);
        for (int64_t j = 0; j < p->out_w; j++) {
            cd_pool_span columns = cd_pool_task_columns(t, j);
            TYPE share = (TYPE)((double)*dy++ / (double)cd_pool_divisor(t, rows, columns));
            for (int64_t h = rows.first; h < rows.end; h++) {
                for (int64_t w = columns.first; w < columns.end; w++) dx[h * p->width + w] += share;
            }
        }
    }
}

#undef TYPE
#undef SUFFIX
