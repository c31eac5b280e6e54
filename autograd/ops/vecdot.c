/* vecdot: the inner products of vectors along a dimension. Made of other ops, as in PyTorch: vdot
 * for two vectors, else mul and sum. */
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

/* Whether both are floating and broadcast to one shape. False with an error. */
static bool check(const cd_tensor *a, const cd_tensor *b, cd_shape *shape)
{
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    if (!cd_check_tensor(a, "vecdot", "a") || !cd_check_tensor(b, "vecdot", "b") ||
        !cd_check_same_device("vecdot", "a", a, "b", b)) {
        return false;
    }
    if (a->dtype != b->dtype || !cd_dtype_is_floating(a->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "vecdot: a is %s, and b %s: both must have one floating dtype",
                       cd_dtype_name(a->dtype), cd_dtype_name(b->dtype));
    }
    return cd_shape_broadcast(a->shape, b->shape, shape) ||
           cd_fail(CD_ERR_SHAPE,
                   "vecdot: a (%s) and b (%s) do not broadcast: aligned at the last dimension, "
                   "sizes must be equal or 1",
                   cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
}

cd_tensor *cd_vecdot_with(cd_vectors_options o)
{
    cd_shape shape;
    int dim = -1;
    if (!check(o.a, o.b, &shape) || !cd_check_one_dim("vecdot", &o.dims)) return NULL;
    if (o.dims.count > 0) dim = o.dims.dim[0];
    if (!cd_wrap_dim("vecdot", shape.ndim, dim, &dim)) return NULL;
    if (o.a->shape.ndim == 1 && cd_shape_equal(o.a->shape, o.b->shape)) return cd_vdot(o.a, o.b);
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_sum(cd_mul(o.a, o.b), .dims = CD_DIMS(dim)));
}

const cd_op cd_op_vecdot = {
    .name = "vecdot",
    .like = "torch.linalg.vecdot(a, b, dim)",
    .formula = "y = sum of a * b along one dimension",
    .gradient = "that of vdot, or of mul and sum",
    .dtypes = "floating, the same for both",
    .composed = true,
};
