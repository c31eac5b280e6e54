/* normalize: x divided by its norm along dimensions, or by eps where the norm is less. Made of
 * other ops, as in PyTorch. */
#include "autograd/distance_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_normalize_with(cd_normalize_options o)
{
    CD_CALLED("normalize");
    if (!cd_check_tensor(o.x, "normalize", "x")) return NULL;
    if (o.dims.count == 0) o.dims = CD_DIMS(1);
    cd_scope scope = cd_scope_begin();
    cd_tensor *norm = cd_norm(o.x, .p = o.p, .dims = o.dims, .keepdim = true);
    norm = cd_clamp_min(norm, cd_option_or(o.eps, 1e-12));
    return cd_ops_end(scope, norm ? cd_div(o.x, cd_expand_as(norm, o.x)) : NULL);
}

const cd_op cd_op_normalize = {
    .name = "normalize",
    .like = "torch.nn.functional.normalize(x, p, dim, eps)",
    .formula = "y = x / max((sum |x|^p)^(1/p), eps)",
    .gradient = "that of norm, clamp_min, expand and div",
    .dtypes = "floating",
    .composed = true,
};
