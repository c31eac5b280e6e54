/* What the backward functions of several ops share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_GRADIENTS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_GRADIENTS_INTERNAL_H

#include "autograd/node_internal.h"

/* dx = dy, for an op of one input that copies it. The engine brings dy to the dtype, shape and
 * device of x: it converts it, and sums it over what was broadcast. */
void cd_same_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
/* dx = 0 for every input, where y does not depend on it, or is constant almost everywhere. */
void cd_zero_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* cd_saved_value of slot k, which may be empty: NULL then. */
cd_tensor *cd_saved_optional(cd_node *node, int k);

#endif
