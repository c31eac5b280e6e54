/* Random numbers for tensors: in the order of PyTorch's TensorIterator (2.15), which walks memory
 * from its beginning to its end, whatever the dimensions are called. */
#include <string.h>

#include "core/random_internal.h"

/* --- the order -------------------------------------------------------------------------------- */

/* Below 0 where dimension i belongs inside of j, above 0 where it belongs outside, 0 where nothing
 * says: the smaller step goes inside, of equal ones the smaller size; a step of 0 is none. */
static int compare(const cd_layout *t, int i, int j)
{
    int64_t step_i = t->stride[i], step_j = t->stride[j];
    if (step_i == 0 || step_j == 0) return 0;
    if (step_i != step_j) return step_i < step_j ? -1 : 1;
    return t->shape.dim[i] > t->shape.dim[j] ? 1 : 0;
}

/* Dimensions from the innermost to the outermost. An insertion sort, as PyTorch's is: where steps
 * of 0 leave the order open, the way of sorting decides. */
static void order_of_memory(const cd_layout *t, int *order)
{
    for (int k = 0; k < t->shape.ndim; k++) {
        order[k] = t->shape.ndim - 1 - k;
        int at = k;
        for (int i = k - 1; i >= 0; i--) {
            int found = compare(t, order[i], order[at]);
            if (found < 0) break;
            if (found == 0) continue;
            int moved = order[i];
            order[i] = order[at];
            order[at] = moved;
            at = i;
        }
    }
}

/* The order is row by row: the last dimension inside, not counting sizes of 1. */
static bool is_row_by_row(const cd_layout *t, const int *order)
{
    int inner = t->shape.ndim;
    for (int k = 0; k < t->shape.ndim; k++) {
        if (t->shape.dim[order[k]] == 1) continue;
        if (order[k] > inner) return false;
        inner = order[k];
    }
    return true;
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_single(cd_generator_state *state, const cd_draw *draw, cd_dtype dtype, void *out,
                        int64_t n)
{
    switch (draw->kind) {
    case CD_DRAW_UNIFORM:
        (void)cd_random_uniform(state, dtype, out, n, draw->a, draw->b);
        break;
    case CD_DRAW_NORMAL:
        (void)cd_random_normal_single(state, dtype, out, n, draw->a, draw->b);
        break;
    case CD_DRAW_BERNOULLI:
        (void)cd_random_bernoulli(state, dtype, out, n, draw->a);
        break;
    }
}

/* n elements that lie `step` bytes apart. */
static void draw_run(cd_generator_state *state, const cd_draw *draw, cd_dtype dtype, char *out,
                     int64_t step, int64_t n)
{
    enum { PIECE = 64 };
    size_t size = cd_dtype_size(dtype);
    double piece[PIECE]; /* room for any dtype */
    for (int64_t done = 0; done < n; done += PIECE) {
        int64_t count = n - done < PIECE ? n - done : PIECE;
        draw_single(state, draw, dtype, piece, count);
        for (int64_t i = 0; i < count; i++) {
            memcpy(out + (done + i) * step, (const char *)piece + (size_t)i * size, size);
        }
    }
}

static void draw_in_order(cd_generator_state *state, const cd_draw *draw, const cd_argument *to,
                          const int *order)
{
    const cd_layout *t = to->layout;
    int64_t at[CD_MAX_DIMS] = { 0 }, size = (int64_t)cd_dtype_size(t->dtype);
    int inner = order[0], outer = 0;
    char *out = to->data;
    while (outer < t->shape.ndim) {
        draw_run(state, draw, t->dtype, out, t->stride[inner] * size, t->shape.dim[inner]);
        for (outer = 1; outer < t->shape.ndim; outer++) {
            int d = order[outer];
            out += t->stride[d] * size;
            if (++at[d] < t->shape.dim[d]) break;
            out -= t->shape.dim[d] * t->stride[d] * size;
            at[d] = 0;
        }
    }
}

void cd_draw_into(cd_generator_state *state, const cd_draw *draw, const cd_argument *to,
                  const cd_layout *like)
{
    int order[CD_MAX_DIMS];
    const cd_layout *t = to->layout;
    order_of_memory(like, order);
    if (t->numel == 0) return;
    if (!t->contiguous || !is_row_by_row(like, order)) {
        draw_in_order(state, draw, to, order);
    } else if (draw->kind == CD_DRAW_NORMAL) {
        (void)cd_random_normal(state, t->dtype, to->data, t->numel, draw->a, draw->b);
    } else {
        draw_single(state, draw, t->dtype, to->data, t->numel);
    }
}
