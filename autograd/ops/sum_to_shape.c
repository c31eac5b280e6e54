/* sum_to_shape: x summed to a shape that broadcasts to x's, the reverse of broadcasting. The engine
 * calls it for the gradient of every input that was broadcast.
 *
 * All dimensions are reduced in one pass. x itself if it has the shape already, unless that is 0-d,
 * which is the op sum, as in PyTorch. Integers and bool are summed as int64. Saves nothing. Kernel:
 * core/cpu/reduce_sums.c. */
#include "autograd/families/reduction_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_sum_to_shape_attributes, shape, SHAPE),
                                   CD_FIELDS_END };

static void sum_to_shape_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_expand(dy[0], node->input[0].shape);
}

/* Finds the dimensions of `from` to sum over, bit i for dimension i: those that `to` lacks, or has
 * with size 1 while `from` has another size. False if `to` does not broadcast to `from`. */
static bool find_reduced(cd_shape from, cd_shape to, unsigned *reduced)
{
    int ahead = from.ndim - to.ndim;
    if (ahead < 0) return false;
    *reduced = 0;
    for (int i = 0; i < from.ndim; i++) {
        int64_t size = i < ahead ? 1 : to.dim[i - ahead];
        if (size != from.dim[i] && size != 1) return false;
        if (i < ahead || size != from.dim[i]) *reduced |= 1U << i;
    }
    return true;
}

static bool sum_to_shape_infer(cd_call *call)
{
    cd_sum_to_shape_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!find_reduced(x->shape, a->shape, &a->reduce.reduced)) {
        char from[CD_SHAPE_TEXT], to[CD_SHAPE_TEXT];
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x (%s) cannot be summed to shape %s, which does not broadcast to it",
                         cd_sizes_text(&x->shape, from), cd_sizes_text(&a->shape, to));
    }
    call->out[0].dtype = cd_sum_type(x->dtype);
    call->out[0].shape = a->shape;
    return true;
}

cd_tensor *cd_sum_to_shape(cd_tensor *x, cd_shape shape)
{
    if (!cd_check_tensor(x, "sum_to_shape", "x")) return NULL;
    if (shape.ndim == 0) return cd_sum(x);
    if (cd_shape_equal(x->shape, shape)) return cd_hand_shared(x);
    cd_sum_to_shape_attributes a = { .shape = shape };
    return cd_op_with(&cd_op_sum_to_shape, &a, x);
}

const cd_op cd_op_sum_to_shape = {
    .name = "sum_to_shape",
    .grad_fn = "SumBackward1",
    .like = "x.sum_to_size(shape)",
    .formula = "y = x summed over the dimensions that broadcasting would stretch",
    .gradient = "dx = dy, in x's shape",
    .dtypes = "all; integers and bool become int64",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_sum_to_shape_attributes, fields),
    .infer = sum_to_shape_infer,
    .cpu = { .run = cd_run_sum },
    .backward = sum_to_shape_backward,
};
