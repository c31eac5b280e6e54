/* unsqueeze: a view of x with a new dimension of size 1 before dimension dim, which is at most ndim
 * and may be negative. Saves nothing. */
#include <string.h>

#include "autograd/families/view_in_place_internal.h"

static void unsqueeze_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    dx[0] = cd_squeeze(dy[0], a->dim);
}

static bool check_dim(const cd_call *call, const cd_tensor *x, int *dim)
{
    const int ndim = x->shape.ndim;
    char text[CD_SHAPE_TEXT];
    if (ndim == CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the tensor has shape %s, and there are at most %d dimensions",
                         cd_sizes_text(&x->shape, text), CD_MAX_DIMS);
    }
    if (*dim < -ndim - 1 || *dim > ndim) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "dimension %d is out of range: into a tensor of shape %s a new one goes "
                         "at %d to %d",
                         *dim, cd_sizes_text(&x->shape, text), -ndim - 1, ndim);
    }
    if (*dim < 0) *dim += ndim + 1;
    return true;
}

static bool unsqueeze_infer(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!check_dim(call, x, &a->dim)) return false;
    const int dim = a->dim;
    cd_result *y = cd_infer_like(call, x);
    const size_t after = (size_t)(y->shape.ndim++ - dim) * sizeof *x->stride;
    memcpy(&y->shape.dim[dim + 1], &x->shape.dim[dim], after);
    memcpy(&y->stride[dim + 1], &x->stride[dim], after);
    y->shape.dim[dim] = 1;
    y->stride[dim] = after == 0 ? 1 : x->shape.dim[dim] * x->stride[dim];
    return true;
}

cd_tensor *cd_unsqueeze(cd_tensor *x, int dim)
{
    cd_dim_attributes a = { dim };
    return cd_op_with(&cd_op_unsqueeze, &a, x);
}

cd_tensor *cd_unsqueeze_(cd_tensor *x, int dim)
{
    cd_dim_attributes a = { dim };
    return cd_view_in_place(&cd_op_unsqueeze, "unsqueeze_", &a, x);
}

const cd_op cd_op_unsqueeze = {
    .name = "unsqueeze",
    .grad_fn = "UnsqueezeBackward0",
    .in_place_grad_fn = "UnsqueezeBackward1",
    .like = "torch.unsqueeze(x, dim)",
    .formula = "y = x with a new dimension of size 1; a view",
    .gradient = "dx = dy without that dimension",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = unsqueeze_infer,
    .backward = unsqueeze_backward,
};
