/* Attention of many batches: softmax(scale Q K^T + mask) V, f32 and f64. The caller has checked
 * pointers and sizes; nothing here can fail. */
#ifndef CANDELA_CORE_CPU_ATTENTION_INTERNAL_H
#define CANDELA_CORE_CPU_ATTENTION_INTERNAL_H

#include "core/cpu/gemm_internal.h"
#include "core/shape.h"

/* A matrix of each batch. */
typedef struct cd_attention_operand {
    void *data;                  /* NULL for a mask that was left out */
    int64_t stride[CD_MAX_DIMS]; /* over the batches, in bytes; 0 shares one matrix among them */
    int64_t leading;             /* in elements (see cd_gemm_call) */
    bool transposed;             /* stored as its transpose, which nothing that is set may be */
} cd_attention_operand;

typedef struct cd_attention {
    cd_dtype dtype;
    cd_shape batch; /* of all operands; its elements can be counted */
    int64_t queries, keys, width, value_width;
    double scale;
    bool causal;                  /* query i sees the keys 0 to i */
    cd_attention_operand q, k, v; /* queries x width, keys x width, keys x value_width */
    cd_attention_operand y;       /* queries x value_width: the result, or its gradient */
    cd_attention_operand mask;    /* queries x keys; with its own strides, in bytes: */
    int64_t mask_row, mask_column;
    cd_dtype mask_dtype; /* bool, where false adds -Inf, or dtype: added */
    void *scratch;       /* of cd_cpu_attention_bytes; begins at a multiple of 64 */
    /* NULL, or batches x queries x keys elements, in which the weights stay: the gradients read
     * them there, and do not make them anew. Each block of queries has a part of its own, and
     * orders it as it likes. */
    void *weights;
} cd_attention;

/* The bytes of scratch that the call needs; SIZE_MAX when there are more than can be counted. Only
 * dtype, batch, queries and keys are read. */
size_t cd_cpu_attention_bytes(const cd_attention *call);
/* Sets y. Uses the thread pool. The bits of the result do not depend on the number of threads. */
void cd_cpu_attention(const cd_attention *call);

/* The gradients of Q, K and V, which have their shapes, where no operand is shared among batches
 * and there is a key. */
typedef struct cd_attention_gradients {
    cd_attention_operand q, k, v;
} cd_attention_gradients;

size_t cd_cpu_attention_backward_bytes(const cd_attention *call);
/* Reads the gradient of the result from the call's y. */
void cd_cpu_attention_backward(const cd_attention *call, const cd_attention_gradients *gradients);

/* ---- between the files of attention ---- */

enum {
    CD_ATTENTION_ROWS = 64, /* queries of a block: K and V are packed anew for each block */
    CD_ATTENTION_LANES = 32 /* at most: some for each thread, so that no thread waits long */
};

/* The queries [first, first + rows) of one batch, with the keys that the last of them may see. */
typedef struct cd_attention_block {
    int64_t batch, first, rows, keys;
    char *q, *y;     /* the block's rows */
    char *k, *v;     /* of the batch */
    char *mask;      /* the block's rows, or NULL */
    char *scores;    /* rows x keys */
    int64_t element; /* bytes */
} cd_attention_block;

int64_t cd_cpu_attention_batches(const cd_attention *call);
/* Bytes of the scores of one block; false when there are more than can be counted. */
bool cd_cpu_attention_block_bytes(const cd_attention *call, size_t *bytes);
/* Block number `index`, of which each batch has queries / CD_ATTENTION_ROWS, rounded up. */
cd_attention_block cd_cpu_attention_block(const cd_attention *call, int64_t index, char *scores);
/* The matrix of this batch, from its row `row` on. */
char *cd_cpu_attention_rows(const cd_attention *call, const cd_attention_operand *x, int64_t batch,
                            int64_t row);
/* Makes the block's scores weights. */
void cd_cpu_attention_weights(const cd_attention *call, const cd_attention_block *b);

#endif
