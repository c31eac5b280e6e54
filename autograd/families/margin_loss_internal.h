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

/* In a descriptor: what both losses and their gradient share. */
#define CD_MARGIN_LOSS                                                                             \
    .dtypes = "floating; targets int64", .optional = CD_SET(CD_LOSS_IN_WEIGHT),                    \
    CD_OP_ATTRIBUTES(cd_margin_loss_attributes, cd_margin_loss_fields), .refuse = cd_refuse_class, \
    .first_order_only = "as in PyTorch"
/* In the descriptor of a loss: what both share besides. */
#define CD_MARGIN_LOSS_FORWARD                                                                     \
    CD_MARGIN_LOSS, .inputs = CD_LOSS_IN_WEIGHT + 1, .no_gradient = CD_SET(CD_LOSS_IN_WEIGHT),     \
                    .input = { "the input", "the target", "weight" },                              \
                    .save = { [CD_LOSS_IN_INPUT] = { CD_INPUT, CD_LOSS_IN_INPUT },                 \
                              [CD_LOSS_IN_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET },               \
                              [CD_LOSS_IN_WEIGHT] = { CD_INPUT, CD_LOSS_IN_WEIGHT } },             \
                    .infer = cd_margin_loss_infer, .backward = cd_margin_loss_backward

#endif
