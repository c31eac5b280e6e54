/* What cdist and pdist share: distances by the p-norm, and their gradients. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_DISTANCE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_DISTANCE_INTERNAL_H

#include "autograd/dispatch/call_internal.h"

/* Whether p is 0 or more, and not NaN. False with an error. */
bool cd_check_distance_p(const cd_call *call, double p);

/* The gradient of x1, where y has the distances of its rows to those of x2, and dy their gradients;
 * an op, cdist_backward. */
cd_tensor *cd_cdist_backward(cd_tensor *dy, cd_tensor *x1, cd_tensor *x2, cd_tensor *y, double p);

#endif
