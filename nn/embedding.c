/* torch.nn.Embedding: a table of vectors, looked up by index. */
#include <math.h>

#include "core/error.h"
#include "nn/init.h"
#include "nn/layers.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed. */
typedef struct own_options {
    int64_t num_embeddings, embedding_dim;
    double padding_idx; /* a whole number, CD_ZERO for 0; 0: there is none */
    bool scale_grad_by_freq;
    cd_dtype dtype;
    cd_device device;
} own_options;

typedef struct embedding {
    cd_module module;
    cd_tensor *weight;
    own_options options;
} embedding;

static bool has_padding(const own_options *o)
{
    return o->padding_idx != 0 || signbit(o->padding_idx);
}

static bool embedding_forward(cd_module *m, const cd_arguments *a)
{
    const embedding *self = (const embedding *)m;
    const own_options *o = &self->options;
    a->out[0] = cd_embedding(a->in[0], self->weight, .padding = has_padding(o),
                             .padding_idx = (int64_t)o->padding_idx,
                             .scale_grad_by_freq = o->scale_grad_by_freq);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(own_options, member_, kind_)
static const cd_option options[] = {
    { "num_embeddings", FIELD(num_embeddings, INTEGER), .required = true, .shown = CD_SHOWN_VALUE },
    { "embedding_dim", FIELD(embedding_dim, INTEGER), .required = true, .shown = CD_SHOWN_VALUE },
    { "padding_idx", FIELD(padding_idx, REAL), .whole = true, .text = "None",
      .shown = CD_SHOWN_CHANGED },
    { "scale_grad_by_freq", FIELD(scale_grad_by_freq, BOOL), .shown = CD_SHOWN_CHANGED },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *embedding_make(const void *o_)
{
    const own_options *o = o_;
    return cd_nn_embedding(o->num_embeddings, o->embedding_dim, .padding = has_padding(o),
                           .padding_idx = (int64_t)o->padding_idx,
                           .scale_grad_by_freq = o->scale_grad_by_freq, .dtype = o->dtype,
                           .device = o->device);
}

const cd_module_class cd_nn_embedding_class = { .name = "Embedding",
                                                .size = sizeof(embedding),
                                                .inputs = 1,
                                                .forward = embedding_forward,
                                                CD_CLASS_OPTIONS(embedding, options, options),
                                                .make = embedding_make };

/* Checks the options, and counts the padding from the front. */
static bool own_options_of(const cd_nn_embedding_options *o, own_options *own)
{
    int64_t padding = o->padding_idx;
    *own = (own_options){ .num_embeddings = o->num_embeddings,
                          .embedding_dim = o->embedding_dim,
                          .scale_grad_by_freq = o->scale_grad_by_freq,
                          .dtype = o->dtype,
                          .device = o->device };
    if (!cd_options_fill(options, own, "nn_embedding")) return false;
    if (!o->padding) {
        return padding == 0 || cd_fail(CD_ERR_ARGUMENT,
                                       "nn_embedding: .padding_idx is %lld, and is only looked at "
                                       "with .padding = true",
                                       (long long)padding);
    }
    if (padding < 0) padding += o->num_embeddings;
    if (padding < 0 || padding >= o->num_embeddings) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "nn_embedding: .padding_idx is %lld, and there are %lld rows",
                       (long long)o->padding_idx, (long long)o->num_embeddings);
    }
    own->padding_idx = padding > 0 ? (double)padding : CD_ZERO;
    return true;
}

/* Normal numbers, and zeros in the row of the padding. */
static cd_tensor *initial_weight(const own_options *o)
{
    cd_tensor *weight = cd_empty(CD_SHAPE(o->num_embeddings, o->embedding_dim), .dtype = o->dtype,
                                 .device = o->device);
    if (!cd_init_normal_(weight, 0, 1)) return NULL;
    CD_NO_GRAD();
    if (has_padding(o)) (void)cd_zero_(cd_select(weight, 0, (int64_t)o->padding_idx));
    return cd_ok() ? weight : NULL;
}

static cd_module *new_embedding(const own_options *o, cd_tensor *weight)
{
    embedding *self = weight ? (embedding *)cd_module_new(&cd_nn_embedding_class) : NULL;
    if (!self) return NULL;
    self->options = *o;
    if (!cd_register_parameter(&self->module, "weight", &self->weight, weight)) return NULL;
    return cd_escape(self);
}

cd_module *cd_nn_embedding_with(cd_nn_embedding_options o)
{
    own_options own;
    if (!own_options_of(&o, &own)) return NULL;
    CD_SCOPE();
    return new_embedding(&own, initial_weight(&own));
}

cd_module *cd_nn_embedding_from_pretrained_with(cd_nn_embedding_from_options o)
{
    own_options own;
    if (!cd_check_tensor(o.weight, "nn_embedding_from_pretrained", "weight")) return NULL;
    if (o.weight->shape.ndim != 2 || !cd_dtype_is_floating(o.weight->dtype)) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE,
                      "nn_embedding_from_pretrained: weight must be a floating matrix, and is %s "
                      "of %s",
                      cd_shape_text(o.weight->shape, text), cd_dtype_name(o.weight->dtype));
        return NULL;
    }
    const cd_nn_embedding_options made = { .num_embeddings = o.weight->shape.dim[0],
                                           .embedding_dim = o.weight->shape.dim[1],
                                           .padding = o.padding,
                                           .padding_idx = o.padding_idx,
                                           .scale_grad_by_freq = o.scale_grad_by_freq,
                                           .dtype = o.weight->dtype,
                                           .device = cd_tensor_device(o.weight) };
    if (!own_options_of(&made, &own)) return NULL;
    CD_SCOPE();
    cd_tensor *weight = cd_detach(o.weight);
    cd_module *m = new_embedding(&own, weight);
    if (m && !o.unfrozen && !cd_set_requires_grad(weight, false)) return NULL;
    return m ? cd_escape(m) : NULL;
}
