/* torch.nn.TransformerEncoder and TransformerDecoder: layers, each a copy of the one that is given,
 * called one after the other, and a module after the last. */
#include "core/error.h"
#include "nn/containers.h"
#include "nn/state_dict.h"
#include "nn/transformer_internal.h"

typedef struct stack {
    cd_module module;
    cd_module *layers, *norm;
} stack;

/* --- forward ---------------------------------------------------------------------------------- */

/* Calls each layer with all inputs, of which the first is the output of the layer before. A class
 * of the user's does not know the options of the library's own. */
static bool stack_forward(cd_module *m, const cd_arguments *a, const cd_module_class *layer)
{
    const stack *self = (const stack *)m;
    const bool decoder = layer == &cd_nn_transformer_decoder_layer_class;
    const int most = decoder ? 6 : 3;
    if (!cd_transformer_check_count(m, a, decoder ? 2 : 1, most)) return false;
    cd_tensor *in[6] = { NULL }, *x = a->in[0];
    for (int i = 1; i < a->inputs; i++) in[i] = a->in[i];
    const int count = self->layers ? cd_num_children(self->layers) : 0;
    if (count == 0) {
        return cd_fail(CD_ERR_STATE, "forward: the %s has no layers", cd_module_name(m));
    }
    for (int i = 0; i < count; i++) {
        cd_module *child = cd_module_child(self->layers, i);
        in[0] = x;
        const cd_arguments call = { .in = in,
                                    .out = &x,
                                    .inputs = most,
                                    .outputs = 1,
                                    .options = child->class_ == layer ? a->options : NULL };
        if (!cd_module_call(child, &call)) return false;
    }
    a->out[0] = self->norm ? cd_forward(self->norm, x) : x;
    return cd_ok();
}

static bool transformer_encoder_forward(cd_module *m, const cd_arguments *a)
{
    return stack_forward(m, a, &cd_nn_transformer_encoder_layer_class);
}

static bool transformer_decoder_forward(cd_module *m, const cd_arguments *a)
{
    return stack_forward(m, a, &cd_nn_transformer_decoder_layer_class);
}

/* --- calling by names ------------------------------------------------------------------------- */

static bool is_one_of(const cd_module *m, const char *function, const cd_module_class *layer,
                      const cd_module_class *stack_)
{
    return cd_check_module(m, function, "the module") &&
           (m->class_ == layer || m->class_ == stack_ ||
            cd_fail(CD_ERR_ARGUMENT, "%s: a %s is neither a %s nor a %s", function, m->class_->name,
                    layer->name, stack_->name));
}

static cd_tensor *call_one(cd_module *m, cd_tensor *const *in, int inputs, cd_causal_masks causal)
{
    cd_tensor *y = NULL;
    const cd_arguments a = {
        .in = in, .out = &y, .inputs = inputs, .outputs = 1, .options = &causal
    };
    return cd_module_call(m, &a) ? y : NULL;
}

cd_tensor *cd_forward_encoder_with(cd_encoder_inputs i)
{
    if (!is_one_of(i.module, "forward_encoder", &cd_nn_transformer_encoder_layer_class,
                   &cd_nn_transformer_encoder_class)) {
        return NULL;
    }
    cd_tensor *in[] = { i.src, i.src_mask, i.src_key_padding_mask };
    return call_one(i.module, in, 3, (cd_causal_masks){ .own = i.is_causal });
}

cd_tensor *cd_forward_decoder_with(cd_decoder_inputs i)
{
    if (!is_one_of(i.module, "forward_decoder", &cd_nn_transformer_decoder_layer_class,
                   &cd_nn_transformer_decoder_class)) {
        return NULL;
    }
    cd_tensor *in[] = { i.tgt,
                        i.memory,
                        i.tgt_mask,
                        i.memory_mask,
                        i.tgt_key_padding_mask,
                        i.memory_key_padding_mask };
    return call_one(i.module, in, 6, (cd_causal_masks){ i.tgt_is_causal, i.memory_is_causal });
}

/* --- making one ------------------------------------------------------------------------------- */

/* A stack with a list of `copies` copies of the layer. */
static cd_module *make(const cd_module_class *class_, const cd_nn_transformer_stack_options *o,
                       int64_t copies)
{
    CD_SCOPE();
    stack *self = (stack *)cd_module_new(class_);
    cd_module *layers = cd_nn_module_list_n(NULL, 0);
    for (int64_t i = 0; i < copies && cd_ok(); i++) {
        (void)cd_module_append(layers, cd_module_copy(o->layer));
    }
    return cd_ok() && cd_register_child(&self->module, "layers", &self->layers, layers) &&
                   cd_register_child(&self->module, "norm", &self->norm, o->norm)
               ? cd_escape(self)
               : NULL;
}

static cd_module *make_checked(const cd_module_class *class_,
                               const cd_nn_transformer_stack_options *o, const char *name)
{
    if (!cd_check_module(o->layer, name, "the layer") ||
        (o->norm && !cd_check_module(o->norm, name, ".norm"))) {
        return NULL;
    }
    if (o->num_layers < 1 || o->num_layers > 1 << 16) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: num_layers is %lld, and must be from 1 to 65536", name,
                      (long long)o->num_layers);
        return NULL;
    }
    return make(class_, o, o->num_layers);
}

/* optional_: the inputs that are masks. `make` makes a stack without layers: they are children, and
 * not options. */
#define CLASS(name_, printed_, optional_)                                                          \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        (void)o;                                                                                   \
        return make(&cd_nn_##name_##_class, &(cd_nn_transformer_stack_options){ .layer = NULL },   \
                    0);                                                                            \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = {                                                \
        .name = printed_,                                                                          \
        .size = sizeof(stack),                                                                     \
        .optional_inputs = optional_,                                                              \
        .forward = name_##_forward,                                                                \
        .make = name_##_make,                                                                      \
    };                                                                                             \
    cd_module *cd_nn_##name_##_with(cd_nn_transformer_stack_options o)                             \
    {                                                                                              \
        return make_checked(&cd_nn_##name_##_class, &o, "nn_" #name_);                             \
    }

CLASS(transformer_encoder, "TransformerEncoder", 6)
CLASS(transformer_decoder, "TransformerDecoder", 60)
