/* The op lstm_steps: all steps of one layer of an LSTM in one direction. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_LSTM_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_LSTM_INTERNAL_H

#include "autograd/dispatch/call_internal.h"

typedef struct cd_lstm_attributes {
    bool reverse; /* from the last step to the first */
} cd_lstm_attributes;

typedef struct cd_lstm_inputs {
    cd_tensor *gates;   /* T x B x 4 H: x weight_ih^T, with both biases; the gates i, f, g, o */
    cd_tensor *h0, *c0; /* B x H */
    cd_tensor *weight;  /* 4 H x H: weight_hh */
} cd_lstm_inputs;

/* h of every step, T x B x H. *cells becomes c of every step, and *gates i, f, g and o of every
 * step, T x B x 4 H. */
cd_tensor *cd_lstm_steps(cd_lstm_inputs in, bool reverse, cd_tensor **cells, cd_tensor **gates);

#endif
