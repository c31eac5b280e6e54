/* slice: a part of one dimension, as a view: the indices from, from + step, ... below `to`.
 *
 * Negative ends count from the end, and both ends are clipped to the size, as in Python. Saves
 * nothing. */
#include "autograd/ops_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_slice_attributes, dim, DIM),
                                   CD_FIELD(cd_slice_attributes, from, INTEGER),
                                   CD_FIELD(cd_slice_attributes, to, INTEGER),
                                   CD_FIELD(cd_slice_attributes, step, INTEGER), CD_FIELDS_END };

static void slice_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_slice_attributes *a = cd_attributes_of(node);
    dx[0] = cd_slice_backward(dy[0], node->input[0].shape, a->dim, a->from, a->to, a->step);
}

static int64_t clip(int64_t end, int64_t size)
{
    if (end < 0) end += size;
    return end < 0 ? 0 : end > size ? size : end;
}

bool cd_check_part(const char *what, const cd_tensor *x, int dim, int *plain)
{
    if (x->shape.ndim == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: a scalar has no dimension to take a part of", what);
    }
    return cd_wrap_dim(what, x->shape.ndim, dim, plain);
}

static bool slice_infer(cd_call *call)
{
    cd_slice_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_part(call->name, x, a->dim, &a->dim)) return false;
    if (a->step < 1) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "the step is %lld, and must be 1 or more",
                         (long long)a->step);
    }
    const int64_t size = x->shape.dim[a->dim];
    a->from = clip(a->from, size);
    a->to = clip(a->to, size);
    if (a->to < a->from) a->to = a->from;
    const int64_t length = cd_slice_length(a->from, a->to, a->step);
    cd_result *y = cd_infer_like(call, x);
    y->shape.dim[a->dim] = length;
    /* With one element the stride is never used, and its product with a huge step would overflow.
     */
    if (length > 1) y->stride[a->dim] *= a->step;
    if (length > 0) y->offset += a->from * x->stride[a->dim];
    return true;
}

cd_tensor *cd_slice_for(const char *what, cd_tensor *x, int dim, int64_t from, int64_t to,
                        int64_t step)
{
    cd_call call;
    cd_slice_attributes a = { .dim = dim, .from = from, .to = to, .step = step };
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, &cd_op_slice, &in, 1);
    call.launch.attributes = &a;
    call.name = what;
    return cd_call_run(&call);
}

cd_tensor *cd_slice(cd_tensor *x, int dim, int64_t from, int64_t to, int64_t step)
{
    return cd_slice_for("slice", x, dim, from, to, step);
}

const cd_op cd_op_slice = {
    .name = "slice",
    .grad_fn = "SliceBackward0",
    .like = "x[from:to:step]",
    .formula = "y = x[from:to:step] along one dimension; a view",
    .gradient = "dx = dy at these indices, 0 elsewhere",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_slice_attributes, fields),
    .infer = slice_infer,
    .backward = slice_backward,
};
