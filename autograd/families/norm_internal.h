/* What the norms share: their input 0 is x, and others are parameters of the same dtype. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_NORM_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_NORM_INTERNAL_H

#include "autograd/dispatch/call_internal.h"

/* Whether input k has the dtype of x; false with an error. */
bool cd_check_norm_dtype(const cd_call *call, int k);
/* Whether input k, if it is given, has an element for each channel of x, which is N x C x ..., and
 * x's dtype; false with an error. */
bool cd_check_channels(const cd_call *call, int k);

#endif
