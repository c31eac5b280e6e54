/* Attention and transformers: torch.nn.MultiheadAttention, TransformerEncoderLayer,
 * TransformerDecoderLayer, TransformerEncoder, TransformerDecoder and Transformer.
 *
 *     cd_module *attention = cd_nn_multihead_attention(64, 8, .batch_first = true);
 *     cd_attended y = cd_forward_attention(attention, x, x, x, .key_padding_mask = padding);
 *
 *     cd_module *layer = cd_nn_transformer_encoder_layer(64, 8, .batch_first = true);
 *     cd_tensor *h = cd_forward(layer, x);
 *     cd_tensor *z = cd_forward(layer, x, NULL, padding);
 *
 *     cd_module *encoder = cd_nn_transformer_encoder(layer, 6);
 *     cd_tensor *memory = cd_forward_encoder(encoder, x, .src_mask = causal, .is_causal = true);
 *
 * Sequences are L x N x E; with batch_first N x L x E; without a batch L x E. In a mask of dtype
 * bool true stands for a key that is not seen; a floating mask is added to the scores. */
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

/* torch.nn.MultiheadAttention. Parameters: in_proj_weight (3 embed_dim x embed_dim), or with
 * another kdim or vdim q_proj_weight, k_proj_weight and v_proj_weight; in_proj_bias; bias_k and
 * bias_v with add_bias_kv; out_proj.weight and out_proj.bias. PyTorch's initial values for the same
 * seed. */
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
    /* Says that attn_mask is the causal mask, by which query i sees the keys 0 to i. With
     * no_weights and without key_padding_mask the mask is then not read. */
    bool is_causal;
} cd_attention_inputs;

/* output is as query, and 0 before out_proj for a query that sees no key, or with weights NaN, as
 * in PyTorch; weights is N x L x S, or with per_head_weights N x num_heads x L x S, and NULL with
 * no_weights. */
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

/* torch.nn.TransformerEncoderLayer: cd_forward(layer, src, src_mask, src_key_padding_mask); the
 * masks may be NULL or left out. */
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

typedef struct cd_nn_transformer_stack_options {
    cd_module *layer;
    int64_t num_layers;
    CD_GUARD_;
    cd_module *norm; /* called after the last layer; default: none */
} cd_nn_transformer_stack_options;

/* torch.nn.TransformerEncoder and TransformerDecoder: num_layers copies of the layer
 * (cd_module_copy: all begin with the same numbers), called one after the other with the same
 * masks. The layer itself does not become a part. The inputs are those of the layer; children are
 * "layers.0" and so on, and "norm". PyTorch's fast path, by which an encoder in evaluation mode
 * without gradients writes zeros where src_key_padding_mask is true, does not exist here: the
 * numbers are those of training mode. */
CD_API cd_module *cd_nn_transformer_encoder_with(cd_nn_transformer_stack_options options);
CD_API cd_module *cd_nn_transformer_decoder_with(cd_nn_transformer_stack_options options);
#define cd_nn_transformer_encoder(layer_, ...)                                                     \
    cd_nn_transformer_encoder_with(                                                                \
        (cd_nn_transformer_stack_options){ .layer = layer_, .num_layers = __VA_ARGS__ })
#define cd_nn_transformer_decoder(layer_, ...)                                                     \
    cd_nn_transformer_decoder_with(                                                                \
        (cd_nn_transformer_stack_options){ .layer = layer_, .num_layers = __VA_ARGS__ })

/* Options of cd_forward_encoder. */
typedef struct cd_encoder_inputs {
    cd_module *module;
    cd_tensor *src;
    CD_GUARD_;
    cd_tensor *src_mask, *src_key_padding_mask;
    bool is_causal; /* src_mask is the causal mask: as in cd_attention_inputs */
} cd_encoder_inputs;

/* Calls a TransformerEncoderLayer or a TransformerEncoder with masks by name. */
CD_API cd_tensor *cd_forward_encoder_with(cd_encoder_inputs inputs);
#define cd_forward_encoder(m_, ...)                                                                \
    cd_forward_encoder_with((cd_encoder_inputs){ .module = m_, .src = __VA_ARGS__ })

/* Options of cd_forward_decoder. */
typedef struct cd_decoder_inputs {
    cd_module *module;
    cd_tensor *tgt, *memory;
    CD_GUARD_;
    cd_tensor *tgt_mask, *memory_mask, *tgt_key_padding_mask, *memory_key_padding_mask;
    bool tgt_is_causal, memory_is_causal; /* as in cd_attention_inputs */
} cd_decoder_inputs;

/* Calls a TransformerDecoderLayer or a TransformerDecoder with masks by name. */
CD_API cd_tensor *cd_forward_decoder_with(cd_decoder_inputs inputs);
#define cd_forward_decoder(m_, tgt_, ...)                                                          \
    cd_forward_decoder_with((cd_decoder_inputs){ .module = m_, .tgt = tgt_, .memory = __VA_ARGS__ })

typedef struct cd_nn_transformer_options {
    int64_t d_model, nhead; /* PyTorch's defaults are 512 and 8 */
    CD_GUARD_;
    int64_t num_encoder_layers, num_decoder_layers; /* default: 6 each */
    /* Of each layer, as in cd_nn_transformer_layer_options. */
    int64_t dim_feedforward;
    double dropout;
    cd_transformer_activation activation;
    double layer_norm_eps;
    bool batch_first, norm_first, no_bias;
    cd_dtype dtype;
    cd_device device;
} cd_nn_transformer_options;

/* torch.nn.Transformer: cd_forward(m, src, tgt, src_mask, tgt_mask, memory_mask,
 * src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask), of which the masks may be
 * NULL or left out; the output is as tgt. The children are "encoder" and "decoder", each with a
 * LayerNorm "norm"; cd_module_set(m, "encoder", other) is PyTorch's custom_encoder. The parameters
 * with two dimensions begin as cd_init_xavier_uniform_ draws them: PyTorch's numbers for the same
 * seed. */
CD_API cd_module *cd_nn_transformer_with(cd_nn_transformer_options options);
#define cd_nn_transformer(d_model_, ...)                                                           \
    cd_nn_transformer_with((cd_nn_transformer_options){ .d_model = d_model_, .nhead = __VA_ARGS__ })

/* Options of cd_forward_transformer. */
typedef struct cd_transformer_inputs {
    cd_module *module;
    cd_tensor *src, *tgt;
    CD_GUARD_;
    cd_tensor *src_mask, *tgt_mask, *memory_mask;
    cd_tensor *src_key_padding_mask, *tgt_key_padding_mask, *memory_key_padding_mask;
    bool src_is_causal, tgt_is_causal, memory_is_causal; /* as in cd_attention_inputs */
} cd_transformer_inputs;

/* Calls a Transformer with masks by name. */
CD_API cd_tensor *cd_forward_transformer_with(cd_transformer_inputs inputs);
#define cd_forward_transformer(m_, src_, ...)                                                      \
    cd_forward_transformer_with(                                                                   \
        (cd_transformer_inputs){ .module = m_, .src = src_, .tgt = __VA_ARGS__ })

/* Options of cd_square_subsequent_mask. */
typedef struct cd_square_subsequent_mask_options {
    int64_t size;
    CD_GUARD_;
    cd_dtype dtype; /* floating; default: f32 */
    cd_device device;
} cd_square_subsequent_mask_options;

/* torch.nn.Transformer.generate_square_subsequent_mask: size x size, -inf above the diagonal and 0
 * elsewhere: element i of a sequence sees the elements 0 to i. */
CD_API cd_tensor *cd_square_subsequent_mask_with(cd_square_subsequent_mask_options options);
#define cd_square_subsequent_mask(...)                                                             \
    cd_square_subsequent_mask_with((cd_square_subsequent_mask_options){ .size = __VA_ARGS__ })

CD_END_DECLS

#endif
