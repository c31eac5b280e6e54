/* autograd/ops/scatter_add_.c
 *
 *   x[.., index[.., j, ..], ..] += src[.., j, ..] along one dimension, in place
 *
 * Rules and gradient are scatter_add's. index and src may overlap x. */
#include "autograd/indexing_internal.h"

cd_tensor *cd_scatter_add_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src)
{
    cd_old_call call;
    int along;
    cd_tensor *const inputs[3] = { x, index, src };
    if (!cd_op_begin_in_place(&call, &cd_op_scatter_add_, 3, 3, inputs) ||
        !cd_plain_dim("scatter_add_", x->shape.ndim, dim, &along)) {
        return NULL;
    }
    cd_tensor *at = cd_op_checked_scatter(&call, x, along, index, src);
    cd_tensor *from = src->storage == x->storage ? cd_op_copy(&call, src, src->dtype) : src;
    call.parameters.i[0] = along;
    if (cd_tracks(src)) cd_op_save(&call, index);
    if (at && from && cd_op_before_write(&call)) cd_scatter_into(x, along, at, from);
    return cd_op_end(&call);
}

const cd_op cd_op_scatter_add_ = {
    .name = "scatter_add_",
    .grad_fn = "ScatterAddBackward0",
    .like = "x.scatter_add_(dim, index, src)",
    .formula = "x, with src added in place where the index says, along one dimension",
    .gradient = "dx = dy, dsrc = dy gathered by the index",
    .dtypes = "all; x and src of one, the index int64 or int32",
    .backward = cd_scatter_add_backward,
};
