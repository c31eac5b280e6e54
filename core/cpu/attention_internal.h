/* Attention of many batches: softmax(scale Q K^T + mask) V, f32 and f64. The caller has checked
 * pointers and sizes; nothing here can fail. */
#ifndef CANDELA_CORE_CPU_ATTENTION_INTERNAL_H
#define CANDELA_CORE_CPU_ATTENTION_INTERNAL_H

#include "core/cpu/gemm_internal.h"
#include "core/shape.h"

/* The operands that have a matrix for each batch; a stride of 0 shares one among batches. */
enum { CD_ATTENTION_Q, CD_ATTENTION_K, CD_ATTENTION_V, CD_ATTENTION_MASK, CD_ATTENTION_OPERANDS };

typedef struct cd_attention {
    cd_dtype dtype;
    cd_shape batch; /* of all operands; its elements can be counted */
    int64_t queries, keys, width, value_width;
    double scale;
    bool causal;                                        /* query i sees the keys 0 to i */
    const void *data[CD_ATTENTION_OPERANDS];            /* the mask may be NULL */
    int64_t stride[CD_ATTENTION_OPERANDS][CD_MAX_DIMS]; /* over batches, in bytes */
    int64_t leading[3];            /* of Q, K and V, in elements (see cd_gemm_call) */
    bool transposed[3];            /* Q, K or V is stored as its transpose */
    cd_dtype mask_dtype;           /* bool, where false adds -Inf, or dtype: added */
    int64_t mask_row, mask_column; /* its strides, in bytes */
    void *out;                     /* row-major: batches x queries x value_width */
    void *scratch;                 /* of cd_cpu_attention_bytes; begins at a multiple of 64 */
} cd_attention;

/* The bytes of scratch that the call needs; SIZE_MAX when there are more than can be counted. Only
 * dtype, batch, queries and keys are read. */
size_t cd_cpu_attention_bytes(const cd_attention *call);
/* Uses the thread pool. The bits of the result do not depend on the number of threads. */
void cd_cpu_attention(const cd_attention *call);

/* The gradients, where no operand is shared among batches and there is a key. All are row-major:
 * dy as the output, dq batches x queries x width, dk batches x keys x width, dv batches x keys x
 * value_width. */
typedef struct cd_attention_gradients {
    const void *dy;
    void *dq, *dk, *dv;
} cd_attention_gradients;

size_t cd_cpu_attention_backward_bytes(const cd_attention *call);
/* The call's `out` is not used. */
void cd_cpu_attention_backward(const cd_attention *call, const cd_attention_gradients *gradients);

/* ---- between the files of attention ---- */

enum {
    CD_ATTENTION_ROWS = 64, /* queries of a block: K and V are packed anew for each block */
    CD_ATTENTION_LANES = 32 /* at most: some for each thread, so that no thread waits long */
};

/* The queries [first, first + rows) of one batch, with the keys that the last of them may see. */
typedef struct cd_attention_block {
    int64_t batch, first, rows, keys;
    const char *data[CD_ATTENTION_OPERANDS]; /* of the batch; NULL for no mask */
    char *scores;                            /* rows x keys */
    int64_t element;                         /* bytes */
} cd_attention_block;

int64_t cd_cpu_attention_batches(const cd_attention *call);
/* Bytes of the scores of one block; false when there are more than can be counted. */
bool cd_cpu_attention_block_bytes(const cd_attention *call, size_t *bytes);
/* Block number `index`, of which each batch has queries / CD_ATTENTION_ROWS, rounded up. */
cd_attention_block cd_cpu_attention_block(const cd_attention *call, int64_t index, char *scores);
/* The first of the block's rows of Q. */
const char *cd_cpu_attention_queries(const cd_attention *call, const cd_attention_block *b);
/* Makes the block's scores weights. */
void cd_cpu_attention_weights(const cd_attention *call, const cd_attention_block *b);

#endif
