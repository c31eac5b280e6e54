/* Anomaly mode (CD_DETECT_ANOMALY), for the dispatcher and the engine: finds the op or the backward
 * rule that made the first NaN or Inf. */
#ifndef CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H
#define CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H

#include "autograd/dispatch/call_internal.h"

/* Of a call that is prepared: notes what its inputs hold, before one of them is changed in
 * place. */
void cd_anomaly_before(cd_call *call);
/* Of a call that is committed: checks its outputs. False with an error when one holds NaN or Inf
 * and no input did. */
bool cd_anomaly_after(cd_call *call);

/* Calls the backward rule of a node, and checks the gradients that it gives: sets CD_ERR_AUTOGRAD
 * when one holds NaN or Inf, and the gradients that came and the saved values are finite. The ops
 * that the rule calls are not checked themselves. */
void cd_anomaly_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
