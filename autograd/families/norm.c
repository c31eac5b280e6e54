/* What the norms share. */
#include "autograd/families/norm_internal.h"

bool cd_check_norm_dtype(const cd_call *call, int k)
{
    const cd_tensor *x = call->in[0].tensor, *t = call->in[k].tensor;
    return t->dtype == x->dtype ||
           cd_refuse(call, CD_ERR_DTYPE, "%s is %s and x is %s: both must have one dtype",
                     call->op->input[k], cd_dtype_name(t->dtype), cd_dtype_name(x->dtype));
}

bool cd_check_channels(const cd_call *call, int k)
{
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    const cd_tensor *x = call->in[0].tensor, *t = call->in[k].tensor;
    if (!t) return true;
    if (t->shape.ndim != 1 || t->shape.dim[0] != x->shape.dim[1]) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "%s (%s) must have one element for each of the %lld channels of x (%s)",
                         call->op->input[k], cd_sizes_text(&t->shape, text),
                         (long long)x->shape.dim[1], cd_sizes_text(&x->shape, own));
    }
    return cd_check_norm_dtype(call, k);
}
