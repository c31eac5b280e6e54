/* adaptive_max_pool1d: the maxima of windows that cover a row. Made of other ops:
 * adaptive_max_pool2d, of planes of one row. */
#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_adaptive_max_pool1d_with(cd_adaptive_max_pool1d_options o)
{
    cd_adaptive_pool2d_attributes a = { { 1, o.size } };
    if (!cd_check_no_return_indices("adaptive_max_pool1d", o.return_indices)) return NULL;
    return cd_pool1d("adaptive_max_pool1d", &cd_op_adaptive_max_pool2d, &a, o.x, o.indices);
}

const cd_op cd_op_adaptive_max_pool1d = {
    .name = "adaptive_max_pool1d",
    .like = "torch.nn.functional.adaptive_max_pool1d(x, size)",
    .formula = "y = adaptive_max_pool2d of x as planes of one row",
    .gradient = "that of adaptive_max_pool2d",
    .dtypes = "floating",
    .composed = true,
};
