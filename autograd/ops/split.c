/* split: x cut along a dimension into parts of one size, the last one smaller where they do not
 * come out even, or into parts of given sizes (split_sizes). A list of views, which have one
 * node.
 *
 * Saves nothing. Made of views that slice makes; see families/parts.c. */
#include <limits.h>

#include "autograd/families/parts_internal.h"

#include "core/memory_internal.h"

static void split_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    cd_tensor **all = cd_part_gradients(node, dy);
    if (all) dx[0] = cd_cat((cd_tensors){ all, node->outputs }, a->dim);
    cd_free(all);
}

/* --- parts of one size ------------------------------------------------------------------------ */

/* The number of parts; there is one even if there is nothing to cut. -1 with an error. */
static int count_parts(int64_t size, int64_t whole)
{
    if (size < 0 || (size == 0 && whole > 0)) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "split: the parts cannot have size %lld, of a dimension of size %lld: 1 or "
                      "more",
                      (long long)size, (long long)whole);
        return -1;
    }
    const int64_t count = whole == 0 ? 1 : (whole - 1) / size + 1;
    if (count <= INT_MAX) return (int)count;
    (void)cd_memory_refused(SIZE_MAX);
    return -1;
}

cd_tensors cd_split(cd_tensor *x, int64_t size, int dim)
{
    cd_cut cut = { .size = size > 0 ? size : 1 };
    if (!cd_check_cut("split", x, dim, &cut.dim)) return (cd_tensors){ .count = 0 };
    cut.count = count_parts(size, x->shape.dim[cut.dim]);
    return cut.count < 0 ? (cd_tensors){ .count = 0 } : cd_op_cut(&cd_op_split, x, &cut);
}

const cd_op cd_op_split = {
    .name = "split",
    .grad_fn = "SplitBackward0",
    .like = "torch.split(x, size, dim), torch.split(x, sizes, dim)",
    .formula = "y[k] = x[k size : (k + 1) size] along one dimension; views",
    .gradient = "dx = the dy[k] joined, 0 for a part without gradient",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .backward = split_backward,
};

/* --- parts of given sizes --------------------------------------------------------------------- */

static bool check_sizes(cd_sizes sizes, const cd_tensor *x, int dim)
{
    char text[CD_SHAPE_TEXT];
    int64_t sum = 0;
    if (!sizes.size || sizes.count < 1) {
        return cd_fail(CD_ERR_ARGUMENT, "split_sizes: there must be at least one size");
    }
    for (int k = 0; k < sizes.count; k++) {
        if (sizes.size[k] < 0) {
            return cd_fail(CD_ERR_ARGUMENT, "split_sizes: size %lld of part %d is negative",
                           (long long)sizes.size[k], k);
        }
        if (__builtin_add_overflow(sum, sizes.size[k], &sum)) sum = INT64_MAX;
    }
    return sum == x->shape.dim[dim] ||
           cd_fail(CD_ERR_SHAPE,
                   "split_sizes: the sizes add up to %lld, and dimension %d of x (%s) has %lld",
                   (long long)sum, dim, cd_sizes_text(&x->shape, text),
                   (long long)x->shape.dim[dim]);
}

cd_tensors cd_split_sizes(cd_tensor *x, cd_sizes sizes, int dim)
{
    cd_cut cut = { .count = sizes.count, .sizes = sizes.size };
    if (!cd_check_cut("split_sizes", x, dim, &cut.dim) || !check_sizes(sizes, x, cut.dim)) {
        return (cd_tensors){ .count = 0 };
    }
    return cd_op_cut(&cd_op_split_sizes, x, &cut);
}

const cd_op cd_op_split_sizes = {
    .name = "split_sizes",
    .grad_fn = "SplitWithSizesBackward0",
    .formula = "as split, with a size for each part",
    .gradient = "as split",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .backward = split_backward,
};
