/* torch.nn.RNN, LSTM and GRU. The product of the input is one for all steps. */
#include "nn/recurrent_internal.h"

#include <math.h>
#include <string.h>

#include "autograd/families/lstm_internal.h"
#include "autograd/logic.h"
#include "autograd/reduction.h"
#include "autograd/shape_ops.h"
#include "autograd/layer_ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/init.h"

typedef struct recurrent {
    cd_module module;
    cd_recurrent_parameters *layers; /* one for each layer and direction; owned */
    cd_nn_recurrent_options options;
} recurrent;

/* --- one step, which the cells take too ------------------------------------------------------- */

int64_t cd_recurrent_gates(cd_recurrent_kind kind)
{
    return kind == CD_LSTM_STEP ? 4 : kind == CD_GRU_STEP ? 3 : 1;
}

static cd_recurrent_state lstm_step(const cd_recurrent_parameters *p, cd_tensor *gates,
                                    cd_recurrent_state before)
{
    cd_tensor *i, *f, *g, *o;
    cd_tensor *sum = cd_add(gates, cd_linear(before.h, p->weight_hh, p->bias_hh));
    cd_unpack(cd_chunk(sum, 4, -1), &i, &f, &g, &o);
    cd_tensor *c = cd_add(cd_mul(cd_sigmoid(f), before.c), cd_mul(cd_sigmoid(i), cd_tanh(g)));
    cd_tensor *h = cd_mul(cd_sigmoid(o), cd_tanh(c));
    if (p->weight_hr) h = cd_linear(h, p->weight_hr, NULL);
    return (cd_recurrent_state){ h, c };
}

static cd_recurrent_state gru_step(const cd_recurrent_parameters *p, cd_tensor *gates,
                                   cd_recurrent_state before)
{
    cd_tensor *r, *z, *n, *r_h, *z_h, *n_h;
    cd_unpack(cd_chunk(gates, 3, -1), &r, &z, &n);
    cd_unpack(cd_chunk(cd_linear(before.h, p->weight_hh, p->bias_hh), 3, -1), &r_h, &z_h, &n_h);
    r = cd_sigmoid(cd_add(r, r_h));
    z = cd_sigmoid(cd_add(z, z_h));
    n = cd_tanh(cd_add(n, cd_mul(r, n_h)));
    return (cd_recurrent_state){ .h = cd_add(cd_mul(cd_sub(before.h, n), z), n) };
}

cd_recurrent_state cd_recurrent_step(cd_recurrent_kind kind, const cd_recurrent_parameters *p,
                                     cd_tensor *gates, cd_recurrent_state before)
{
    if (kind == CD_LSTM_STEP) return lstm_step(p, gates, before);
    if (kind == CD_GRU_STEP) return gru_step(p, gates, before);
    cd_tensor *sum = cd_add(gates, cd_linear(before.h, p->weight_hh, p->bias_hh));
    return (cd_recurrent_state){ .h = kind == CD_TANH_STEP ? cd_tanh(sum) : cd_relu(sum) };
}

static bool register_one(cd_module *m, cd_tensor **slot, const cd_recurrent_sizes *s,
                         const char *name, const char *suffix, cd_shape shape)
{
    char full[64];
    (void)snprintf(full, sizeof full, "%s%s", name, suffix);
    cd_tensor *t = cd_empty(shape, .dtype = s->dtype, .device = s->device);
    const double bound = 1 / sqrt((double)s->hidden);
    return t && cd_init_uniform_(t, -bound, bound) && cd_register_parameter(m, full, slot, t);
}

bool cd_recurrent_register(cd_module *m, cd_recurrent_parameters *p, const cd_recurrent_sizes *s,
                           const char *suffix)
{
    int64_t rows;
    if (__builtin_mul_overflow(s->hidden, cd_recurrent_gates(s->kind), &rows)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: hidden_size is %lld, which is too large",
                       cd_module_name(m), (long long)s->hidden);
    }
    const cd_shape bias = CD_SHAPE(rows);
    const int64_t state = s->proj ? s->proj : s->hidden;
    return register_one(m, &p->weight_ih, s, "weight_ih", suffix, CD_SHAPE(rows, s->input)) &&
           register_one(m, &p->weight_hh, s, "weight_hh", suffix, CD_SHAPE(rows, state)) &&
           (s->no_bias || (register_one(m, &p->bias_ih, s, "bias_ih", suffix, bias) &&
                           register_one(m, &p->bias_hh, s, "bias_hh", suffix, bias))) &&
           (!s->proj ||
            register_one(m, &p->weight_hr, s, "weight_hr", suffix, CD_SHAPE(s->proj, s->hidden)));
}

bool cd_recurrent_check(const char *module, const char *what, const cd_tensor *t, cd_shape right,
                        cd_dtype dtype)
{
    char text[CD_SHAPE_TEXT], expected[CD_SHAPE_TEXT];
    const cd_shape shape = cd_shape_of(t);
    if (!cd_shape_equal(shape, right)) {
        return cd_fail(CD_ERR_SHAPE, "%s: %s is %s, and must be %s", module, what,
                       cd_shape_text(shape, text), cd_shape_text(right, expected));
    }
    return cd_dtype_of(t) == dtype ||
           cd_fail(CD_ERR_DTYPE, "%s: %s is %s and the parameters are %s: both must have one dtype",
                   module, what, cd_dtype_name(cd_dtype_of(t)), cd_dtype_name(dtype));
}

/* --- a layer in one direction ----------------------------------------------------------------- */

static cd_recurrent_kind kind_of(const cd_module *m)
{
    if (m->class_ == &cd_nn_lstm_class) return CD_LSTM_STEP;
    if (m->class_ == &cd_nn_gru_class) return CD_GRU_STEP;
    return ((const recurrent *)m)->options.nonlinearity == CD_RNN_RELU ? CD_RELU_STEP
                                                                       : CD_TANH_STEP;
}

/* One layer in one direction. mask, T x B x 1 or NULL, says which steps are within the sequences;
 * outside the state stays and the output is 0. */
typedef struct direction {
    cd_recurrent_kind kind;
    const cd_recurrent_parameters *parameters;
    bool reverse;
    cd_tensor *mask;
} direction;

/* Goes through all steps, and writes the output of step t to output[t]. The last state. */
static cd_recurrent_state go(const direction *d, cd_tensors gates, cd_recurrent_state state,
                             cd_tensor **output)
{
    for (int k = 0; k < gates.count && cd_ok(); k++) {
        const int t = d->reverse ? gates.count - 1 - k : k;
        cd_recurrent_state next = cd_recurrent_step(d->kind, d->parameters, gates.tensor[t], state);
        output[t] = next.h;
        if (d->mask) {
            cd_tensor *within = cd_select(d->mask, 0, t);
            output[t] = cd_where(within, next.h, 0);
            next.h = cd_where(within, next.h, state.h);
            if (next.c) next.c = cd_where(within, next.c, state.c);
        }
        state = next;
    }
    return state;
}

/* A direction of an LSTM without lengths and projection, by one op. */
static cd_tensor *run_lstm(const direction *d, cd_tensor *x, cd_recurrent_state *state)
{
    const cd_recurrent_parameters *p = d->parameters;
    cd_tensor *c = NULL, *gates = cd_linear(x, p->weight_ih, p->bias_ih), *used;
    if (p->bias_hh) gates = cd_add(gates, p->bias_hh);
    cd_tensor *y = cd_lstm_steps((cd_lstm_inputs){ gates, state->h, state->c, p->weight_hh },
                                 d->reverse, &c, &used);
    const int64_t last = d->reverse ? 0 : -1;
    *state = (cd_recurrent_state){ cd_select(y, 0, last), cd_select(c, 0, last) };
    return y;
}

/* The output T x B x P of all steps; *state becomes the last one. NULL with an error. */
static cd_tensor *run_direction(const direction *d, cd_tensor *x, cd_recurrent_state *state)
{
    const cd_recurrent_parameters *p = d->parameters;
    if (d->kind == CD_LSTM_STEP && !d->mask && !p->weight_hr) return run_lstm(d, x, state);
    cd_tensors gates = cd_unbind(cd_linear(x, p->weight_ih, p->bias_ih), 0);
    if (!cd_ok()) return NULL;
    cd_tensor **output = cd_alloc((size_t)gates.count * sizeof *output);
    if (!output) return NULL;
    *state = go(d, gates, *state, output);
    cd_tensor *all =
        cd_ok() ? cd_stack((cd_tensors){ .tensor = output, .count = gates.count }, 0) : NULL;
    cd_free(output);
    return all;
}

/* --- all layers ------------------------------------------------------------------------------- */

/* A call: x is T x B x I here, and h, c the states of all layers and directions, as they are at
 * first and then as they become. */
typedef struct call {
    const recurrent *self;
    cd_recurrent_kind kind;
    cd_tensor *x, *h0, *c0, *mask;
    cd_tensor **h, **c; /* lists of the last states */
} call;

static cd_tensor *run_layer(const call *r, cd_tensor *x, int64_t layer)
{
    const int directions = r->self->options.bidirectional ? 2 : 1;
    cd_tensor *output[2] = { NULL };
    for (int way = 0; way < directions && cd_ok(); way++) {
        const int64_t i = layer * directions + way;
        const direction d = { r->kind, &r->self->layers[i], way == 1, r->mask };
        cd_recurrent_state state = { .h = cd_select(r->h0, 0, i),
                                     .c = r->c0 ? cd_select(r->c0, 0, i) : NULL };
        output[way] = run_direction(&d, x, &state);
        r->h[i] = state.h;
        r->c[i] = state.c;
    }
    return directions == 2 ? cd_cat(CD_TENSORS(output[0], output[1]), 2) : output[0];
}

static cd_tensor *run_layers(const call *r)
{
    const cd_nn_recurrent_options *o = &r->self->options;
    cd_tensor *x = r->x;
    for (int64_t layer = 0; layer < o->num_layers && cd_ok(); layer++) {
        x = run_layer(r, x, layer);
        if (layer < o->num_layers - 1 && o->dropout > 0 && cd_is_training(&r->self->module)) {
            x = cd_dropout(x, .p = o->dropout);
        }
    }
    return x;
}

static cd_dtype dtype_of(const recurrent *self)
{
    return cd_dtype_of(self->layers[0].weight_ih);
}

static int64_t state_count(const cd_nn_recurrent_options *o)
{
    return o->num_layers * (o->bidirectional ? 2 : 1);
}

/* Checks the initial state `given`, of `size` elements for each sequence of the batch, and brings
 * it to L D x B x size. If it is NULL it is zeros. NULL with an error. */
static cd_tensor *initial(const call *r, const char *what, cd_tensor *given, bool batched,
                          int64_t size)
{
    const cd_nn_recurrent_options *o = &r->self->options;
    const int64_t states = state_count(o), batch = cd_shape_of(r->x).dim[1];
    const cd_shape shape = CD_SHAPE(states, batch, size);
    if (!given) return cd_zeros(shape, .dtype = dtype_of(r->self), .device = cd_device_of(r->x));
    if (!cd_recurrent_check(cd_module_name(&r->self->module), what, given,
                            batched ? shape : CD_SHAPE(states, size), dtype_of(r->self))) {
        return NULL;
    }
    return batched ? given : cd_unsqueeze(given, 1);
}

/* Checks x and brings it to T x B x I. NULL with an error. */
static cd_tensor *time_first(const recurrent *self, cd_tensor *x)
{
    const cd_nn_recurrent_options *o = &self->options;
    const char *name = cd_module_name(&self->module);
    char text[CD_SHAPE_TEXT];
    cd_shape shape = cd_shape_of(x);
    if ((shape.ndim != 2 && shape.ndim != 3) || shape.dim[shape.ndim - 1] != o->input_size) {
        (void)cd_fail(CD_ERR_SHAPE,
                      "%s: x is %s, and must have 3 dimensions, or 2 without a batch, the last of "
                      "them input_size, %lld",
                      name, cd_shape_text(shape, text), (long long)o->input_size);
        return NULL;
    }
    if (!cd_recurrent_check(name, "x", x, shape, dtype_of(self))) return NULL;
    x = shape.ndim == 2 ? cd_unsqueeze(x, 1) : o->batch_first ? cd_transpose(x, 0, 1) : x;
    if (x && cd_shape_of(x).dim[0] == 0) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: x is %s, which has no step", name,
                      cd_shape_text(shape, text));
        return NULL;
    }
    return x;
}

/* Whether each length is from 1 to `steps`, as in PyTorch; false with an error. A captured graph
 * and the meta device have no elements to look at: there a length beyond the steps stands for all
 * of them, and a sequence without a step keeps its state. */
static bool check_lengths(const char *name, cd_tensor *lengths, int64_t steps)
{
    cd_tensor *most = NULL;
    if (cd_numel(lengths) == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: x has no sequence for the lengths", name);
    }
    if (cd_modes & CD_MODE_CAPTURE || cd_device_of(lengths) == CD_META) return true;
    cd_tensor *least = cd_aminmax(lengths, &most);
    if (!cd_ok()) return false;
    const int64_t low = cd_item_int(least), high = cd_item_int(most);
    return (low >= 1 && high <= steps) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: a length is %lld, and must be from 1 to %lld, x's steps",
                   name, (long long)(low < 1 ? low : high), (long long)steps);
}

/* T x B x 1: whether step t is within sequence b. NULL with an error. */
static cd_tensor *mask_of(const call *r, cd_tensor *lengths, bool batched)
{
    const cd_shape x = cd_shape_of(r->x);
    const char *name = cd_module_name(&r->self->module);
    if (!batched) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: lengths are for a batch, and x has none", name);
        return NULL;
    }
    if (cd_dtype_of(lengths) != CD_I64) {
        (void)cd_fail(CD_ERR_DTYPE, "%s: lengths is %s, and must be int64", name,
                      cd_dtype_name(cd_dtype_of(lengths)));
        return NULL;
    }
    if (!cd_recurrent_check(name, "lengths", lengths, CD_SHAPE(x.dim[1]), CD_I64) ||
        !check_lengths(name, lengths, x.dim[0])) {
        return NULL;
    }
    cd_tensor *steps = cd_unsqueeze(cd_arange(x.dim[0], .device = cd_device_of(r->x)), 1);
    return cd_unsqueeze(cd_lt(steps, lengths), 2);
}

static bool prepare(call *r, const cd_arguments *a)
{
    const cd_nn_recurrent_options *o = &r->self->options;
    const bool lstm = r->kind == CD_LSTM_STEP, batched = cd_shape_of(a->in[0]).ndim == 3;
    const int most = lstm ? 4 : 3;
    if (a->inputs > most) {
        return cd_fail(CD_ERR_ARGUMENT, "forward: %s takes at most %d inputs, and got %d",
                       cd_module_name(&r->self->module), most, a->inputs);
    }
    cd_tensor *h0 = cd_module_input(a, 1), *c0 = lstm ? cd_module_input(a, 2) : NULL;
    cd_tensor *lengths = cd_module_input(a, most - 1);
    if (lstm && !h0 != !c0) {
        return cd_fail(CD_ERR_ARGUMENT, "LSTM: %s is given without %s", h0 ? "h0" : "c0",
                       h0 ? "c0" : "h0");
    }
    r->x = time_first(r->self, a->in[0]);
    if (!r->x) return false;
    r->h0 = initial(r, "h0", h0, batched, o->proj_size ? o->proj_size : o->hidden_size);
    if (lstm) r->c0 = initial(r, "c0", c0, batched, o->hidden_size);
    if (!lengths) return cd_ok();
    r->mask = mask_of(r, lengths, batched);
    r->x = cd_where(r->mask, r->x, 0); /* NaN beyond a sequence would reach the gradients */
    return cd_ok();
}

static cd_tensor *join(cd_tensor **states, const cd_nn_recurrent_options *o, bool batched)
{
    cd_tensor *all =
        cd_ok() ? cd_stack((cd_tensors){ .tensor = states, .count = (int)state_count(o) }, 0)
                : NULL;
    return batched ? all : cd_squeeze(all, 1);
}

static bool recurrent_forward(cd_module *m, const cd_arguments *a)
{
    const recurrent *self = (const recurrent *)m;
    const cd_nn_recurrent_options *o = &self->options;
    call r = { .self = self, .kind = kind_of(m) };
    if (!prepare(&r, a)) return false;
    const bool batched = cd_shape_of(a->in[0]).ndim == 3;
    const size_t states = (size_t)state_count(o);
    r.h = cd_alloc(2 * states * sizeof *r.h);
    if (!r.h) return false;
    r.c = r.h + states;
    cd_tensor *y = run_layers(&r);
    a->out[0] = !batched ? cd_squeeze(y, 1) : o->batch_first ? cd_transpose(y, 0, 1) : y;
    a->out[1] = join(r.h, o, batched);
    if (r.c0) a->out[2] = join(r.c, o, batched);
    cd_free(r.h);
    return cd_ok();
}

/* --- the classes ------------------------------------------------------------------------------ */

static size_t recurrent_owned_bytes(const cd_module *m)
{
    const recurrent *self = (const recurrent *)m;
    return (size_t)state_count(&self->options) * sizeof *self->layers;
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_recurrent_options, member_, kind_)
#define SIZES                                                                                      \
    { "input_size", FIELD(input_size, INTEGER), .required = true, .min = 1,                        \
      .shown = CD_SHOWN_VALUE },                                                                   \
    {                                                                                              \
        "hidden_size", FIELD(hidden_size, INTEGER), .required = true, .min = 1,                    \
                                                    .shown = CD_SHOWN_VALUE                        \
    }
#define COMMON                                                                                     \
    { "num_layers",   FIELD(num_layers, INTEGER), .default_value = 1, .min = 1,                    \
      .max = 1 << 16, .shown = CD_SHOWN_CHANGED },                                                 \
        { "bias", FIELD(no_bias, NEGATED), .shown = CD_SHOWN_CHANGED },                            \
        { "batch_first", FIELD(batch_first, BOOL), .shown = CD_SHOWN_CHANGED },                    \
        { "dropout", FIELD(dropout, REAL), .max = 1, .shown = CD_SHOWN_CHANGED },                  \
        { "bidirectional", FIELD(bidirectional, BOOL), .shown = CD_SHOWN_CHANGED },                \
    {                                                                                              \
        "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER                                      \
    }

static const char *const nonlinearities[] = { "tanh", "relu", NULL };
static const cd_option rnn_options[] = {
    SIZES,
    COMMON,
    { "nonlinearity", FIELD(nonlinearity, CHOICE), .choices = nonlinearities,
      .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};
static const cd_option lstm_options[] = {
    SIZES,
    { "proj_size", FIELD(proj_size, INTEGER), .shown = CD_SHOWN_CHANGED },
    COMMON,
    CD_OPTIONS_END,
};
static const cd_option gru_options[] = {
    SIZES,
    COMMON,
    CD_OPTIONS_END,
};

static bool register_layers(recurrent *self)
{
    const cd_nn_recurrent_options *o = &self->options;
    const int directions = o->bidirectional ? 2 : 1;
    const int64_t state = o->proj_size ? o->proj_size : o->hidden_size;
    cd_recurrent_sizes sizes = { kind_of(&self->module),
                                 o->input_size,
                                 o->hidden_size,
                                 o->proj_size,
                                 o->no_bias,
                                 o->dtype,
                                 o->device };
    const size_t bytes = recurrent_owned_bytes(&self->module);
    self->layers = cd_alloc(bytes);
    if (!self->layers) return false;
    memset(self->layers, 0, bytes);
    for (int64_t i = 0; i < state_count(o); i++) {
        char suffix[32];
        (void)snprintf(suffix, sizeof suffix, "_l%lld%s", (long long)(i / directions),
                       i % directions ? "_reverse" : "");
        if (i == directions && __builtin_mul_overflow(state, directions, &sizes.input)) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: hidden_size is %lld, which is too large",
                           cd_module_name(&self->module), (long long)state);
        }
        if (!cd_recurrent_register(&self->module, &self->layers[i], &sizes, suffix)) return false;
    }
    return true;
}

/* A layer of the class; `name` begins its error sentences. */
static cd_module *make(const cd_module_class *class_, cd_nn_recurrent_options o, const char *name)
{
    if (!cd_options_fill(class_->options, &o, name)) return NULL;
    if (class_ != &cd_nn_lstm_class && o.proj_size != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: only an LSTM has a proj_size", name);
    } else if (class_ != &cd_nn_rnn_class && o.nonlinearity != CD_RNN_TANH) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: only an RNN has a nonlinearity", name);
    } else if (o.proj_size >= o.hidden_size) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: proj_size is %lld, and must be below hidden_size, %lld",
                      name, (long long)o.proj_size, (long long)o.hidden_size);
    }
    if (!cd_ok()) return NULL;
    CD_SCOPE();
    recurrent *self = (recurrent *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    return register_layers(self) ? cd_escape(self) : NULL;
}

#define CLASS(name_, printed_, outputs_, optional_)                                                \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(*(const cd_nn_recurrent_options *)o);                          \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = {                                                \
        .name = printed_,                                                                          \
        .size = sizeof(recurrent),                                                                 \
        .outputs = outputs_,                                                                       \
        .optional_inputs = optional_,                                                              \
        .forward = recurrent_forward,                                                              \
        CD_CLASS_OPTIONS(recurrent, options, name_##_options),                                     \
        .make = name_##_make,                                                                      \
        .owned_at = offsetof(recurrent, layers),                                                   \
        .owned_bytes = recurrent_owned_bytes,                                                      \
    };                                                                                             \
    cd_module *cd_nn_##name_##_with(cd_nn_recurrent_options o)                                     \
    {                                                                                              \
        return make(&cd_nn_##name_##_class, o, "nn_" #name_);                                      \
    }

CLASS(rnn, "RNN", 2, 6)
CLASS(lstm, "LSTM", 3, 14)
CLASS(gru, "GRU", 2, 6)

/* --- calling by names ------------------------------------------------------------------------- */

cd_recurrent cd_forward_recurrent_with(cd_recurrent_inputs i)
{
    const cd_recurrent none = { NULL, NULL, NULL };
    if (!cd_check_module(i.module, "forward_recurrent", "the module")) return none;
    const cd_module_class *c = i.module->class_;
    const bool cell =
        c == &cd_nn_rnn_cell_class || c == &cd_nn_lstm_cell_class || c == &cd_nn_gru_cell_class;
    const bool lstm = c == &cd_nn_lstm_class || c == &cd_nn_lstm_cell_class;
    if (!cell && !lstm && c != &cd_nn_rnn_class && c != &cd_nn_gru_class) {
        (void)cd_fail(CD_ERR_ARGUMENT, "forward_recurrent: %s is no recurrent layer", c->name);
    } else if (!lstm && i.c0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "forward_recurrent: %s has no c0", c->name);
    } else if (cell && i.lengths) {
        (void)cd_fail(CD_ERR_ARGUMENT, "forward_recurrent: %s, a single step, has no lengths",
                      c->name);
    }
    if (!cd_ok()) return none;
    cd_tensor *in[4] = { i.x, i.h0, lstm ? i.c0 : i.lengths, i.lengths }, *out[3] = { NULL };
    const int inputs = (lstm ? 4 : 3) - cell, outputs = (lstm ? 3 : 2) - cell;
    if (!cd_forward_n(i.module, in, inputs, out + cell, outputs)) return none;
    return (cd_recurrent){ cell ? out[1] : out[0], out[1], out[2] };
}
