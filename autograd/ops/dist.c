/* dist: the p-norm of the difference of two tensors, which broadcast. Made of other ops: sub and
 * norm. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/distance_ops.h"
#include "autograd/ops_internal.h"

static bool check(const cd_tensor *a, const cd_tensor *b)
{
    cd_shape shape;
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    if (!cd_check_tensor(a, "dist", "a") || !cd_check_tensor(b, "dist", "b") ||
        !cd_check_same_device("dist", "a", a, "b", b)) {
        return false;
    }
    const cd_operand both[2] = { cd_operand_tensor((cd_tensor *)a),
                                 cd_operand_tensor((cd_tensor *)b) };
    const cd_dtype dtype = cd_result_type(both, 2);
    if (!cd_dtype_is_floating(dtype) || a->dtype == CD_BOOL || b->dtype == CD_BOOL) {
        return cd_fail(CD_ERR_DTYPE, "dist: a is %s, and b %s: one must be floating, and none bool",
                       cd_dtype_name(a->dtype), cd_dtype_name(b->dtype));
    }
    return cd_shape_broadcast(a->shape, b->shape, &shape) ||
           cd_fail(CD_ERR_SHAPE,
                   "dist: a (%s) and b (%s) do not broadcast: aligned at the last dimension, sizes "
                   "must be equal or 1",
                   cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
}

cd_tensor *cd_dist_with(cd_dist_options o)
{
    CD_CALLED("dist");
    if (!check(o.a, o.b)) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_norm(cd_sub(o.a, o.b), .p = o.p));
}

const cd_op cd_op_dist = {
    .name = "dist",
    .like = "torch.dist(a, b, p)",
    .formula = "y = (sum |a - b|^p)^(1/p)",
    .gradient = "that of sub and norm",
    .dtypes = "floating, promoted to one; integers beside floating ones",
    .composed = true,
};
