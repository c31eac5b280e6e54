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

#endif
