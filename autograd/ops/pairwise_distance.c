/* pairwise_distance: the norm of the difference of vectors along the last dimension. Made of other
 * ops, as in PyTorch. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/distance_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_pairwise_distance_with(cd_pairwise_distance_options o)
{
    CD_CALLED("pairwise_distance");
    const char *name = "pairwise_distance";
    if (!cd_check_tensor(o.x1, name, "x1") || !cd_check_tensor(o.x2, name, "x2") ||
        !cd_check_same_device(name, "x1", o.x1, "x2", o.x2)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *apart = cd_add(cd_sub(o.x1, o.x2), cd_option_or(o.eps, 1e-6));
    return cd_ops_end(scope, cd_norm(apart, .p = o.p, .dims = CD_DIMS(-1), .keepdim = o.keepdim));
}

const cd_op cd_op_pairwise_distance = {
    .name = "pairwise_distance",
    .like = "torch.nn.functional.pairwise_distance(x1, x2, p, eps, keepdim)",
    .formula = "y = (sum |x1 - x2 + eps|^p)^(1/p) along the last dimension",
    .gradient = "that of sub, add and norm",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
