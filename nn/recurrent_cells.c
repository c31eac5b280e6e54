/* torch.nn.RNNCell, LSTMCell and GRUCell: one step of the layers in recurrent.c. */
#include "core/error.h"
#include "nn/recurrent_internal.h"

typedef struct cell {
    cd_module module;
    cd_recurrent_parameters parameters;
    cd_nn_recurrent_cell_options options;
} cell;

static cd_recurrent_kind kind_of(const cd_module *m)
{
    if (m->class_ == &cd_nn_lstm_cell_class) return CD_LSTM_STEP;
    if (m->class_ == &cd_nn_gru_cell_class) return CD_GRU_STEP;
    return ((const cell *)m)->options.nonlinearity == CD_RNN_RELU ? CD_RELU_STEP : CD_TANH_STEP;
}

static cd_dtype dtype_of(const cell *self)
{
    return cd_dtype_of(self->parameters.weight_ih);
}

/* The state that was given, or zeros; NULL with an error. */
static cd_tensor *initial(const cell *self, const char *what, cd_tensor *given, cd_tensor *x)
{
    const cd_nn_recurrent_cell_options *o = &self->options;
    cd_shape shape = cd_shape_of(x);
    shape.dim[shape.ndim - 1] = o->hidden_size;
    if (!given) return cd_zeros(shape, .dtype = dtype_of(self), .device = cd_device_of(x));
    return cd_recurrent_check(cd_module_name(&self->module), what, given, shape, dtype_of(self))
               ? given
               : NULL;
}

static bool check_x(const cell *self, cd_tensor *x)
{
    const cd_nn_recurrent_cell_options *o = &self->options;
    const char *name = cd_module_name(&self->module);
    char text[CD_SHAPE_TEXT];
    const cd_shape shape = cd_shape_of(x);
    if ((shape.ndim != 1 && shape.ndim != 2) || shape.dim[shape.ndim - 1] != o->input_size) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: x is %s, and must have 2 dimensions, or 1 without a batch, the last of "
                       "them input_size, %lld",
                       name, cd_shape_text(shape, text), (long long)o->input_size);
    }
    return cd_recurrent_check(name, "x", x, shape, dtype_of(self));
}

static bool cell_forward(cd_module *m, const cd_arguments *a)
{
    const cell *self = (const cell *)m;
    const cd_recurrent_kind kind = kind_of(m);
    const bool lstm = kind == CD_LSTM_STEP;
    const int most = lstm ? 3 : 2;
    cd_tensor *x = a->in[0], *h = cd_module_input(a, 1), *c = lstm ? cd_module_input(a, 2) : NULL;
    if (a->inputs > most) {
        return cd_fail(CD_ERR_ARGUMENT, "forward: %s takes at most %d inputs, and got %d",
                       cd_module_name(m), most, a->inputs);
    }
    if (lstm && !h != !c) {
        return cd_fail(CD_ERR_ARGUMENT, "LSTMCell: %s is given without %s", h ? "h0" : "c0",
                       h ? "c0" : "h0");
    }
    if (!check_x(self, x)) return false;
    const cd_recurrent_parameters *p = &self->parameters;
    const cd_recurrent_state before = { .h = initial(self, "h0", h, x),
                                        .c = lstm ? initial(self, "c0", c, x) : NULL };
    if (!cd_ok()) return false;
    const cd_recurrent_state after =
        cd_recurrent_step(kind, p, cd_linear(x, p->weight_ih, p->bias_ih), before);
    a->out[0] = after.h;
    if (lstm) a->out[1] = after.c;
    return cd_ok();
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_recurrent_cell_options, member_, kind_)
#define COMMON                                                                                     \
    { "input_size", FIELD(input_size, INTEGER), .required = true, .shown = CD_SHOWN_VALUE },       \
        { "hidden_size", FIELD(hidden_size, INTEGER), .required = true, .min = 1,                  \
          .shown = CD_SHOWN_VALUE },                                                               \
        { "bias", FIELD(no_bias, NEGATED), .shown = CD_SHOWN_CHANGED },                            \
    {                                                                                              \
        "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER                                      \
    }

static const char *const nonlinearities[] = { "tanh", "relu", NULL };
static const cd_option rnn_cell_options[] = {
    COMMON,
    { "nonlinearity", FIELD(nonlinearity, CHOICE), .choices = nonlinearities,
      .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};
static const cd_option gated_options[] = {
    COMMON,
    CD_OPTIONS_END,
};

/* As PyTorch prints it, which has no quotation marks around the nonlinearity. */
static void rnn_cell_describe(const cd_module *m, char *text, size_t bytes)
{
    const cd_nn_recurrent_cell_options *o = &((const cell *)m)->options;
    (void)snprintf(text, bytes, "%lld, %lld%s%s", (long long)o->input_size,
                   (long long)o->hidden_size, o->no_bias ? ", bias=False" : "",
                   o->nonlinearity == CD_RNN_RELU ? ", nonlinearity=relu" : "");
}

static cd_module *make(const cd_module_class *class_, cd_nn_recurrent_cell_options o,
                       const char *name)
{
    if (!cd_options_fill(class_->options, &o, name)) return NULL;
    if (class_ != &cd_nn_rnn_cell_class && o.nonlinearity != CD_RNN_TANH) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: only an RNNCell has a nonlinearity", name);
        return NULL;
    }
    CD_SCOPE();
    cell *self = (cell *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    const cd_recurrent_sizes sizes = {
        kind_of(&self->module), o.input_size, o.hidden_size, 0, o.no_bias, o.dtype, o.device
    };
    return cd_recurrent_register(&self->module, &self->parameters, &sizes, "") ? cd_escape(self)
                                                                               : NULL;
}

#define CLASS(name_, printed_, outputs_, optional_, table_, ...)                                   \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(*(const cd_nn_recurrent_cell_options *)o);                     \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = printed_,                              \
                                                    .size = sizeof(cell),                          \
                                                    .outputs = outputs_,                           \
                                                    .optional_inputs = optional_,                  \
                                                    .forward = cell_forward,                       \
                                                    CD_CLASS_OPTIONS(cell, options, table_),       \
                                                    .make = name_##_make,                          \
                                                    __VA_ARGS__ };                                 \
    cd_module *cd_nn_##name_##_with(cd_nn_recurrent_cell_options o)                                \
    {                                                                                              \
        return make(&cd_nn_##name_##_class, o, "nn_" #name_);                                      \
    }

CLASS(rnn_cell, "RNNCell", 1, 2, rnn_cell_options, .describe = rnn_cell_describe)
CLASS(lstm_cell, "LSTMCell", 2, 6, gated_options, .describe = NULL)
CLASS(gru_cell, "GRUCell", 1, 2, gated_options, .describe = NULL)
