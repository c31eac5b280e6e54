/* What the recurrent layers and their cells share: one step of each kind. */
#ifndef CANDELA_NN_RECURRENT_INTERNAL_H
#define CANDELA_NN_RECURRENT_INTERNAL_H

#include "nn/module_internal.h"
#include "nn/recurrent.h"

typedef enum cd_recurrent_kind {
    CD_TANH_STEP,
    CD_RELU_STEP,
    CD_LSTM_STEP,
    CD_GRU_STEP
} cd_recurrent_kind;

/* How many blocks of H rows the weights have. */
int64_t cd_recurrent_gates(cd_recurrent_kind kind);

typedef struct cd_recurrent_state {
    cd_tensor *h, *c; /* c: LSTM only */
} cd_recurrent_state;

/* The parameters of one layer in one direction; those that it does not have are NULL. */
typedef struct cd_recurrent_parameters {
    cd_tensor *weight_ih, *weight_hh, *bias_ih, *bias_hh, *weight_hr;
} cd_recurrent_parameters;

typedef struct cd_recurrent_sizes {
    cd_recurrent_kind kind;
    int64_t input, hidden, proj; /* proj: 0 without a projection */
    bool no_bias;
    cd_dtype dtype;
    cd_device device;
} cd_recurrent_sizes;

/* Registers the parameters, each name with the suffix ("_l0", "_l0_reverse", or "" for a cell), and
 * draws them in PyTorch's order. False with an error. */
bool cd_recurrent_register(cd_module *m, cd_recurrent_parameters *p,
                           const cd_recurrent_sizes *sizes, const char *suffix);

/* The state after a step. `gates` is x weight_ih^T + bias_ih. */
cd_recurrent_state cd_recurrent_step(cd_recurrent_kind kind, const cd_recurrent_parameters *p,
                                     cd_tensor *gates, cd_recurrent_state before);

/* For errors: whether t has the sizes of `right`, dtype and all; false with an error. */
bool cd_recurrent_check(const char *module, const char *what, const cd_tensor *t, cd_shape right,
                        cd_dtype dtype);

#endif
