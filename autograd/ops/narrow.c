/* narrow: a part of one dimension, given by its start and length, as a view. Made of another op: a
 * slice, which must lie inside x. A negative start counts from the end. */
#include "autograd/ops_internal.h"

cd_tensor *cd_narrow(cd_tensor *x, int dim, int64_t start, int64_t length)
{
    int plain = 0;
    if (!cd_check_tensor(x, "narrow", "x") || !cd_check_part("narrow", x, dim, &plain)) return NULL;
    int64_t size = x->shape.dim[plain], from = start < 0 ? start + size : start;
    if (from < 0 || from > size || length < 0 || length > size - from) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE,
                      "narrow: start %lld and length %lld do not lie inside dimension %d of a "
                      "tensor of shape %s (size %lld)",
                      (long long)start, (long long)length, plain, cd_sizes_text(&x->shape, text),
                      (long long)size);
        return NULL;
    }
    return cd_slice(x, plain, from, from + length, 1);
}

const cd_op cd_op_narrow = {
    .name = "narrow",
    .like = "torch.narrow(x, dim, start, length)",
    .formula = "y = x[start : start + length] along one dimension; a view",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
};
