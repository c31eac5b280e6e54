/* What multi_margin_loss and multilabel_margin_loss share: all but their targets, one for each row
 * of the input or a list for each. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_MARGIN_LOSS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_MARGIN_LOSS_INTERNAL_H

#include "autograd/families/loss_internal.h"
#include "core/cpu/losses_internal.h"

extern const cd_field cd_margin_loss_fields[];
bool cd_margin_loss_infer(cd_call *call);
bool cd_margin_loss_check(const cd_launch *launch, cd_fault *fault);
size_t cd_margin_loss_workspace(const cd_launch *launch);
void cd_margin_loss_run(const cd_launch *launch);
/* The kernels' argument, also in the gradient, whose inputs begin with those of the loss. */
cd_margin_loss cd_margin_loss_of(const cd_launch *launch);
void cd_margin_loss_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
