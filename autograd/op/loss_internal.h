/* What losses share: their options, and what becomes of their elements. */
#ifndef CANDELA_AUTOGRAD_OP_LOSS_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_LOSS_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "autograd/op/workspace_internal.h"

/* The inputs of a loss. */
enum { CD_LOSS_X, CD_LOSS_T, CD_LOSS_W, CD_LOSS_P };

/* Options that not every loss takes. */
enum { CD_LOSS_WEIGHT = 1, CD_LOSS_POS_WEIGHT = 2, CD_LOSS_IGNORE = 4 };

/* The reduction is one, and no option is given that is not among those that the loss takes. */
bool cd_check_loss(const char *name, const cd_loss_options *loss, unsigned takes);

/* Output 0 is of this dtype, and 0-d unless the loss is per element, of this shape. */
void cd_infer_loss(cd_call *call, cd_dtype dtype, cd_shape shape, cd_reduction reduction);

/* Where a loss writes its value per element: output 0 with CD_NONE, else the workspace, from which
 * cd_run_loss_end makes output 0: the sum or the mean. The workspace is for inputs 0 and 1, which
 * broadcast; the attributes begin with the cd_reduction. */
typedef struct cd_loss_elements {
    cd_layout layout;
    cd_argument argument;
} cd_loss_elements;
size_t cd_loss_workspace(const cd_launch *launch);
void cd_run_loss_begin(const cd_launch *launch, cd_loss_elements *elements);
void cd_run_loss_end(const cd_launch *launch, const cd_loss_elements *elements);

/* A call of nll_loss, set up but not made: cross_entropy asks what nll_loss would refuse of it, in
 * its own name. cd_nll_begin is false with an error when an option is wrong or there is no input.
 */
typedef struct cd_nll_call {
    cd_call call;
    cd_operand in[3];
    cd_nll_attributes attributes;
} cd_nll_call;
bool cd_nll_begin(cd_nll_call *nll, const char *name, const cd_loss_options *loss);

#endif
