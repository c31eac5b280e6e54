/* autograd/ops/select.c
 *
 *   y = x at one index of dimension dim, without dim          dx = dy there, 0 elsewhere
 *
 * A view; a negative index counts from the back. Keeps dim and index in i[0..1]. */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t *i = node->parameters->i;
    dx[0] = cd_select_backward(dy[0], cd_input_shape(node, 0), (int)i[0], i[1]);
}

static bool place(const char *what, const cd_tensor *x, int dim, int *plain, int64_t *index)
{
    char text[CD_SHAPE_TEXT];
    if (x->shape.ndim == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: a scalar has no dimension to select from", what);
    }
    if (!cd_plain_dim(what, x->shape.ndim, dim, plain)) return false;
    int64_t size = x->shape.dim[*plain];
    if (*index < -size || *index >= size) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: index %lld is out of range for dimension %d of a tensor of shape %s "
                       "(size %lld)",
                       what, (long long)*index, *plain, cd_shape_text(x->shape, text),
                       (long long)size);
    }
    if (*index < 0) *index += size;
    return true;
}

cd_tensor *cd_select_for(const char *what, cd_tensor *x, int dim, int64_t index)
{
    cd_old_call call;
    int plain = 0;
    if (!cd_check_tensor(x, what, "input") || !place(what, x, dim, &plain, &index)) return NULL;
    if (!cd_op_begin(&call, &cd_op_select, x)) return NULL;
    cd_shape shape = { .ndim = 0 };
    int64_t stride[CD_MAX_DIMS];
    for (int i = 0; i < x->shape.ndim; i++) {
        if (i == plain) continue;
        stride[shape.ndim] = x->stride[i];
        shape.dim[shape.ndim++] = x->shape.dim[i];
    }
    call.parameters.i[0] = plain;
    call.parameters.i[1] = index;
    (void)cd_op_output_view(&call, x, shape, stride, x->offset + index * x->stride[plain]);
    return cd_op_end(&call);
}

cd_tensor *cd_select(cd_tensor *x, int dim, int64_t index)
{
    return cd_select_for("select", x, dim, index);
}

const cd_op cd_op_select = {
    .name = "select",
    .grad_fn = "SelectBackward0",
    .like = "torch.select(x, dim, index)",
    .formula = "y = x at one index of a dimension; a view",
    .gradient = "dx = dy there, 0 elsewhere",
    .dtypes = "all",
    .backward = backward,
};
