/* All steps of an LSTM, and their gradients. Arrays are contiguous: T steps, a batch of B, H hidden
 * units; the columns of a row of 4 H belong to the gates i, f, g and o. */
#ifndef CANDELA_CORE_CPU_LSTM_INTERNAL_H
#define CANDELA_CORE_CPU_LSTM_INTERNAL_H

#include "core/dtype.h"

typedef struct cd_lstm {
    cd_dtype dtype; /* CD_F32 or CD_F64 */
    int64_t steps, batch, hidden;
    bool reverse;   /* from the last step to the first */
    const void *c0; /* B x H */
} cd_lstm;

/* gates, T x B x 4 H, holds what the input and the biases give, and becomes the gates i, f, g, o of
 * each step. h0 is B x H; y and c, T x B x H, become the states after each step. weight_t is the
 * weight transposed, H x 4 H: the product of each step reads it in place. */
void cd_cpu_lstm(const cd_lstm *l, const void *weight_t, const void *h0, void *gates, void *y,
                 void *c);

/* The gradients, from those of y and c, dy and dc, each of which may be NULL. dgates is that of
 * what `gates` was before cd_cpu_lstm. The weight is 4 H x H, dh0 and dc0 are B x H, and scratch
 * has room for 2 B x H. */
void cd_cpu_lstm_backward(const cd_lstm *l, const void *weight, const void *gates, const void *c,
                          const void *dy, const void *dc, void *dgates, void *dh0, void *dc0,
                          void *scratch);

#endif
