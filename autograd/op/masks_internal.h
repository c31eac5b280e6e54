/* What the ops with a mask share: masked_fill, masked_select, masked_scatter. */
#ifndef CANDELA_AUTOGRAD_OP_MASKS_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_MASKS_INTERNAL_H

#include "autograd/op/call_internal.h"

enum { CD_MASKED, CD_MASK, CD_FILLING }; /* their inputs: x, the mask, and what takes its place */

/* The mask is bool, and x and it broadcast to *shape: x's own when the call is in place. */
bool cd_infer_mask(cd_call *call, cd_shape *shape);

#endif
