/* What the ops with a mask share. */
#include "autograd/families/masks_internal.h"

bool cd_infer_mask(cd_call *call, cd_shape *shape)
{
    char text_x[CD_SHAPE_TEXT], text_mask[CD_SHAPE_TEXT];
    const cd_tensor *x = call->in[CD_MASKED].tensor, *mask = call->in[CD_MASK].tensor;
    if (mask->dtype != CD_BOOL) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "the mask is %s, and must be bool, as comparisons give it",
                         cd_dtype_name(mask->dtype));
    }
    call->need[CD_MASK].apart = CD_APART;
    bool fits = cd_shape_broadcast(x->shape, mask->shape, shape);
    if (fits && (!call->in_place || cd_shape_equal(*shape, x->shape))) return true;
    (void)cd_sizes_text(&x->shape, text_x);
    (void)cd_sizes_text(&mask->shape, text_mask);
    if (call->in_place) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the mask (%s) does not broadcast to x (%s), which is changed in place",
                         text_mask, text_x);
    }
    return cd_refuse(call, CD_ERR_SHAPE,
                     "x (%s) and the mask (%s) do not broadcast: aligned at the last dimension, "
                     "sizes must be equal or 1",
                     text_x, text_mask);
}
