/* torch.nn.TransformerEncoderLayer and TransformerDecoderLayer. Both have the attention to their
 * own sequence and the two linear layers; the decoder's has the attention to the encoder's output
 * between them. */
#include "autograd/activation.h"
#include "core/error.h"
#include "nn/layers.h"
#include "nn/transformer_internal.h"

enum { SELF, CROSS, FEED, BLOCKS };

typedef struct layer {
    cd_module module;
    cd_module *self_attn, *multihead_attn, *linear1, *dropout, *linear2;
    cd_module *norm[BLOCKS], *drop[BLOCKS]; /* of each block; an encoder's has no CROSS */
    cd_nn_transformer_layer_options options;
} layer;

/* Keys and masks of one attention. */
typedef struct attended {
    cd_module *module;
    cd_tensor *memory; /* NULL: the sequence itself */
    cd_tensor *mask, *padding;
    bool is_causal;
} attended;

static cd_tensor *attend(const attended *a, cd_tensor *x)
{
    cd_tensor *keys = a->memory ? a->memory : x;
    return cd_forward_attention(a->module, x, keys, keys, .attn_mask = a->mask,
                                .key_padding_mask = a->padding, .no_weights = true,
                                .is_causal = a->is_causal)
        .output;
}

static cd_tensor *feed_forward(const layer *self, cd_tensor *x)
{
    cd_tensor *y = cd_forward(self->linear1, x);
    y = self->options.activation == CD_TRANSFORMER_GELU ? cd_gelu(y) : cd_relu(y);
    return cd_forward(self->linear2, cd_forward(self->dropout, y));
}

/* x and what the block makes of it, with the normalisation before or after. `a` is NULL for the
 * linear layers. */
static cd_tensor *block(const layer *self, int which, const attended *a, cd_tensor *x)
{
    const bool first = self->options.norm_first;
    cd_tensor *y = first ? cd_forward(self->norm[which], x) : x;
    y = a ? attend(a, y) : feed_forward(self, y);
    y = cd_add(x, cd_forward(self->drop[which], y));
    return first ? y : cd_forward(self->norm[which], y);
}

bool cd_transformer_check_count(const cd_module *m, const cd_arguments *a, int least, int most)
{
    return (a->inputs >= least && a->inputs <= most) ||
           cd_fail(CD_ERR_ARGUMENT, "forward: %s takes %d to %d inputs, and got %d",
                   cd_module_name(m), least, most, a->inputs);
}

static cd_causal_masks causal_masks(const cd_arguments *a)
{
    return a->options ? *(const cd_causal_masks *)a->options : (cd_causal_masks){ false, false };
}

static bool transformer_encoder_layer_forward(cd_module *m, const cd_arguments *a)
{
    const layer *self = (const layer *)m;
    if (!cd_transformer_check_count(m, a, 1, 3)) return false;
    const attended own = { self->self_attn, NULL, cd_module_input(a, 1), cd_module_input(a, 2),
                           causal_masks(a).own };
    a->out[0] = block(self, FEED, NULL, block(self, SELF, &own, a->in[0]));
    return cd_ok();
}

static bool transformer_decoder_layer_forward(cd_module *m, const cd_arguments *a)
{
    const layer *self = (const layer *)m;
    if (!cd_transformer_check_count(m, a, 2, 6)) return false;
    const attended own = { self->self_attn, NULL, cd_module_input(a, 2), cd_module_input(a, 4),
                           causal_masks(a).own };
    const attended cross = { self->multihead_attn, a->in[1], cd_module_input(a, 3),
                             cd_module_input(a, 5), causal_masks(a).memory };
    cd_tensor *x = block(self, SELF, &own, a->in[0]);
    a->out[0] = block(self, FEED, NULL, block(self, CROSS, &cross, x));
    return cd_ok();
}

/* --- making one ------------------------------------------------------------------------------- */

static cd_module *new_attention(const cd_nn_transformer_layer_options *o)
{
    return cd_nn_multihead_attention(o->d_model, o->nhead, .dropout = o->dropout,
                                     .batch_first = o->batch_first, .no_bias = o->no_bias,
                                     .dtype = o->dtype, .device = o->device);
}

static bool register_numbered(layer *self, const char *name, int number, cd_module **slot,
                              cd_module *child)
{
    char full[32];
    (void)snprintf(full, sizeof full, "%s%d", name, number);
    return cd_register_child(&self->module, full, slot, child);
}

static bool register_children(layer *self, bool decoder)
{
    const cd_nn_transformer_layer_options *o = &self->options;
    cd_module *m = &self->module;
    if (!cd_register_child(m, "self_attn", &self->self_attn, new_attention(o)) ||
        (decoder &&
         !cd_register_child(m, "multihead_attn", &self->multihead_attn, new_attention(o))) ||
        !cd_register_child(m, "linear1", &self->linear1,
                           cd_nn_linear(o->d_model, o->dim_feedforward, .no_bias = o->no_bias,
                                        .dtype = o->dtype, .device = o->device)) ||
        !cd_register_child(m, "dropout", &self->dropout, cd_nn_dropout(o->dropout)) ||
        !cd_register_child(m, "linear2", &self->linear2,
                           cd_nn_linear(o->dim_feedforward, o->d_model, .no_bias = o->no_bias,
                                        .dtype = o->dtype, .device = o->device))) {
        return false;
    }
    for (int k = 0, number = 1; k < BLOCKS; k++) {
        if (k == CROSS && !decoder) continue;
        cd_module *norm =
            cd_nn_layer_norm(CD_SHAPE(o->d_model), .eps = o->layer_norm_eps, .no_bias = o->no_bias,
                             .dtype = o->dtype, .device = o->device);
        if (!register_numbered(self, "norm", number++, &self->norm[k], norm)) return false;
    }
    for (int k = 0, number = 1; k < BLOCKS; k++) {
        if (k == CROSS && !decoder) continue;
        cd_module *drop = cd_nn_dropout(o->dropout);
        if (!register_numbered(self, "dropout", number++, &self->drop[k], drop)) return false;
    }
    return true;
}

const char *const cd_transformer_activations[] = { "relu", "gelu", NULL };

static const cd_option options[] = {
    CD_TRANSFORMER_SIZE_ROWS(cd_nn_transformer_layer_options),
    CD_TRANSFORMER_ROWS(cd_nn_transformer_layer_options),
    CD_OPTIONS_END,
};

static cd_module *make(const cd_module_class *class_, cd_nn_transformer_layer_options o,
                       const char *name)
{
    if (!cd_options_fill(options, &o, name)) return NULL;
    CD_SCOPE();
    layer *self = (layer *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    const bool decoder = class_ == &cd_nn_transformer_decoder_layer_class;
    return register_children(self, decoder) ? cd_escape(self) : NULL;
}

/* optional_: the inputs that are masks */
#define CLASS(name_, printed_, optional_)                                                          \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(*(const cd_nn_transformer_layer_options *)o);                  \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = {                                                \
        .name = printed_,                                                                          \
        .size = sizeof(layer),                                                                     \
        .optional_inputs = optional_,                                                              \
        .forward = name_##_forward,                                                                \
        CD_CLASS_OPTIONS(layer, options, options),                                                 \
        .make = name_##_make,                                                                      \
    };                                                                                             \
    cd_module *cd_nn_##name_##_with(cd_nn_transformer_layer_options o)                             \
    {                                                                                              \
        return make(&cd_nn_##name_##_class, o, "nn_" #name_);                                      \
    }

CLASS(transformer_encoder_layer, "TransformerEncoderLayer", 6)
CLASS(transformer_decoder_layer, "TransformerDecoderLayer", 60)
