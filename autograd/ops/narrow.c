/* narrow: a part of one dimension, given by its start and length, as a view. Made of another op: a
 * slice, which must lie inside x. A negative start counts from the end. A start that is a tensor is
 * read. */
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

cd_tensor *cd_narrow_by(cd_tensor *x, int dim, cd_tensor *start, int64_t length)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, "narrow", "x") || !cd_check_tensor(start, "narrow", "start")) {
        return NULL;
    }
    if (start->shape.ndim != 0 || cd_is_floating(start->dtype) || start->dtype == CD_BOOL) {
        (void)cd_fail(start->shape.ndim != 0 ? CD_ERR_SHAPE : CD_ERR_DTYPE,
                      "narrow: start is %s of shape (%s), and must be a 0-d tensor of integers",
                      cd_dtype_name(start->dtype), cd_sizes_text(&start->shape, text));
        return NULL;
    }
    const int64_t from = cd_item_int(start);
    return cd_ok() ? cd_narrow(x, dim, from, length) : NULL;
}

const cd_op cd_op_narrow = {
    .name = "narrow",
    .like = "torch.narrow(x, dim, start, length)",
    .formula = "y = x[start : start + length] along one dimension; a view",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
};
