/* torch.nn.Transformer: an encoder, and a decoder that attends to its output; and the mask of a
 * sequence that sees no later element. */
#include <math.h>

#include "autograd/create.h"
#include "core/error.h"
#include "nn/init.h"
#include "nn/layers.h"
#include "nn/transformer_internal.h"

/* The inputs, in the order of PyTorch's arguments. */
enum {
    SRC,
    TGT,
    SRC_MASK,
    TGT_MASK,
    MEMORY_MASK,
    SRC_PADDING,
    TGT_PADDING,
    MEMORY_PADDING,
    INPUTS
};

typedef struct transformer {
    cd_module module;
    cd_module *encoder, *decoder;
    cd_nn_transformer_options options;
} transformer;

/* The options of a call. */
typedef struct causal {
    cd_causal_masks encoder, decoder;
} causal;

/* --- forward ---------------------------------------------------------------------------------- */

static bool check_sequences(const transformer *self, const cd_tensor *src, const cd_tensor *tgt)
{
    char text_s[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
    const cd_shape *s = &src->shape, *t = &tgt->shape;
    const int batch = self->options.batch_first ? 0 : 1;
    (void)cd_sizes_text(s, text_s);
    (void)cd_sizes_text(t, text_t);
    if (s->ndim != t->ndim || (s->ndim != 2 && s->ndim != 3)) {
        return cd_fail(CD_ERR_SHAPE,
                       "Transformer: src (%s) and tgt (%s) must both have 3 dimensions, or without "
                       "a batch 2",
                       text_s, text_t);
    }
    if (s->ndim == 3 && s->dim[batch] != t->dim[batch]) {
        return cd_fail(CD_ERR_SHAPE,
                       "Transformer: the batch number of src (%s) and tgt (%s) must be equal",
                       text_s, text_t);
    }
    const int64_t d_model = self->options.d_model;
    return (s->dim[s->ndim - 1] == d_model && t->dim[t->ndim - 1] == d_model) ||
           cd_fail(CD_ERR_SHAPE,
                   "Transformer: the feature number of src (%s) and tgt (%s) must be equal to "
                   "d_model, %lld",
                   text_s, text_t, (long long)d_model);
}

/* Calls the encoder or decoder, which is of the library's class or what the user has put in its
 * place. Such a module gets only the inputs up to the last one that is given, and no options. */
static cd_tensor *call_part(cd_module *part, const cd_module_class *class_, cd_tensor *const *in,
                            int inputs, const cd_causal_masks *masks)
{
    cd_tensor *y = NULL;
    while (!in[inputs - 1]) inputs--;
    const cd_arguments a = { .in = in,
                             .out = &y,
                             .inputs = inputs,
                             .outputs = 1,
                             .options = part->class_ == class_ ? masks : NULL };
    return cd_module_call(part, &a) ? y : NULL;
}

static bool transformer_forward(cd_module *m, const cd_arguments *a)
{
    const transformer *self = (const transformer *)m;
    const causal none = { { false, false }, { false, false } };
    const causal *masks = a->options ? a->options : &none;
    cd_tensor *in[INPUTS];
    if (!cd_transformer_check_count(m, a, TGT + 1, INPUTS)) return false;
    for (int k = 0; k < INPUTS; k++) in[k] = cd_module_input(a, k);
    if (!check_sequences(self, in[SRC], in[TGT])) return false;
    if (!self->encoder || !self->decoder) {
        return cd_fail(CD_ERR_STATE, "forward: the Transformer has no %s",
                       self->encoder ? "decoder" : "encoder");
    }
    cd_tensor *const encoded[] = { in[SRC], in[SRC_MASK], in[SRC_PADDING] };
    cd_tensor *memory =
        call_part(self->encoder, &cd_nn_transformer_encoder_class, encoded, 3, &masks->encoder);
    if (!memory) return false;
    cd_tensor *const decoded[] = { in[TGT],         memory,          in[TGT_MASK],
                                   in[MEMORY_MASK], in[TGT_PADDING], in[MEMORY_PADDING] };
    a->out[0] =
        call_part(self->decoder, &cd_nn_transformer_decoder_class, decoded, 6, &masks->decoder);
    return a->out[0];
}

cd_tensor *cd_forward_transformer_with(cd_transformer_inputs i)
{
    if (!cd_check_module(i.module, "forward_transformer", "the module")) return NULL;
    if (i.module->class_ != &cd_nn_transformer_class) {
        (void)cd_fail(CD_ERR_ARGUMENT, "forward_transformer: a %s is no Transformer",
                      i.module->class_->name);
        return NULL;
    }
    cd_tensor *y = NULL;
    const causal masks = { { .own = i.src_is_causal },
                           { .own = i.tgt_is_causal, .memory = i.memory_is_causal } };
    cd_tensor *const in[INPUTS] = { [SRC] = i.src,
                                    [TGT] = i.tgt,
                                    [SRC_MASK] = i.src_mask,
                                    [TGT_MASK] = i.tgt_mask,
                                    [MEMORY_MASK] = i.memory_mask,
                                    [SRC_PADDING] = i.src_key_padding_mask,
                                    [TGT_PADDING] = i.tgt_key_padding_mask,
                                    [MEMORY_PADDING] = i.memory_key_padding_mask };
    const cd_arguments a = {
        .in = in, .out = &y, .inputs = INPUTS, .outputs = 1, .options = &masks
    };
    return cd_module_call(i.module, &a) ? y : NULL;
}

/* --- making one ------------------------------------------------------------------------------- */

static cd_module *new_norm(const cd_nn_transformer_options *o)
{
    return cd_nn_layer_norm(CD_SHAPE(o->d_model), .eps = o->layer_norm_eps, .no_bias = o->no_bias,
                            .dtype = o->dtype, .device = o->device);
}

/* In PyTorch's order, in which random numbers are drawn. */
static bool register_parts(transformer *self)
{
    const cd_nn_transformer_options *o = &self->options;
    const cd_nn_transformer_layer_options layer = { .d_model = o->d_model,
                                                    .nhead = o->nhead,
                                                    .dim_feedforward = o->dim_feedforward,
                                                    .dropout = o->dropout,
                                                    .activation = o->activation,
                                                    .layer_norm_eps = o->layer_norm_eps,
                                                    .batch_first = o->batch_first,
                                                    .norm_first = o->norm_first,
                                                    .no_bias = o->no_bias,
                                                    .dtype = o->dtype,
                                                    .device = o->device };
    cd_module *encoder = cd_nn_transformer_encoder(cd_nn_transformer_encoder_layer_with(layer),
                                                   o->num_encoder_layers, .norm = new_norm(o));
    cd_module *decoder = cd_nn_transformer_decoder(cd_nn_transformer_decoder_layer_with(layer),
                                                   o->num_decoder_layers, .norm = new_norm(o));
    return cd_ok() && cd_register_child(&self->module, "encoder", &self->encoder, encoder) &&
           cd_register_child(&self->module, "decoder", &self->decoder, decoder);
}

/* All matrices, biases and norms keep their values. */
static bool draw_matrix(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    (void)user;
    return t->shape.ndim < 2 || cd_init_xavier_uniform_(t);
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_transformer_options, member_, kind_)
static const cd_option options[] = {
    CD_TRANSFORMER_SIZE_ROWS(cd_nn_transformer_options),
    { "num_encoder_layers", FIELD(num_encoder_layers, INTEGER), .default_value = 6, .min = 1,
      .shown = CD_SHOWN_NEVER },
    { "num_decoder_layers", FIELD(num_decoder_layers, INTEGER), .default_value = 6, .min = 1,
      .shown = CD_SHOWN_NEVER },
    CD_TRANSFORMER_ROWS(cd_nn_transformer_options),
    CD_OPTIONS_END,
};

static cd_module *transformer_make(const void *o)
{
    return cd_nn_transformer_with(*(const cd_nn_transformer_options *)o);
}

const cd_module_class cd_nn_transformer_class = {
    .name = "Transformer",
    .size = sizeof(transformer),
    .optional_inputs = 252, /* the masks */
    .forward = transformer_forward,
    CD_CLASS_OPTIONS(transformer, options, options),
    .make = transformer_make,
};

cd_module *cd_nn_transformer_with(cd_nn_transformer_options o)
{
    if (!cd_options_fill(options, &o, "nn_transformer")) return NULL;
    CD_SCOPE();
    transformer *self = (transformer *)cd_module_new(&cd_nn_transformer_class);
    if (!self) return NULL;
    self->options = o;
    return register_parts(self) && cd_visit(&self->module, draw_matrix, NULL) ? cd_escape(self)
                                                                              : NULL;
}

/* --- the causal mask -------------------------------------------------------------------------- */

cd_tensor *cd_square_subsequent_mask_with(cd_square_subsequent_mask_options o)
{
    if (o.size < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "square_subsequent_mask: the size is %lld, and must be 0 or "
                      "more",
                      (long long)o.size);
        return NULL;
    }
    CD_SCOPE();
    cd_tensor *all = cd_full(CD_SHAPE(o.size, o.size), -INFINITY,
                             .dtype = o.dtype ? o.dtype : CD_F32, .device = o.device);
    return cd_escape(cd_triu(all, 1));
}
