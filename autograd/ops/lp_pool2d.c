/* lp_pool2d: the p-norm of each window. Made of other ops, as in PyTorch: pow, avg_pool2d, and
 * those of cd_lp_root.
 *
 * Where the sum of x^p is negative, as it may be for an odd p, its root is NaN. For an infinite p
 * the largest or the smallest |x|, by max_pool2d. */
#include <math.h>

#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_lp_pool2d_with(cd_lp_pool_options o)
{
    if (!cd_check_lp_pool("lp_pool2d", &o)) return NULL;
    cd_scope scope = cd_scope_begin();
    if (isinf(o.p)) {
        cd_tensor *most =
            cd_max_pool2d(cd_lp_signed(cd_abs(o.x), o.p), o.kernel, .stride = o.stride,
                          .kernel_w = o.kernel_w, .stride_w = o.stride_w, .ceil_mode = o.ceil_mode);
        return cd_ops_end(scope, cd_lp_signed(most, o.p));
    }
    const int64_t width = o.kernel_w ? o.kernel_w : o.kernel;
    cd_tensor *average =
        cd_avg_pool2d(cd_pow(o.x, o.p), o.kernel, .stride = o.stride, .kernel_w = o.kernel_w,
                      .stride_w = o.stride_w, .ceil_mode = o.ceil_mode);
    return cd_ops_end(scope, cd_lp_root(average, (double)o.kernel * (double)width, o.p));
}

const cd_op cd_op_lp_pool2d = {
    .name = "lp_pool2d",
    .like = "torch.nn.functional.lp_pool2d(x, p, kernel, stride, ceil_mode)",
    .formula = "y = (sum of x^p over the window)^(1/p)",
    .gradient = "that of the ops",
    .dtypes = "floating",
    .composed = true,
};
