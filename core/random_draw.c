/* Random numbers for tensors of any strides, in the order of PyTorch's TensorIterator (2.15): by
 * address, whatever the order of the dimensions. */
#include <string.h>

#include "core/random_internal.h"

/* --- the order -------------------------------------------------------------------------------- */

/* Below 0 if dimension i belongs inside dimension j, above 0 if outside, 0 if undecided. The
 * smaller stride belongs inside; of equal strides the smaller size. Strides of 0 decide nothing. */
static int compare(const cd_layout *t, int i, int j)
{
    int64_t stride_i = t->stride[i], stride_j = t->stride[j];
    if (stride_i == 0 || stride_j == 0) return 0;
    if (stride_i != stride_j) return stride_i < stride_j ? -1 : 1;
    return t->shape.dim[i] > t->shape.dim[j] ? 1 : 0;
}

/* The dimensions from the innermost to the outermost. This must be PyTorch's insertion sort: where
 * strides of 0 leave the order undecided, it depends on the algorithm. */
static void sort_dimensions(const cd_layout *t, int *order)
{
    for (int k = 0; k < t->shape.ndim; k++) {
        order[k] = t->shape.ndim - 1 - k;
        int j = k;
        for (int i = k - 1; i >= 0; i--) {
            int result = compare(t, order[i], order[j]);
            if (result < 0) break;
            if (result == 0) continue;
            int outer = order[i];
            order[i] = order[j];
            order[j] = outer;
            j = i;
        }
    }
}

/* Whether the order is row by row: the last dimension innermost, and so on. Sizes of 1 do not
 * matter. */
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

/* n contiguous elements, each independent of n: in contrast to cd_random_normal. */
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

/* n elements, `stride` bytes apart. */
static void draw_strided(cd_generator_state *state, const cd_draw *draw, cd_dtype dtype, char *out,
                         int64_t stride, int64_t n)
{
    enum { PIECE = 64 };
    size_t size = cd_dtype_size(dtype);
    double piece[PIECE]; /* room for any dtype */
    for (int64_t done = 0; done < n; done += PIECE) {
        int64_t count = n - done < PIECE ? n - done : PIECE;
        draw_single(state, draw, dtype, piece, count);
        for (int64_t i = 0; i < count; i++) {
            memcpy(out + (done + i) * stride, (const char *)piece + (size_t)i * size, size);
        }
    }
}

/* All elements, dimension order[0] innermost. */
static void draw_in_order(cd_generator_state *state, const cd_draw *draw, const cd_array *to,
                          const int *order)
{
    const cd_layout *t = to->layout;
    int64_t index[CD_MAX_DIMS] = { 0 }, size = (int64_t)cd_dtype_size(t->dtype);
    int inner = order[0], outer = 0;
    char *out = to->data;
    while (outer < t->shape.ndim) {
        draw_strided(state, draw, t->dtype, out, t->stride[inner] * size, t->shape.dim[inner]);
        for (outer = 1; outer < t->shape.ndim; outer++) {
            int d = order[outer];
            out += t->stride[d] * size;
            if (++index[d] < t->shape.dim[d]) break;
            out -= t->shape.dim[d] * t->stride[d] * size;
            index[d] = 0;
        }
    }
}

void cd_draw_into(cd_generator_state *state, const cd_draw *draw, const cd_array *to,
                  const cd_layout *like)
{
    int order[CD_MAX_DIMS];
    const cd_layout *t = to->layout;
    sort_dimensions(like, order);
    if (t->numel == 0) return;
    if (!t->contiguous || !is_row_by_row(like, order)) {
        draw_in_order(state, draw, to, order);
    } else if (draw->kind == CD_DRAW_NORMAL) {
        (void)cd_random_normal(state, t->dtype, to->data, t->numel, draw->a, draw->b);
    } else {
        draw_single(state, draw, t->dtype, to->data, t->numel);
    }
}
