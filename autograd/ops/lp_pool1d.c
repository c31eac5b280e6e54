/* lp_pool1d: the p-norm of each window of a row. Made of other ops, as in PyTorch: pow, avg_pool1d,
 * and those of cd_lp_root. For an infinite p the largest or the smallest |x|, by max_pool1d. */
#include <math.h>

#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_lp_pool1d_with(cd_lp_pool_options o)
{
    if (o.kernel_w || o.stride_w) {
        (void)cd_fail(CD_ERR_ARGUMENT, "lp_pool1d: .kernel_w and .stride_w are for lp_pool2d");
        return NULL;
    }
    if (!cd_check_lp_pool("lp_pool1d", &o)) return NULL;
    cd_scope scope = cd_scope_begin();
    if (isinf(o.p)) {
        cd_tensor *most = cd_max_pool1d(cd_lp_signed(cd_abs(o.x), o.p), o.kernel,
                                        .stride = o.stride, .ceil_mode = o.ceil_mode);
        return cd_ops_end(scope, cd_lp_signed(most, o.p));
    }
    cd_tensor *average =
        cd_avg_pool1d(cd_pow(o.x, o.p), o.kernel, .stride = o.stride, .ceil_mode = o.ceil_mode);
    return cd_ops_end(scope, cd_lp_root(average, (double)o.kernel, o.p));
}

const cd_op cd_op_lp_pool1d = {
    .name = "lp_pool1d",
    .like = "torch.nn.functional.lp_pool1d(x, p, kernel, stride, ceil_mode)",
    .formula = "y = (sum of x^p over the window)^(1/p)",
    .gradient = "that of the ops",
    .dtypes = "floating",
    .composed = true,
};
