/* Attention and the layers of transformers: torch.nn.MultiheadAttention, TransformerEncoderLayer and
 * TransformerDecoderLayer.
 *
 *     cd_module *attention = cd_nn_multihead_attention(64, 8, .batch_first = true);
 *     cd_attended y = cd_forward_attention(attention, x, x, x, .key_padding_mask = padding);
 *
 *     cd_module *layer = cd_nn_transformer_encoder_layer(64, 8, .batch_first = true);
 *     cd_tensor *h = cd_forward(layer, x);
 *     cd_tensor *z = cd_forward(layer, x, NULL, padding);
 *
 * Sequences are L x N x E; with batch_first N x L x E; without a batch L x E. In a mask of dtype bool
 * true stands for a key that is not seen; a floating mask is added to the scores. */
#ifndef CANDELA_NN_TRANSFORMER_H
#define CANDELA_NN_TRANSFORMER_H

#include "nn/module.h"

CD_BEGIN_DECLS

typedef struct cd_nn_attention_options {
    int64_t embed_dim, num_heads; /* num_heads divides embed_dim */
    CD_GUARD_;
    double dropout; /* of the weights, in training mode; default: 0 */
    bool no_bias, add_bias_kv, add_zero_attn;
    int64_t kdim, vdim; /* sizes of key and value; default: embed_dim */
    bool batch_first;
    cd_dtype dtype;
    cd_device device;
} cd_nn_attention_options;

/* torch.nn.MultiheadAttention. Parameters: in_proj_weight (3 embed_dim x embed_dim), or with another
 * kdim or vdim q_proj_weight, k_proj_weight and v_proj_weight; in_proj_bias; bias_k and bias_v with
 * add_bias_kv; out_proj.weight and out_proj.bias. PyTorch's initial values for the same seed. */
CD_API cd_module *cd_nn_multihead_attention_with(cd_nn_attention_options options);
#define cd_nn_multihead_attention(embed_, ...)                                                     \
    cd_nn_multihead_attention_with(                                                                \
        (cd_nn_attention_options){ .embed_dim = embed_, .num_heads = __VA_ARGS__ })

/* Options of cd_forward_attention. */
typedef struct cd_attention_inputs {
    cd_module *module;
    cd_tensor *query, *key, *value; /* key and value have S for L */
    CD_GUARD_;
    cd_tensor *key_padding_mask; /* N x S, or S */
    cd_tensor *attn_mask;        /* L x S, or N num_heads x L x S */
    bool no_weights;             /* PyTorch's need_weights=False */
    bool per_head_weights;       /* PyTorch's average_attn_weights=False */
} cd_attention_inputs;

/* output is as query; weights is N x L x S, or with per_head_weights N x num_heads x L x S, and NULL
 * with no_weights. */
typedef struct cd_attended {
    cd_tensor *output, *weights;
} cd_attended;

/* Calls a MultiheadAttention. Both members are NULL with an error. */
CD_API cd_attended cd_forward_attention_with(cd_attention_inputs inputs);
#define cd_forward_attention(m_, query_, key_, ...)                                                \
    cd_forward_attention_with(                                                                     \
        (cd_attention_inputs){ .module = m_, .query = query_, .key = key_, .value = __VA_ARGS__ })

typedef enum cd_transformer_activation {
    CD_TRANSFORMER_RELU = 0,
    CD_TRANSFORMER_GELU
} cd_transformer_activation;

typedef struct cd_nn_transformer_layer_options {
    int64_t d_model, nhead;
    CD_GUARD_;
    int64_t dim_feedforward; /* default: 2048 */
    double dropout;          /* default: 0.1; CD_ZERO for 0 */
    cd_transformer_activation activation;
    double layer_norm_eps; /* default: 1e-5 */
    bool batch_first, norm_first, no_bias;
    cd_dtype dtype;
    cd_device device;
} cd_nn_transformer_layer_options;

/* torch.nn.TransformerEncoderLayer: cd_forward(layer, src, src_mask, src_key_padding_mask); the masks
 * may be NULL or left out. */
CD_API cd_module *cd_nn_transformer_encoder_layer_with(cd_nn_transformer_layer_options options);
/* torch.nn.TransformerDecoderLayer: cd_forward(layer, tgt, memory, tgt_mask, memory_mask,
 * tgt_key_padding_mask, memory_key_padding_mask); the masks may be NULL or left out. */
CD_API cd_module *cd_nn_transformer_decoder_layer_with(cd_nn_transformer_layer_options options);
#define cd_nn_transformer_encoder_layer(d_model_, ...)                                             \
    cd_nn_transformer_encoder_layer_with(                                                          \
        (cd_nn_transformer_layer_options){ .d_model = d_model_, .nhead = __VA_ARGS__ })
#define cd_nn_transformer_decoder_layer(d_model_, ...)                                             \
    cd_nn_transformer_decoder_layer_with(                                                          \
        (cd_nn_transformer_layer_options){ .d_model = d_model_, .nhead = __VA_ARGS__ })

CD_END_DECLS

#endif
