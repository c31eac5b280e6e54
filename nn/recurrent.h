/* Recurrent layers: torch.nn.RNN, LSTM and GRU, and the cells of one step.
 *
 *     cd_module *lstm = cd_nn_lstm(28, 128, .num_layers = 2, .batch_first = true);
 *     cd_recurrent y = cd_forward_recurrent(lstm, x);
 *     cd_recurrent z = cd_forward_recurrent(lstm, more, .h0 = y.h, .c0 = y.c);
 *     cd_tensor *logits = cd_forward(head, cd_select(z.output, 1, -1));
 *
 * Sizes: T steps, a batch of B, I = input_size, H = hidden_size, P = proj_size or else H,
 * D = 2 if bidirectional, else 1.
 *
 *     x           T x B x I; with batch_first B x T x I; without a batch T x I
 *     h0, c0      num_layers D x B x P, and x H; without a batch num_layers D x P, and x H;
 *                 zeros if left out
 *     output      as x, with D P for I
 *     h, c        as h0 and c0: the state of each layer and direction after its last step
 *
 * The parameters are weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 and weight_hr_l0 (of an
 * LSTM with proj_size), the same with _reverse, then those of l1 and so on. Their gates stand in
 * PyTorch's order: i, f, g, o for LSTM, and r, z, n for GRU. All are initialised uniformly in
 * +-1/sqrt(H), with the numbers that PyTorch draws from the same seed.
 *
 * A module that takes one tensor and gives one, such as Sequential, cannot have such a layer among
 * its children: the error says that it gives several outputs. */
#ifndef CANDELA_NN_RECURRENT_H
#define CANDELA_NN_RECURRENT_H

#include "nn/module.h"

CD_BEGIN_DECLS

typedef enum cd_nonlinearity { CD_RNN_TANH = 0, CD_RNN_RELU } cd_nonlinearity;

/* Options of the layers. One that a layer does not have is CD_ERR_ARGUMENT. */
typedef struct cd_nn_recurrent_options {
    int64_t input_size, hidden_size;
    CD_GUARD_;
    int64_t num_layers; /* default: 1 */
    bool no_bias, batch_first;
    double dropout; /* after each layer but the last, in training mode; default: 0 */
    bool bidirectional;
    int64_t proj_size;            /* LSTM: h is weight_hr times what it would be; default: 0, no */
    cd_nonlinearity nonlinearity; /* RNN; default: CD_RNN_TANH */
    cd_dtype dtype;               /* default: f32 */
    cd_device device;
} cd_nn_recurrent_options;

CD_API cd_module *cd_nn_rnn_with(cd_nn_recurrent_options options);
CD_API cd_module *cd_nn_lstm_with(cd_nn_recurrent_options options);
CD_API cd_module *cd_nn_gru_with(cd_nn_recurrent_options options);
#define cd_nn_recurrent_options_(in_, ...)                                                         \
    ((cd_nn_recurrent_options){ .input_size = in_, .hidden_size = __VA_ARGS__ })
#define cd_nn_rnn(in_, ...)  cd_nn_rnn_with(cd_nn_recurrent_options_(in_, __VA_ARGS__))
#define cd_nn_lstm(in_, ...) cd_nn_lstm_with(cd_nn_recurrent_options_(in_, __VA_ARGS__))
#define cd_nn_gru(in_, ...)  cd_nn_gru_with(cd_nn_recurrent_options_(in_, __VA_ARGS__))

/* Options of the cells; only RNNCell has a nonlinearity. */
typedef struct cd_nn_recurrent_cell_options {
    int64_t input_size, hidden_size;
    CD_GUARD_;
    bool no_bias;
    cd_nonlinearity nonlinearity;
    cd_dtype dtype;
    cd_device device;
} cd_nn_recurrent_cell_options;

/* One step: x is B x I or I, the state B x H or H. The parameters are weight_ih, weight_hh, bias_ih
 * and bias_hh. cd_forward(cell, x, h) is the next state of an RNNCell or a GRUCell. */
CD_API cd_module *cd_nn_rnn_cell_with(cd_nn_recurrent_cell_options options);
CD_API cd_module *cd_nn_lstm_cell_with(cd_nn_recurrent_cell_options options);
CD_API cd_module *cd_nn_gru_cell_with(cd_nn_recurrent_cell_options options);
#define cd_nn_recurrent_cell_options_(in_, ...)                                                    \
    ((cd_nn_recurrent_cell_options){ .input_size = in_, .hidden_size = __VA_ARGS__ })
#define cd_nn_rnn_cell(in_, ...)                                                                   \
    cd_nn_rnn_cell_with(cd_nn_recurrent_cell_options_(in_, __VA_ARGS__))
#define cd_nn_lstm_cell(in_, ...)                                                                  \
    cd_nn_lstm_cell_with(cd_nn_recurrent_cell_options_(in_, __VA_ARGS__))
#define cd_nn_gru_cell(in_, ...)                                                                   \
    cd_nn_gru_cell_with(cd_nn_recurrent_cell_options_(in_, __VA_ARGS__))

/* What a recurrent layer or cell gives. c is NULL but for LSTM. A cell's output is its h. */
typedef struct cd_recurrent {
    cd_tensor *output, *h, *c;
} cd_recurrent;

/* Options of cd_forward_recurrent. */
typedef struct cd_recurrent_inputs {
    cd_module *module;
    cd_tensor *x;
    CD_GUARD_;
    cd_tensor *h0, *c0; /* default: zeros; an LSTM takes both or none */
    /* int64, B: how many steps each sequence of the batch has, from 1 to T, in any order. This
     * stands for PyTorch's packed sequences, with the meaning of enforce_sorted=False. A sequence's
     * state stays after its last step, the reverse direction begins at its last step, and the
     * output beyond it is 0. The output keeps x's T steps (pad_packed_sequence with
     * total_length=T). */
    cd_tensor *lengths;
} cd_recurrent_inputs;

/* Calls a recurrent layer or cell: cd_forward_recurrent(lstm, x, .h0 = h, .c0 = c). All members are
 * NULL with an error. Without the names it is cd_forward_n with the inputs x, h0, c0 (LSTM only)
 * and lengths (layers only), those at the end left out or NULL; the outputs are output, h and c. */
CD_API cd_recurrent cd_forward_recurrent_with(cd_recurrent_inputs inputs);
#define cd_forward_recurrent(m_, ...)                                                              \
    cd_forward_recurrent_with((cd_recurrent_inputs){ .module = m_, .x = __VA_ARGS__ })

CD_END_DECLS

#endif
