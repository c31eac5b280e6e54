/* flatten: the dimensions from start to end made one. Made of other ops: a reshape, or x itself
 * when there is nothing to join. */
#include "autograd/ops_internal.h"

cd_tensor *cd_flatten(cd_tensor *x, int start, int end)
{
    int first = 0, last = 0;
    if (!cd_check_tensor(x, "flatten", "x") ||
        !cd_wrap_dim("flatten", x->shape.ndim, start, &first) ||
        !cd_wrap_dim("flatten", x->shape.ndim, end, &last)) {
        return NULL;
    }
    if (first > last) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "flatten: start (dimension %d) comes after end (dimension %d)", first, last);
        return NULL;
    }
    if (x->shape.ndim == 0) return cd_view(x, CD_SHAPE(1));
    if (first == last) return cd_hand_shared(x);
    cd_shape shape = { .ndim = 0 };
    for (int i = 0; i < x->shape.ndim; i++) {
        if (i > first && i <= last) {
            shape.dim[first] *= x->shape.dim[i];
        } else {
            shape.dim[shape.ndim++] = x->shape.dim[i];
        }
    }
    return cd_reshape_for("flatten", x, shape);
}

const cd_op cd_op_flatten = {
    .name = "flatten",
    .like = "torch.flatten(x, start, end)",
    .formula = "y = x with dimensions start to end made one",
    .gradient = "that of reshape",
    .dtypes = "all",
    .composed = true,
};
