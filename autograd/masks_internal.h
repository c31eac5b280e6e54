/* What the ops with a mask share: masked_fill, masked_select, masked_scatter. */
#ifndef CANDELA_AUTOGRAD_MASKS_INTERNAL_H
#define CANDELA_AUTOGRAD_MASKS_INTERNAL_H

#include "autograd/op_internal.h"
#include "core/cpu/masked_internal.h"

/* The mask is bool, and x and it broadcast to *shape: x's own when the call is in place. */
bool cd_op_check_mask(cd_old_call *call, const cd_tensor *x, const cd_tensor *mask,
                      cd_shape *shape);

/* t stretched to the shape, row by row: itself when it is so already, unless the call writes to
 * where it lies. NULL when the call has failed. */
cd_tensor *cd_op_stretch(cd_old_call *call, cd_tensor *t, cd_shape shape);

/* The value as a 0-d tensor of x's dtype, in whose range it must be; NULL when the call has failed.
 */
cd_tensor *cd_op_mask_value(cd_old_call *call, const cd_tensor *x, cd_operand value);
/* The rule of all four: x, mask and value are the node's inputs. */
void cd_masked_fill_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* masked_scatter and masked_scatter_: what they write. */
typedef struct cd_masked_scatter_plan {
    cd_tensor *mask, *source; /* of the whole shape, and contiguous; contiguous */
    int64_t count;            /* how many elements are chosen */
} cd_masked_scatter_plan;
/* False when the call has failed: source is not of x's dtype, or too short. */
bool cd_op_plan_masked_scatter(cd_old_call *call, const cd_tensor *x, cd_tensor *mask,
                               cd_tensor *source, cd_shape shape, cd_masked_scatter_plan *plan);
/* `to` is contiguous. */
void cd_op_masked_scatter_into(cd_tensor *to, const cd_masked_scatter_plan *plan);
/* The rule of both: x, mask and source are the node's inputs. */
void cd_masked_scatter_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
