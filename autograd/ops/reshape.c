/* reshape: the elements of x, row by row, in another shape. Made of other ops: a view where the
 * strides of x allow it, else a view of a contiguous copy. */
#include "autograd/ops_internal.h"

cd_tensor *cd_reshape_for(const char *what, cd_tensor *x, cd_shape shape)
{
    int64_t stride[CD_MAX_DIMS];
    if (!cd_check_tensor(x, what, "x") || !cd_infer_shape(what, x, &shape)) return NULL;
    if (x->contiguous) return cd_view(x, shape);
    if (cd_view_strides(x, &shape, stride)) return cd_reshape_alias(x, shape);
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_unsafe_view(cd_clone(x), shape));
}

cd_tensor *cd_reshape(cd_tensor *x, cd_shape shape)
{
    return cd_reshape_for("reshape", x, shape);
}

const cd_op cd_op_reshape = {
    .name = "reshape",
    .like = "torch.reshape(x, shape)",
    .formula = "y = x in another shape; a view where memory allows",
    .gradient = "that of view, or of clone and unsafe_view",
    .dtypes = "all",
    .composed = true,
};
