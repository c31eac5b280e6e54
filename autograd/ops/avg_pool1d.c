/* avg_pool1d: the mean of each window of a row. Made of other ops: avg_pool2d, of planes of one
 * row. */
#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_avg_pool1d_with(cd_pool1d_options o)
{
    if (o.indices || o.return_indices || o.dilation) {
        (void)cd_fail(CD_ERR_ARGUMENT, "avg_pool1d: .%s is for max_pool1d",
                      o.indices          ? "indices"
                      : o.return_indices ? "return_indices"
                                         : "dilation");
        return NULL;
    }
    cd_pool2d_sizes pool = { .kernel_h = 1,
                             .kernel_w = o.kernel,
                             .stride_h = 1,
                             .stride_w = o.stride ? o.stride : o.kernel,
                             .padding_w = o.padding,
                             .dilation_h = 1,
                             .dilation_w = 1,
                             .ceil_mode = o.ceil_mode,
                             .padding_counts = !o.exclude_padding };
    return cd_pool1d("avg_pool1d", &cd_op_avg_pool2d, &pool, o.x, NULL);
}

const cd_op cd_op_avg_pool1d = {
    .name = "avg_pool1d",
    .like =
        "torch.nn.functional.avg_pool1d(x, kernel, stride, padding, ceil_mode, count_include_pad)",
    .formula = "y = avg_pool2d of x as planes of one row",
    .gradient = "that of avg_pool2d",
    .dtypes = "floating, and int64",
    .composed = true,
};
