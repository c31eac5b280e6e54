/* autograd/ops/one_hot.c
 *
 *   y[i.., c] = 1 where c = index[i..], else 0
 *
 * index is int64, of classes 0 to num_classes - 1; -1 for num_classes is the largest index + 1. y
 * is int64 with one more dimension, the last. */
#include "autograd/indexing_internal.h"

static bool fail_for(cd_old_call *call, const cd_tensor *at, int64_t place, int64_t classes)
{
    long long index = (long long)cd_indices(at)[place];
    if (index < 0) {
        return cd_op_fail(call, CD_ERR_ARGUMENT,
                          "index %lld (at place %lld) is negative: classes count from 0", index,
                          (long long)place);
    }
    return cd_op_fail(call, CD_ERR_ARGUMENT,
                      "index %lld (at place %lld) is out of range: with %lld classes it must be 0 "
                      "to %lld",
                      index, (long long)place, (long long)classes, (long long)classes - 1);
}

/* Makes *classes plain and sees that every index is one. */
static bool check_classes(cd_old_call *call, const cd_tensor *at, int64_t *classes)
{
    const int64_t *index = cd_indices(at);
    if (*classes < 1 && *classes != -1) {
        return cd_op_fail(call, CD_ERR_ARGUMENT,
                          "there cannot be %lld classes: 1 or more, or -1 for as many as the "
                          "largest index needs",
                          (long long)*classes);
    }
    if (*classes == -1 && at->numel == 0) {
        return cd_op_fail(call, CD_ERR_ARGUMENT,
                          "an empty index does not say how many classes there are");
    }
    int64_t most = *classes == -1 ? INT64_MAX : *classes, largest = 0;
    int64_t place = cd_cpu_first_outside(index, at->numel, most);
    if (place < at->numel) return fail_for(call, at, place, most);
    for (int64_t i = 0; i < at->numel; i++) largest = index[i] > largest ? index[i] : largest;
    if (*classes == -1) *classes = largest + 1;
    return true;
}

static bool check(cd_old_call *call, const cd_tensor *index)
{
    if (index->dtype != CD_I64) {
        return cd_op_fail(call, CD_ERR_DTYPE, "the index is %s, and must be int64",
                          cd_dtype_name(index->dtype));
    }
    char text[CD_SHAPE_TEXT];
    return index->shape.ndim < CD_MAX_DIMS ||
           cd_op_fail(call, CD_ERR_SHAPE,
                      "the index (%s) has %d dimensions, and one more are too "
                      "many",
                      cd_shape_text(index->shape, text), CD_MAX_DIMS);
}

cd_tensor *cd_one_hot(cd_tensor *index, int64_t num_classes)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_one_hot, index)) return NULL;
    if (!check(&call, index)) return cd_op_end(&call);
    cd_tensor *at = cd_op_contiguous(&call, index);
    if (!at || !check_classes(&call, at, &num_classes)) return cd_op_end(&call);
    cd_shape shape = index->shape;
    shape.dim[shape.ndim++] = num_classes;
    cd_tensor *y = cd_op_output(&call, CD_I64, shape);
    if (y) {
        cd_cpu_one_hot(at->numel, num_classes, cd_indices(at),
                       (int64_t *)(void *)cd_tensor_data(y));
    }
    return cd_op_end(&call);
}

const cd_op cd_op_one_hot = {
    .name = "one_hot",
    .like = "torch.nn.functional.one_hot(index, num_classes)",
    .formula = "y[i, c] = 1 where c = index[i], else 0",
    .gradient = "none: the index has none",
    .dtypes = "int64",
};
