/* What softmax and log_softmax share. */
#include "autograd/families/softmax_internal.h"

#include "autograd/families/reduction_internal.h"

bool cd_infer_softmax(cd_call *call)
{
    cd_softmax_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    const cd_dtype dtype = a->dtype != CD_DTYPE_DEFAULT ? a->dtype : x->dtype;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->along.dim, &a->along.dim) ||
        !cd_check_floating(call, dtype)) {
        return false;
    }
    call->need[0] = (cd_need){ .dtype = dtype, .order = CD_ROW_MAJOR };
    call->out[0].dtype = dtype;
    call->out[0].shape = x->shape;
    return true;
}

bool cd_infer_softmax_backward(cd_call *call)
{
    const cd_tensor *y = call->in[CD_SOFTMAX_Y].tensor;
    call->need[CD_SOFTMAX_DY].order = call->need[CD_SOFTMAX_Y].order = CD_ROW_MAJOR;
    call->out[0].dtype = y->dtype;
    call->out[0].shape = y->shape;
    return true;
}

void cd_run_softmax(const cd_launch *launch, cd_softmax_kernel *kernel)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&x->layout->shape, a->dim);
    kernel(x->layout->dtype, at.outer, at.size, at.inner, x->data, launch->out[0].data);
}

void cd_run_softmax_backward(const cd_launch *launch, cd_softmax_backward_kernel *kernel)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[CD_SOFTMAX_DY], *y = &launch->in[CD_SOFTMAX_Y];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&y->layout->shape, a->dim);
    kernel(y->layout->dtype, at.outer, at.size, at.inner, y->data, dy->data, launch->out[0].data);
}

cd_tensor *cd_op_softmax_call(const cd_op *op, const cd_softmax_options *options)
{
    cd_softmax_attributes a = { .along.dim = options->dim, .dtype = options->dtype };
    if (!cd_check_dtype_option(op->name, options->dtype)) return NULL;
    return cd_op_with(op, &a, options->x);
}

cd_tensor *cd_softmax_gradient(const cd_op *op, cd_tensor *dy, cd_tensor *y, int dim)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(op, &a, dy, y);
}
