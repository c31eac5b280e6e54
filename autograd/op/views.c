/* What ops share that give views: where the elements of x lie, in another shape. */
#include <string.h>

#include "autograd/op/call_internal.h"

cd_result *cd_infer_like(cd_call *call, const cd_tensor *x)
{
    cd_result *y = &call->out[0];
    y->dtype = x->dtype;
    y->shape = x->shape;
    y->offset = x->offset;
    memcpy(y->stride, x->stride, (size_t)x->shape.ndim * sizeof *x->stride);
    return y;
}

void cd_infer_exchange(cd_call *call, int a, int b)
{
    const cd_tensor *x = call->in[0].tensor;
    cd_result *y = cd_infer_like(call, x);
    if (x->shape.ndim == 0) return;
    y->shape.dim[a] = x->shape.dim[b];
    y->shape.dim[b] = x->shape.dim[a];
    y->stride[a] = x->stride[b];
    y->stride[b] = x->stride[a];
}
