/* Attention: what scaled_dot_product_attention and self_attention share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_ATTENTION_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_ATTENTION_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/attention_internal.h"

/* --- self_attention --------------------------------------------------------------------------- */

typedef struct cd_self_attention_attributes {
    int64_t heads;
    bool is_causal;
    bool batch_first; /* qkv is N x L x 3 E */
} cd_self_attention_attributes;

/* Attention of several heads where query, key and value are the thirds of the last dimension of
 * qkv, L x N x 3 E: L queries, which are the keys too, a batch of N, and E columns, those of each
 * head beside one another. The scale is 1 / sqrt(E / heads). The mask is NULL, bool or floating,
 * and broadcasts to N x heads x L x L. L x N x E; NULL with an error. */
cd_tensor *cd_self_attention(cd_tensor *qkv, cd_tensor *mask, cd_self_attention_attributes a);

/* --- heads ------------------------------------------------------------------------------------ */

/* L x N x E, or with batch_first N x L x E, as N x heads x L x E / heads; NULL for NULL. */
cd_tensor *cd_attention_to_heads(cd_tensor *x, int64_t heads, bool batch_first);
/* The reverse. */
cd_tensor *cd_attention_from_heads(cd_tensor *x, bool batch_first);
/* The default scale of scores, for heads of this width: 1 / sqrt(width). */
double cd_attention_scale(int64_t width);

/* --- in ops: for dropout, and for gradients that the kernel does not have -------------------- */

/* Query, key, value and mask, which may be NULL, and their gradients. */
typedef struct cd_attention_pass {
    cd_tensor *q, *k, *v, *mask;
    cd_attention_attributes attributes;
    bool wants_q, wants_k, wants_v, wants_mask;
    cd_tensor *dq, *dk, *dv, *dmask;
} cd_attention_pass;

/* softmax of the masked scores. NULL with an error. */
cd_tensor *cd_attention_weights(const cd_attention_pass *p);
/* Sets the gradients that are wanted, which can be differentiated again. The value is needed for
 * the others only. */
void cd_attention_gradients_by_ops(cd_attention_pass *p, cd_tensor *dy);

/* --- for infer and run ------------------------------------------------------------------------ */

/* Whether the mask, input k, may be added to scores of this shape; says how the kernel needs it.
 * False with an error. */
bool cd_check_attention_mask(cd_call *call, int k, bool is_causal, const cd_shape *scores);
/* Sets the mask of a kernel's call. */
void cd_attention_set_mask(cd_attention *call, const cd_array *mask);
/* The strides over batches, in bytes, of an operand with this layout, whose matrices are the last
 * two dimensions. */
void cd_attention_set_strides(cd_attention_operand *x, const cd_layout *layout, int batch_dims);

#endif
