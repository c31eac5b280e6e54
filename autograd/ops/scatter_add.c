/* autograd/ops/scatter_add.c
 *
 *   y = x, with y[.., index[.., j, ..], ..] += src[.., j, ..] along one dimension
 *   dx = dy          dsrc = dy gathered by the index; 0 for what of src is beyond the index
 *
 * x and src are of one dtype. index is int64 or int32, with x's and src's number of dimensions,
 * nowhere larger than src, nor than x but along the dimension. Several that meet in one place are
 * added in the order of the index, whatever the number of threads. Saves index if dsrc is wanted.
 */
#include "autograd/indexing_internal.h"

cd_tensor *cd_scatter_add(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src)
{
    cd_old_call call;
    int along;
    if (!cd_op_begin(&call, &cd_op_scatter_add, x, index, src) ||
        !cd_plain_dim("scatter_add", x->shape.ndim, dim, &along)) {
        return NULL;
    }
    cd_tensor *at = cd_op_checked_scatter(&call, x, along, index, src);
    cd_tensor *y = at ? cd_op_output(&call, x->dtype, x->shape) : NULL;
    if (y) {
        cd_tensor_copy(y, x);
        cd_scatter_into(y, along, at, src);
    }
    call.parameters.i[0] = along;
    if (cd_tracks(src)) cd_op_save(&call, index);
    return cd_op_end(&call);
}

const cd_op cd_op_scatter_add = {
    .name = "scatter_add",
    .grad_fn = "ScatterAddBackward0",
    .like = "x.scatter_add(dim, index, src)",
    .formula = "y = x, with src added where the index says, along one dimension",
    .gradient = "dx = dy, dsrc = dy gathered by the index",
    .dtypes = "all; x and src of one, the index int64 or int32",
    .backward = cd_scatter_add_backward,
};
