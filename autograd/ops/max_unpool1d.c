/* max_unpool1d: zeros, with each element of x at its index into its row of the result. Made of
 * other ops: max_unpool2d, of planes of one column. */
#include "autograd/families/pool_internal.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_max_unpool1d_with(cd_max_unpool1d_options o)
{
    static const char name[] = "max_unpool1d";
    char text[CD_SHAPE_TEXT];
    int64_t size;
    if (!cd_check_tensor(o.x, name, "x") || !cd_check_tensor(o.indices, name, "indices")) {
        return NULL;
    }
    const int n = o.x->shape.ndim, given = o.output_size.ndim;
    if (n != 2 && n != 3) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: x (%s) must be N x C x L or C x L", name,
                      cd_sizes_text(&o.x->shape, text));
        return NULL;
    }
    if (given != 0 && given != 1 && given != 3) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: .output_size is %s, and must be OL or N x C x OL", name,
                      cd_shape_text(o.output_size, text));
        return NULL;
    }
    const int64_t window[] = { o.kernel, o.stride ? o.stride : o.kernel, o.padding };
    if (!cd_unpooled_size(name, 0, o.x->shape.dim[n - 1], window,
                          given > 0 ? &o.output_size.dim[given - 1] : NULL, &size)) {
        return NULL;
    }
    cd_tensor *x = cd_unsqueeze(o.x, -1), *indices = cd_unsqueeze(o.indices, -1);
    if (!x || !indices) return NULL;
    cd_tensor *y = cd_max_unpool(name, x, indices, size, 1);
    return y ? cd_squeeze(y, -1) : NULL;
}

const cd_op cd_op_max_unpool1d = {
    .name = "max_unpool1d",
    .like = "torch.nn.functional.max_unpool1d(x, indices, kernel, stride, padding, output_size)",
    .formula = "y = max_unpool2d of x as planes of one column",
    .gradient = "that of max_unpool2d",
    .dtypes = "floating; the indices int64",
    .composed = true,
};
