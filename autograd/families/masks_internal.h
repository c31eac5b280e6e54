/* What the ops with a mask share: masked_fill, masked_select, masked_scatter. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_MASKS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_MASKS_INTERNAL_H

#include "autograd/dispatch/call_internal.h"

enum { CD_MASKED, CD_MASK, CD_FILLING }; /* their inputs: x, mask, and the value or source */

/* infer: checks that the mask is bool, and sets *shape to what x and mask broadcast to, which must
 * be x's own shape when the call is in place. False with an error. */
bool cd_infer_mask(cd_call *call, cd_shape *shape);

#endif
