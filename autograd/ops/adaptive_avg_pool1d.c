/* adaptive_avg_pool1d: the means of windows that cover a row. Made of other ops:
 * adaptive_avg_pool2d, of planes of one row. */
#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_adaptive_avg_pool1d(cd_tensor *x, int64_t size)
{
    cd_adaptive_pool2d_attributes a = { { 1, size } };
    return cd_pool1d("adaptive_avg_pool1d", &cd_op_adaptive_avg_pool2d, &a, x, NULL);
}

const cd_op cd_op_adaptive_avg_pool1d = {
    .name = "adaptive_avg_pool1d",
    .like = "torch.nn.functional.adaptive_avg_pool1d(x, size)",
    .formula = "y = adaptive_avg_pool2d of x as planes of one row",
    .gradient = "that of adaptive_avg_pool2d",
    .dtypes = "floating",
    .composed = true,
};
