/* Anomaly mode: who made the first NaN or Inf. */
#ifndef CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H
#define CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H

#include "autograd/op_internal.h"

/* An in-place op under way is about to write: notes what its inputs hold. */
void cd_anomaly_before_write(cd_call *call);
/* The numbers that the op was given are finite. */
bool cd_anomaly_numbers_finite(const cd_call *call);
/* An op has computed its outputs. False, with CD_ERR_AUTOGRAD, when a floating one holds NaN or Inf
 * and all inputs were finite. */
bool cd_anomaly_check_outputs(cd_call *call);
/* The node's backward rule, whose gradients are then looked at: sets CD_ERR_AUTOGRAD when one holds
 * NaN or Inf, and what came and what was saved is finite. The ops it is written in are not looked
 * at one by one. */
void cd_anomaly_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
