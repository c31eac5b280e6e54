/* Anomaly mode: who made the first NaN or Inf. */
#ifndef CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H
#define CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H

#include "autograd/op/call_internal.h"

/* The node's backward rule, whose gradients are then looked at: sets CD_ERR_AUTOGRAD when one holds
 * NaN or Inf, and what came and what was saved is finite. The ops it is written in are not looked
 * at one by one. */
void cd_anomaly_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
