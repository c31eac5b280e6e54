/* autograd/ops/cat.c
 *
 *   y = the tensors one after the other along dim          dx[k] = its part of dy
 *
 * All sizes but that of dim are equal; the dtypes meet as in torch.result_type. A 1-D tensor
 * without elements may be among tensors of any shape, and adds nothing. Keeps dim in i[0], and for
 * every backward pass where each begins: the sizes of inputs that want no gradient are in no edge.
 */
#include "autograd/ops_internal.h"

/* PyTorch allows it for the sake of old programs that start from an empty tensor. */
static bool adds_nothing(const cd_tensor *t)
{
    return t->shape.ndim == 1 && t->shape.dim[0] == 0;
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *places = cd_saved_value(node, 0);
    if (!places) return;
    const int64_t *place = (const int64_t *)(void *)cd_tensor_data(places);
    int dim = (int)node->parameters->i[0];
    for (int k = 0; k < node->edges; k++) {
        if (!cd_wanted(node, k)) continue;
        cd_shape shape = cd_input_shape(node, k);
        bool nothing = shape.ndim == 1 && shape.dim[0] == 0;
        int64_t length = nothing ? 0 : shape.dim[dim];
        dx[k] = cd_narrow(dy[0], dim, place[k], length);
        if (nothing) dx[k] = cd_reshape(dx[k], shape);
    }
}

/* The first that adds something gives the shape; without any, the first of all. */
static const cd_tensor *pattern(cd_tensor *const *tensors, int count)
{
    for (int k = 0; k < count; k++) {
        if (!adds_nothing(tensors[k])) return tensors[k];
    }
    return tensors[0];
}

static bool fits(cd_old_call *call, const cd_tensor *first, const cd_tensor *t, int k, int dim)
{
    bool same = first->shape.ndim == t->shape.ndim;
    for (int i = 0; i < t->shape.ndim && same; i++) {
        same = i == dim || first->shape.dim[i] == t->shape.dim[i];
    }
    if (same) return true;
    char own[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "tensor %d has shape %s, and cannot be joined along dimension %d to one of "
                      "shape %s: all other sizes must be equal",
                      k, cd_shape_text(t->shape, own), dim, cd_shape_text(first->shape, other));
}

/* Sets the result's shape and, in place[k], where tensor k begins. */
static bool lay_out(cd_old_call *call, int dim, cd_shape *shape, int64_t *place)
{
    const cd_tensor *first = pattern(call->input, call->inputs);
    int64_t total = 0;
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = call->input[k];
        place[k] = total;
        if (adds_nothing(t)) continue;
        if (!fits(call, first, t, k, dim)) return false;
        if (__builtin_add_overflow(total, t->shape.dim[dim], &total)) {
            return cd_op_fail(call, CD_ERR_SHAPE,
                              "the result has more elements than can be "
                              "counted");
        }
    }
    *shape = first->shape;
    shape->dim[dim] = total;
    return true;
}

static bool check(cd_old_call *call, int dim, int *plain)
{
    for (int k = 0; k < call->inputs; k++) {
        if (call->input[k]->shape.ndim > 0) continue;
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "tensor %d is a scalar, and has no dimension to be "
                          "joined along",
                          k);
    }
    return cd_plain_dim("cat", pattern(call->input, call->inputs)->shape.ndim, dim, plain);
}

cd_tensor *cd_cat(cd_tensors tensors, int dim)
{
    cd_old_call call;
    const int count = tensors.count;
    if (!cd_check_tensors("cat", tensors) ||
        !cd_op_begin_n(&call, &cd_op_cat, count, tensors.tensor) || !check(&call, dim, &dim)) {
        return NULL;
    }
    cd_tensor *places = cd_op_temporary(&call, CD_I64, CD_SHAPE(count));
    int64_t *place = places ? (int64_t *)(void *)cd_tensor_data(places) : NULL;
    cd_shape shape;
    if (!place || !lay_out(&call, dim, &shape, place)) return cd_op_end(&call);
    cd_tensor *y = cd_op_output(&call, cd_tensors_type(tensors), shape);
    for (int k = 0; y && k < count; k++) {
        if (adds_nothing(tensors.tensor[k])) continue;
        cd_copy_into(y, y->stride, place[k] * y->stride[dim], tensors.tensor[k]);
    }
    call.parameters.i[0] = dim;
    cd_op_save(&call, places);
    call.keeps = true;
    return cd_op_end(&call);
}

const cd_op cd_op_cat = {
    .name = "cat",
    .grad_fn = "CatBackward0",
    .like = "torch.cat(tensors, dim)",
    .formula = "y = the tensors one after the other along dim",
    .gradient = "dx[k] = its part of dy",
    .dtypes = "all, which meet in one",
    .backward = backward,
};
