/* cat: tensors joined along a dimension; their other sizes are equal. Their dtypes are promoted to
 * one, as by torch.result_type.
 *
 * A 1-D tensor without elements may be among tensors of any shape, and is skipped: PyTorch allows
 * it for old programs that start from an empty tensor. Saves nothing. Kernel: core/cpu/copy.c. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static bool is_skipped(const cd_shape *shape)
{
    return shape->ndim == 1 && shape->dim[0] == 0;
}

static void cat_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    int64_t start = 0;
    for (int k = 0; k < node->edges; k++) {
        const cd_shape shape = node->input[k].shape;
        const bool skipped = is_skipped(&shape);
        const int64_t length = skipped ? 0 : shape.dim[a->dim];
        if (cd_wanted(node, k)) {
            dx[k] = cd_narrow(dy[0], a->dim, start, length);
            if (skipped) dx[k] = cd_reshape(dx[k], shape);
        }
        start += length;
    }
}

/* --- infer ------------------------------------------------------------------------------------ */

/* The tensor whose shape the others must have: the first that is not skipped, or else the first. */
static const cd_tensor *first_joined(const cd_call *call)
{
    for (int k = 0; k < call->inputs; k++) {
        if (!is_skipped(&call->in[k].tensor->shape)) return call->in[k].tensor;
    }
    return call->in[0].tensor;
}

static bool fits(const cd_call *call, const cd_tensor *first, const cd_tensor *t, int k, int dim)
{
    bool same = first->shape.ndim == t->shape.ndim;
    for (int i = 0; i < t->shape.ndim && same; i++) {
        same = i == dim || first->shape.dim[i] == t->shape.dim[i];
    }
    if (same) return true;
    char own[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    return cd_refuse(call, CD_ERR_SHAPE,
                     "tensor %d has shape %s, and cannot be joined along dimension %d to one of "
                     "shape %s: all other sizes must be equal",
                     k, cd_sizes_text(&t->shape, own), dim, cd_sizes_text(&first->shape, other));
}

static bool check_dims(const cd_call *call, int *dim)
{
    for (int k = 0; k < call->inputs; k++) {
        if (call->in[k].tensor->shape.ndim > 0) continue;
        return cd_refuse(call, CD_ERR_SHAPE,
                         "tensor %d is a scalar, and has no dimension to be joined along", k);
    }
    return cd_wrap_dim(call->name, first_joined(call)->shape.ndim, *dim, dim);
}

static bool cat_infer(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    if (!check_dims(call, &a->dim)) return false;
    const cd_tensor *first = first_joined(call);
    int64_t total = 0;
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *t = call->in[k].tensor;
        if (is_skipped(&t->shape)) continue;
        if (!fits(call, first, t, k, a->dim)) return false;
        if (__builtin_add_overflow(total, t->shape.dim[a->dim], &total)) {
            return cd_refuse(call, CD_ERR_SHAPE,
                             "the result has more elements than can be counted");
        }
    }
    call->out[0].dtype = cd_inputs_type(call);
    call->out[0].shape = first->shape;
    call->out[0].shape.dim[a->dim] = total;
    return true;
}

static void cat_run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *y = &launch->out[0];
    int64_t start = 0;
    for (int k = 0; k < launch->inputs; k++) {
        const cd_layout *x = launch->in[k].layout;
        if (is_skipped(&x->shape)) continue;
        cd_cpu_copy_into(y, y->layout->stride, start * y->layout->stride[a->dim], &launch->in[k]);
        start += x->shape.dim[a->dim];
    }
}

cd_tensor *cd_cat(cd_tensors tensors, int dim)
{
    cd_dim_attributes a = { dim };
    return cd_op_variadic(&cd_op_cat, &a, tensors);
}

const cd_op cd_op_cat = {
    .name = "cat",
    .grad_fn = "CatBackward0",
    .like = "torch.cat(tensors, dim)",
    .formula = "y = the tensors one after the other along one dimension",
    .gradient = "dx[k] = the part of dy that input k became",
    .dtypes = "all, promoted to one",
    .variadic = true,
    .input = { "tensor" },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cat_infer,
    .cpu = { .run = cat_run },
    .backward = cat_backward,
};
