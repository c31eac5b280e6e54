/* Anomaly mode: who made the first NaN or Inf. */
#ifndef CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H
#define CANDELA_AUTOGRAD_ANOMALY_INTERNAL_H

#include "autograd/op/call_internal.h"

/* What a call was given and what came of it, for one look. */
typedef struct cd_look {
    const char *name;
    int inputs, outputs;
    const cd_operand *in;
    cd_tensor *const *output;
    bool in_place;
    bool excused;    /* in place: an input was not finite before */
    cd_range before; /* in place: of what is changed */
} cd_look;

/* All that the call was given is finite. */
bool cd_look_finite(const cd_look *look);
cd_range cd_look_range(const cd_tensor *t);
/* The outputs were computed. False, with CD_ERR_AUTOGRAD, when a floating one holds NaN or Inf and
 * all inputs were finite. */
bool cd_look_at_outputs(const cd_look *look);

/* The node's backward rule, whose gradients are then looked at: sets CD_ERR_AUTOGRAD when one holds
 * NaN or Inf, and what came and what was saved is finite. The ops it is written in are not looked
 * at one by one. */
void cd_anomaly_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
