/* max_pool1d: the maximum of each window of a row. Made of other ops: max_pool2d, of planes of one
 * row.
 *
 * As in PyTorch, integers are pooled only where the indices are asked for. */
#include "autograd/families/pool_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"

/* As in PyTorch, also where there is nothing to choose from: only the batch may be empty. */
static bool has_rows(const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    const int n = x->shape.ndim;
    return n < 2 || n > 3 || (x->shape.dim[n - 2] > 0 && x->shape.dim[n - 1] > 0) ||
           cd_fail(CD_ERR_SHAPE, "max_pool1d: x (%s) must have elements, but for the batch",
                   cd_sizes_text(&x->shape, text));
}

cd_tensor *cd_max_pool1d_with(cd_pool1d_options o)
{
    if (o.exclude_padding) {
        (void)cd_fail(CD_ERR_ARGUMENT, "max_pool1d: .exclude_padding is for avg_pool1d");
        return NULL;
    }
    if (o.x && !o.indices && !cd_dtype_is_floating(o.x->dtype)) {
        (void)cd_fail(CD_ERR_DTYPE, "max_pool1d: without .indices it is for floating x, not for %s",
                      cd_dtype_name(o.x->dtype));
        return NULL;
    }
    if (!cd_check_no_return_indices("max_pool1d", o.return_indices)) return NULL;
    if (o.x && !has_rows(o.x)) return NULL;
    cd_pool2d_sizes pool = { .kernel_h = 1,
                             .kernel_w = o.kernel,
                             .stride_h = 1,
                             .stride_w = o.stride ? o.stride : o.kernel,
                             .padding_w = o.padding,
                             .dilation_h = 1,
                             .dilation_w = o.dilation ? o.dilation : 1,
                             .ceil_mode = o.ceil_mode };
    return cd_pool1d("max_pool1d", &cd_op_max_pool2d, &pool, o.x, o.indices);
}

const cd_op cd_op_max_pool1d = {
    .name = "max_pool1d",
    .like = "torch.nn.functional.max_pool1d(x, kernel, stride, padding, dilation, ceil_mode)",
    .formula = "y = max_pool2d of x as planes of one row",
    .gradient = "that of max_pool2d",
    .dtypes = "floating; with .indices all but bool",
    .composed = true,
};
