/* What smooth_l1_loss and huber_loss share: both are a square up to a bound and straight from there
 * on, and their attributes are cd_bounded_loss_attributes. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_BOUNDED_LOSS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_BOUNDED_LOSS_INTERNAL_H

#include "autograd/families/loss_internal.h"
#include "core/cpu/losses_internal.h"

extern const cd_field cd_bounded_loss_fields[];
/* run, with the loop for the elements. */
void cd_bounded_loss_run(const cd_launch *launch, cd_loss_kind kind);
/* backward: dx = slope dy d, d being x - t, but bound or -bound where it is as far from 0 as that
 * or farther, and divided by the number of elements for the mean; dt = -dx. */
void cd_bounded_loss_backward(cd_node *node, cd_tensor *dy, cd_tensor **dx, double slope);

#endif
