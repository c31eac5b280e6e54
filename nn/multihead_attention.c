/* torch.nn.MultiheadAttention. */
#include <math.h>

#include "autograd/families/attention_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/product_ops.h"
#include "autograd/shape_ops.h"
#include "core/error.h"
#include "nn/init.h"
#include "nn/layers.h"
#include "nn/module_internal.h"
#include "nn/transformer.h"

/* The inputs of the forward function. */
enum { QUERY, KEY, VALUE, PADDING, MASK, INPUTS };

typedef struct attention {
    cd_module module;
    cd_module *out_proj;
    cd_tensor *in_proj_weight; /* NULL where there are three */
    cd_tensor *projection[3];  /* q_proj_weight, k_proj_weight, v_proj_weight; or NULL */
    cd_tensor *in_proj_bias, *bias_k, *bias_v;
    cd_nn_attention_options options;
} attention;

/* What a call wants beside its tensors. */
typedef struct wanted {
    bool no_weights, per_head, is_causal;
} wanted;

/* --- forward ---------------------------------------------------------------------------------- */

static cd_dtype dtype_of(const attention *self)
{
    return cd_dtype_of(self->in_proj_weight ? self->in_proj_weight : self->projection[0]);
}

static bool check_sizes(const attention *self, cd_tensor *const *in)
{
    const cd_nn_attention_options *o = &self->options;
    const int64_t size[] = { o->embed_dim, o->kdim ? o->kdim : o->embed_dim,
                             o->vdim ? o->vdim : o->embed_dim };
    static const char *const name[] = { "query", "key", "value" };
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_shape query = cd_shape_of(in[QUERY]), key = cd_shape_of(in[KEY]);
    for (int k = QUERY; k <= VALUE; k++) {
        const cd_shape s = cd_shape_of(in[k]);
        if ((s.ndim != 2 && s.ndim != 3) || s.ndim != query.ndim || s.dim[s.ndim - 1] != size[k]) {
            return cd_fail(CD_ERR_SHAPE,
                           "MultiheadAttention: %s is %s: all three must have 3 dimensions, or 2 "
                           "without a batch, and the last of %s must be %lld",
                           name[k], cd_shape_text(s, text), name[k], (long long)size[k]);
        }
        if (cd_dtype_of(in[k]) != dtype_of(self)) {
            return cd_fail(CD_ERR_DTYPE, "MultiheadAttention: %s is %s and the parameters are %s",
                           name[k], cd_dtype_name(cd_dtype_of(in[k])),
                           cd_dtype_name(dtype_of(self)));
        }
    }
    cd_shape expected = cd_shape_of(in[VALUE]);
    expected.dim[expected.ndim - 1] = size[KEY];
    const int batch = o->batch_first ? 0 : 1;
    if (!cd_shape_equal(key, expected) || (query.ndim == 3 && query.dim[batch] != key.dim[batch])) {
        return cd_fail(CD_ERR_SHAPE,
                       "MultiheadAttention: query, %s, key, %s, and value do not fit together: the "
                       "batch of all must be the same, and the length of key and value",
                       cd_shape_text(query, text), cd_shape_text(key, other));
    }
    return true;
}

/* x as L x N x E. */
static cd_tensor *time_first(const attention *self, cd_tensor *x)
{
    if (cd_shape_of(x).ndim == 2) return cd_unsqueeze(x, 1);
    return self->options.batch_first ? cd_transpose(x, 0, 1) : x;
}

/* Whether query, key and value come from one product. */
static bool is_one_product(const attention *self, cd_tensor *const *in)
{
    return self->in_proj_weight && in[QUERY] == in[KEY] && in[KEY] == in[VALUE];
}

/* All three side by side. */
static cd_tensor *project_all(const attention *self, cd_tensor *x)
{
    return cd_linear(x, self->in_proj_weight, self->in_proj_bias);
}

/* Query, key and value after their projections, L x N x E. */
static bool project(const attention *self, cd_tensor *const *in, cd_tensor **out)
{
    if (is_one_product(self, in)) {
        cd_tensor *all = project_all(self, time_first(self, in[QUERY]));
        return cd_unpack(cd_chunk(all, 3, -1), &out[0], &out[1], &out[2]);
    }
    cd_tensor *weight[3] = { self->projection[0], self->projection[1], self->projection[2] };
    cd_tensor *bias[3] = { NULL, NULL, NULL };
    if (self->in_proj_weight) {
        (void)cd_unpack(cd_chunk(self->in_proj_weight, 3, 0), &weight[0], &weight[1], &weight[2]);
    }
    if (self->in_proj_bias) {
        (void)cd_unpack(cd_chunk(self->in_proj_bias, 3, 0), &bias[0], &bias[1], &bias[2]);
    }
    for (int k = 0; k < 3 && cd_ok(); k++) {
        out[k] = cd_linear(time_first(self, in[k]), weight[k], bias[k]);
    }
    return cd_ok();
}

/* bias_k or bias_v as one more key or value, S + 1 x N x E. */
static cd_tensor *with_bias(cd_tensor *x, cd_tensor *bias)
{
    cd_shape shape = cd_shape_of(x);
    shape.dim[0] = 1;
    return cd_cat(CD_TENSORS(x, cd_expand(bias, shape)), 0);
}

static cd_tensor *with_zero(cd_tensor *x)
{
    cd_shape shape = cd_shape_of(x);
    shape.dim[0] = 1;
    cd_tensor *zero = cd_zeros(shape, .dtype = cd_dtype_of(x), .device = cd_device_of(x));
    return cd_cat(CD_TENSORS(x, zero), 0);
}

/* A mask as numbers to add to the scores, 0 for `extra` more keys. NULL for NULL. */
static cd_tensor *additive(cd_tensor *mask, cd_dtype dtype, int extra)
{
    if (!mask) return NULL;
    if (cd_dtype_of(mask) == CD_BOOL) {
        cd_tensor *zeros =
            cd_zeros(cd_shape_of(mask), .dtype = dtype, .device = cd_device_of(mask));
        mask = cd_masked_fill(zeros, mask, -INFINITY);
    }
    return extra ? cd_pad(mask, CD_SIZES(0, extra)) : mask;
}

static bool check_mask(const char *name, cd_tensor *mask, cd_shape right, cd_shape other,
                       cd_dtype dtype)
{
    char text[CD_SHAPE_TEXT], a[CD_SHAPE_TEXT], b[CD_SHAPE_TEXT];
    if (!mask) return true;
    const cd_shape shape = cd_shape_of(mask);
    if (!cd_shape_equal(shape, right) && !cd_shape_equal(shape, other)) {
        const bool two = !cd_shape_equal(right, other);
        return cd_fail(CD_ERR_SHAPE, "MultiheadAttention: %s is %s, and must be %s%s%s", name,
                       cd_shape_text(shape, text), cd_shape_text(right, a), two ? " or " : "",
                       two ? cd_shape_text(other, b) : "");
    }
    return cd_dtype_of(mask) == CD_BOOL || cd_dtype_of(mask) == dtype ||
           cd_fail(CD_ERR_DTYPE, "MultiheadAttention: %s is %s, and must be bool or %s", name,
                   cd_dtype_name(cd_dtype_of(mask)), cd_dtype_name(dtype));
}

/* Both masks as one that broadcasts to N x heads x L x S; *mask is NULL if there is none. */
static bool join_masks(const attention *self, const cd_arguments *a, cd_tensor **mask)
{
    const cd_nn_attention_options *o = &self->options;
    const cd_shape q = cd_shape_of(a->in[QUERY]), k = cd_shape_of(a->in[KEY]);
    const int time = q.ndim == 3 && o->batch_first;
    const int64_t length = q.dim[time], keys = k.dim[time], heads = o->num_heads;
    const int64_t batch = q.ndim == 2 ? 1 : q.dim[1 - time];
    const int extra = o->add_bias_kv + o->add_zero_attn;
    cd_tensor *padding = cd_module_input(a, PADDING), *attn = cd_module_input(a, MASK);
    if (!check_mask("key_padding_mask", padding, CD_SHAPE(batch, keys),
                    q.ndim == 2 ? CD_SHAPE(keys) : CD_SHAPE(batch, keys), dtype_of(self)) ||
        !check_mask("attn_mask", attn, CD_SHAPE(length, keys),
                    CD_SHAPE(batch * heads, length, keys), dtype_of(self))) {
        return false;
    }
    padding = additive(padding, dtype_of(self), extra);
    attn = additive(attn, dtype_of(self), extra);
    if (padding) padding = cd_view(padding, CD_SHAPE(batch, 1, 1, keys + extra));
    if (attn && cd_shape_of(attn).ndim == 3) {
        attn = cd_view(attn, CD_SHAPE(batch, heads, length, keys + extra));
    }
    *mask = padding && attn ? cd_add(attn, padding) : padding ? padding : attn;
    return cd_ok();
}

static double dropout_of(const attention *self)
{
    return cd_is_training(&self->module) ? self->options.dropout : 0;
}

/* softmax(q k^T / sqrt(size of a head) + mask), with dropout in training mode. */
static cd_tensor *weights_of(const attention *self, cd_tensor *q, cd_tensor *k, cd_tensor *mask)
{
    const double size = (double)(self->options.embed_dim / self->options.num_heads);
    cd_tensor *scores = cd_matmul(cd_mul(q, sqrt(1 / size)), cd_transpose(k, -2, -1));
    if (mask) scores = cd_add(scores, mask);
    cd_tensor *weights = cd_softmax(scores, -1);
    const double p = dropout_of(self);
    return p > 0 ? cd_dropout(weights, .p = p) : weights;
}

/* The output from L x N x E. Its memory is L x N x E also with batch_first, as PyTorch's: a dropout
 * that follows draws in the order of memory. */
static cd_tensor *project_out(const attention *self, cd_tensor *y, bool batched)
{
    y = cd_forward(self->out_proj, y);
    if (!batched) return cd_squeeze(y, 1);
    return self->options.batch_first ? cd_transpose(y, 0, 1) : y;
}

static bool check_inputs(const attention *self, const cd_arguments *a, const wanted *w)
{
    if (a->inputs < VALUE + 1 || a->inputs > INPUTS) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "forward: MultiheadAttention takes 3 to 5 inputs, and got %d", a->inputs);
    }
    if (w->is_causal && !cd_module_input(a, MASK)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "MultiheadAttention: .is_causal says that attn_mask is the causal mask, and "
                       "needs one");
    }
    return check_sizes(self, a->in);
}

/* Query, key and value, each N x heads x L x E / heads. */
static bool heads_of(const attention *self, cd_tensor *const *in, cd_tensor **x)
{
    if (!project(self, in, x)) return false;
    for (int k = KEY; k <= VALUE; k++) {
        if (self->bias_k) x[k] = with_bias(x[k], k == KEY ? self->bias_k : self->bias_v);
        if (self->options.add_zero_attn) x[k] = with_zero(x[k]);
    }
    for (int k = QUERY; k <= VALUE && cd_ok(); k++) {
        x[k] = cd_attention_to_heads(x[k], self->options.num_heads, false);
    }
    return cd_ok();
}

/* Attention without its weights and without dropout, where query, key and value come from one
 * product: L x N x E. */
static cd_tensor *attend_to_self(const attention *self, cd_tensor *x, cd_tensor *mask, bool causal)
{
    const bool batch_first = self->options.batch_first && cd_shape_of(x).ndim == 3;
    cd_tensor *qkv = project_all(self, batch_first ? x : time_first(self, x));
    return cd_self_attention(qkv, mask,
                             (cd_self_attention_attributes){ .heads = self->options.num_heads,
                                                             .is_causal = causal,
                                                             .batch_first = batch_first });
}

/* Attention without its weights, L x N x E. */
static cd_tensor *attend(const attention *self, const cd_arguments *a, cd_tensor *mask)
{
    const wanted *w = a->options;
    const bool causal = w->is_causal && !cd_module_input(a, PADDING);
    cd_tensor *x[3];
    if (causal) mask = NULL;
    if (is_one_product(self, a->in) && !self->bias_k && !self->options.add_zero_attn &&
        dropout_of(self) == 0) {
        return attend_to_self(self, a->in[QUERY], mask, causal);
    }
    if (!heads_of(self, a->in, x)) return NULL;
    return cd_attention_from_heads(
        cd_scaled_dot_product_attention(x[QUERY], x[KEY], x[VALUE], .attn_mask = mask,
                                        .is_causal = causal, .dropout_p = dropout_of(self)),
        false);
}

static bool multihead_attention_forward(cd_module *m, const cd_arguments *a)
{
    const attention *self = (const attention *)m;
    static const wanted nothing;
    const wanted *w = a->options ? a->options : &nothing;
    cd_tensor *x[3], *mask;
    if (!check_inputs(self, a, w) || !join_masks(self, a, &mask)) return false;
    const bool batched = cd_shape_of(a->in[QUERY]).ndim == 3;
    if (w->no_weights) {
        a->out[0] = project_out(self, attend(self, a, mask), batched);
        return cd_ok();
    }
    if (!heads_of(self, a->in, x)) return false;
    cd_tensor *weights = weights_of(self, x[QUERY], x[KEY], mask);
    a->out[0] =
        project_out(self, cd_attention_from_heads(cd_matmul(weights, x[VALUE]), false), batched);
    if (!w->per_head) weights = cd_mean_dim(weights, 1);
    a->out[1] = batched ? weights : cd_squeeze(weights, 0);
    return cd_ok();
}

cd_attended cd_forward_attention_with(cd_attention_inputs i)
{
    const cd_attended none = { NULL, NULL };
    if (!cd_check_module(i.module, "forward_attention", "the module")) return none;
    if (i.module->class_ != &cd_nn_multihead_attention_class) {
        (void)cd_fail(CD_ERR_ARGUMENT, "forward_attention: %s is no MultiheadAttention",
                      cd_module_name(i.module));
        return none;
    }
    const wanted w = { i.no_weights, i.per_head_weights, i.is_causal };
    cd_tensor *in[INPUTS] = { i.query, i.key, i.value, i.key_padding_mask, i.attn_mask };
    cd_tensor *out[2] = { NULL, NULL };
    const cd_arguments a = { .in = in, .out = out, .inputs = INPUTS, .outputs = 2, .options = &w };
    if (!cd_module_call(i.module, &a)) return none;
    return (cd_attended){ out[0], out[1] };
}

/* --- making one ------------------------------------------------------------------------------- */

/* Uniform or normal as torch.nn.init.xavier_uniform_ and xavier_normal_ for these fans. */
static bool xavier(cd_tensor *t, double fan_in, double fan_out, bool normal)
{
    const double deviation = sqrt(2 / (fan_in + fan_out)), bound = sqrt(3.0) * deviation;
    return normal ? cd_init_normal_(t, 0, deviation) : cd_init_uniform_(t, -bound, bound);
}

static bool register_weight(attention *self, const char *name, cd_tensor **slot, int64_t rows,
                            int64_t columns)
{
    const cd_nn_attention_options *o = &self->options;
    return cd_register_parameter(
        &self->module, name, slot,
        cd_empty(CD_SHAPE(rows, columns), .dtype = o->dtype, .device = o->device));
}

static bool register_biases(attention *self)
{
    const cd_nn_attention_options *o = &self->options;
    const cd_shape one = CD_SHAPE(1, 1, o->embed_dim);
    if (!o->no_bias && !cd_register_parameter(&self->module, "in_proj_bias", &self->in_proj_bias,
                                              cd_zeros(CD_SHAPE(3 * o->embed_dim),
                                                       .dtype = o->dtype, .device = o->device))) {
        return false;
    }
    return !o->add_bias_kv ||
           (cd_register_parameter(&self->module, "bias_k", &self->bias_k,
                                  cd_empty(one, .dtype = o->dtype, .device = o->device)) &&
            cd_register_parameter(&self->module, "bias_v", &self->bias_v,
                                  cd_empty(one, .dtype = o->dtype, .device = o->device)));
}

static bool register_parameters(attention *self)
{
    const cd_nn_attention_options *o = &self->options;
    const int64_t e = o->embed_dim, k = o->kdim ? o->kdim : e, v = o->vdim ? o->vdim : e;
    if (k == e && v == e) {
        return register_weight(self, "in_proj_weight", &self->in_proj_weight, 3 * e, e) &&
               register_biases(self);
    }
    return register_weight(self, "q_proj_weight", &self->projection[0], e, e) &&
           register_weight(self, "k_proj_weight", &self->projection[1], e, k) &&
           register_weight(self, "v_proj_weight", &self->projection[2], e, v) &&
           register_biases(self);
}

/* PyTorch makes out_proj, which draws, before it draws the other parameters. */
static bool initialise(attention *self)
{
    const double e = (double)self->options.embed_dim;
    CD_NO_GRAD();
    if (self->in_proj_weight && !xavier(self->in_proj_weight, e, 3 * e, false)) return false;
    for (int k = 0; k < 3 && self->projection[k]; k++) {
        const double columns = (double)cd_shape_of(self->projection[k]).dim[1];
        if (!xavier(self->projection[k], columns, e, false)) return false;
    }
    cd_tensor *bias = self->options.no_bias ? NULL : cd_module_tensor(self->out_proj, "bias");
    if (bias && !cd_init_constant_(bias, 0)) return false;
    /* The fans of a 1 x 1 x E tensor, as of a convolution with a kernel of size E. */
    return !self->bias_k || (xavier(self->bias_k, e, e, true) && xavier(self->bias_v, e, e, true));
}

#define FIELD(member_, kind_) CD_OPTION(cd_nn_attention_options, member_, kind_)
static const cd_option options[] = {
    { "embed_dim", FIELD(embed_dim, INTEGER), .required = true, .min = 1, .max = 1 << 28,
      .shown = CD_SHOWN_NEVER },
    { "num_heads", FIELD(num_heads, INTEGER), .required = true, .min = 1, .max = 1 << 28,
      .shown = CD_SHOWN_NEVER },
    { "dropout", FIELD(dropout, REAL), .max = 1, .shown = CD_SHOWN_NEVER },
    { "bias", FIELD(no_bias, NEGATED), .shown = CD_SHOWN_NEVER },
    { "add_bias_kv", FIELD(add_bias_kv, BOOL), .shown = CD_SHOWN_NEVER },
    { "add_zero_attn", FIELD(add_zero_attn, BOOL), .shown = CD_SHOWN_NEVER },
    { "kdim", FIELD(kdim, INTEGER), .shown = CD_SHOWN_NEVER },
    { "vdim", FIELD(vdim, INTEGER), .shown = CD_SHOWN_NEVER },
    { "batch_first", FIELD(batch_first, BOOL), .shown = CD_SHOWN_NEVER },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *multihead_attention_make(const void *o)
{
    return cd_nn_multihead_attention_with(*(const cd_nn_attention_options *)o);
}

const cd_module_class cd_nn_multihead_attention_class = {
    .name = "MultiheadAttention",
    .size = sizeof(attention),
    .outputs = 2,
    .optional_inputs = 1u << PADDING | 1u << MASK,
    .optional_outputs = 1u << 1,
    .forward = multihead_attention_forward,
    CD_CLASS_OPTIONS(attention, options, options),
    .make = multihead_attention_make,
};

cd_module *cd_nn_multihead_attention_with(cd_nn_attention_options o)
{
    if (!cd_options_fill(options, &o, "nn_multihead_attention")) return NULL;
    if (o.embed_dim % o.num_heads != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_multihead_attention: num_heads, %lld, does not divide embed_dim, %lld",
                      (long long)o.num_heads, (long long)o.embed_dim);
        return NULL;
    }
    CD_SCOPE();
    attention *self = (attention *)cd_module_new(&cd_nn_multihead_attention_class);
    if (!self) return NULL;
    self->options = o;
    cd_module *out = cd_nn_linear(o.embed_dim, o.embed_dim, .no_bias = o.no_bias, .dtype = o.dtype,
                                  .device = o.device);
    return register_parameters(self) &&
                   cd_register_child(&self->module, "out_proj", &self->out_proj, out) &&
                   initialise(self)
               ? cd_escape(self)
               : NULL;
}
