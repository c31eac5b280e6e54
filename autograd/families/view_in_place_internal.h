/* What transpose_, t_, squeeze_ and unsqueeze_ share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_VIEW_IN_PLACE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_VIEW_IN_PLACE_INTERNAL_H

#include "autograd/ops_internal.h"

/* Gives x itself the shape, the strides and the history of the view of x that the op makes. The
 * result is x; NULL with an error, which begins with `name`, and x as it was. */
cd_tensor *cd_view_in_place(const cd_op *op, const char *name, void *attributes, cd_tensor *x);

#endif
