/* What layer_norm and rms_norm share: the last dimensions of x are rows, each of which is
 * normalised by itself. rms_norm differs in that the mean counts as 0, and has no bias. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_ROW_NORM_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_ROW_NORM_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/layer_ops.h"

/* The inputs; rms_norm has no bias. */
enum { CD_NORM_X, CD_NORM_WEIGHT, CD_NORM_BIAS, CD_NORM_INPUTS };
/* The outputs: y, and for backward rstd = 1 / sqrt(var + eps) and the mean, one for each row.
 * rms_norm has no mean. */
enum { CD_NORM_Y, CD_NORM_RSTD, CD_NORM_MEAN, CD_NORM_OUTPUTS };
/* What is saved; rms_norm has no mean. */
enum { CD_NORM_SAVED_RSTD, CD_NORM_SAVED_WEIGHT, CD_NORM_SAVED_X, CD_NORM_SAVED_MEAN };
/* The inputs of the gradient ops. They are called without x where x is not needed. */
enum { CD_NORM_GRAD_DY, CD_NORM_GRAD_X, CD_NORM_GRAD_WEIGHT, CD_NORM_GRAD_RSTD, CD_NORM_GRAD_MEAN };

extern const cd_field cd_row_norm_fields[];
bool cd_infer_row_norm(cd_call *call);
void cd_run_layer_norm(const cd_launch *launch);
void cd_run_rms_norm(const cd_launch *launch);
/* Calls layer_norm or rms_norm. */
cd_tensor *cd_row_norm(const cd_op *op, const cd_layer_norm_options *o, double eps);

/* backward: by the gradient op, or, to be differentiated again, by ops. */
void cd_layer_norm_gradients(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
void cd_rms_norm_gradients(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
/* The gradient ops, whose outputs are dx, dweight and dbias. */
bool cd_infer_row_norm_backward(cd_call *call);
size_t cd_row_norm_backward_workspace(const cd_launch *launch);
void cd_run_layer_norm_backward(const cd_launch *launch);
void cd_run_rms_norm_backward(const cd_launch *launch);

#endif
