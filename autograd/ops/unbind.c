/* unbind: x at each index of a dimension. A list of views, which have one node. Saves nothing. Made
 * of views that select makes; see families/parts.c. */
#include <limits.h>

#include "autograd/families/parts_internal.h"
#include "core/memory_internal.h"

static void unbind_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    cd_tensor **all = cd_part_gradients(node, dy);
    if (all) dx[0] = cd_stack((cd_tensors){ all, node->outputs }, a->dim);
    cd_free(all);
}

cd_tensors cd_unbind(cd_tensor *x, int dim)
{
    cd_cut cut = { .size = 0 };
    if (!cd_check_cut("unbind", x, dim, &cut.dim)) return (cd_tensors){ .count = 0 };
    const int64_t size = x->shape.dim[cut.dim];
    if (size > INT_MAX) {
        (void)cd_memory_refused(SIZE_MAX);
        return (cd_tensors){ .count = 0 };
    }
    cut.count = (int)size;
    return cd_op_cut(&cd_op_unbind, x, &cut);
}

const cd_op cd_op_unbind = {
    .name = "unbind",
    .grad_fn = "UnbindBackward0",
    .like = "torch.unbind(x, dim)",
    .formula = "y[k] = x at index k of a dimension; views",
    .gradient = "dx = the dy[k] side by side, 0 for one without gradient",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .backward = unbind_backward,
};
