/* scaled_dot_product_attention: weights over the keys for each query, and the mean of the values by
 * these weights. query is ... x L x E, key ... x S x E, value ... x S x V; the dimensions before
 * the last two broadcast. With enable_gqa the heads, which dimension -3 counts, are made a
 * dimension of groups and one of the heads in a group, by which the keys and values broadcast.
 *
 * Saves query, key, value and the mask, and makes the weights anew for the gradients. Kernels:
 * core/cpu/attention.c and attention_backward.c, which never have all scores in memory. With
 * dropout the result is made of other ops, as in PyTorch: the noise has as many elements as the
 * scores anyway. */
#include "autograd/families/attention_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

enum { Q, K, V, MASK, INPUTS };

static const cd_field fields[] = { CD_FIELD(cd_attention_attributes, scale, REAL),
                                   CD_FIELD(cd_attention_attributes, is_causal, BOOL),
                                   CD_FIELDS_END };

/* --- infer ------------------------------------------------------------------------------------ */

/* The last two sizes of input k. */
static const int64_t *matrix_of(const cd_call *call, int k)
{
    const cd_shape *shape = &call->in[k].tensor->shape;
    return &shape->dim[shape->ndim - 2];
}

static bool check_operands(const cd_call *call)
{
    char text[3][CD_SHAPE_TEXT];
    const cd_tensor *in[3];
    for (int k = Q; k <= V; k++) {
        in[k] = call->in[k].tensor;
        (void)cd_sizes_text(&in[k]->shape, text[k]);
    }
    if (in[Q]->shape.ndim < 2 || in[K]->shape.ndim < 2 || in[V]->shape.ndim < 2) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "query (%s), key (%s) and value (%s) must have 2 dimensions or more",
                         text[Q], text[K], text[V]);
    }
    if (in[Q]->dtype != in[K]->dtype || in[Q]->dtype != in[V]->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "query is %s, key %s and value %s: all must have one dtype (cd_to "
                         "converts)",
                         cd_dtype_name(in[Q]->dtype), cd_dtype_name(in[K]->dtype),
                         cd_dtype_name(in[V]->dtype));
    }
    if (matrix_of(call, Q)[1] != matrix_of(call, K)[1]) {
        return cd_refuse(call, CD_ERR_SHAPE, "query (%s) and key (%s) must have the same last size",
                         text[Q], text[K]);
    }
    if (matrix_of(call, K)[0] != matrix_of(call, V)[0]) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "key (%s) and value (%s) must have as many rows, one for each key",
                         text[K], text[V]);
    }
    return cd_check_floating(call, in[Q]->dtype);
}

/* The batch of input k: all its sizes but the last two. */
static cd_shape batch_of(const cd_shape *shape)
{
    cd_shape batch = *shape;
    batch.ndim -= 2;
    return batch;
}

/* The shape of the scores. False with an error. */
static bool infer_scores(const cd_call *call, cd_shape *scores)
{
    char text[3][CD_SHAPE_TEXT];
    cd_shape batch[3], both;
    int64_t count;
    for (int k = Q; k <= V; k++) {
        (void)cd_sizes_text(&call->in[k].tensor->shape, text[k]);
        batch[k] = batch_of(&call->in[k].tensor->shape);
    }
    if (!cd_shape_broadcast(batch[Q], batch[K], &both) ||
        !cd_shape_broadcast(both, batch[V], scores)) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the sizes of query (%s), key (%s) and value (%s) before the last two "
                         "must broadcast",
                         text[Q], text[K], text[V]);
    }
    scores->dim[scores->ndim++] = matrix_of(call, Q)[0];
    if (!cd_shape_elements(*scores, &count)) {
        return cd_refuse(call, CD_ERR_SHAPE, "query (%s) and key (%s) have too many batches",
                         text[Q], text[K]);
    }
    scores->dim[scores->ndim++] = matrix_of(call, K)[0];
    return true;
}

static bool attention_infer(cd_call *call)
{
    const cd_attention_attributes *a = call->launch.attributes;
    cd_shape scores;
    if (!check_operands(call) || !infer_scores(call, &scores) ||
        !cd_check_attention_mask(call, MASK, a->is_causal, &scores)) {
        return false;
    }
    for (int k = Q; k <= V; k++) call->need[k].order = CD_MATRICES;
    call->out[0].dtype = call->in[Q].tensor->dtype;
    call->out[0].shape = scores;
    call->out[0].shape.dim[scores.ndim - 1] = matrix_of(call, V)[1];
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

/* The last two dimensions are the matrices. */
static cd_attention_operand operand(const cd_array *x, int batch_dims)
{
    cd_attention_operand to = { .data = x->data };
    to.leading = cd_matrix_leading(x->layout, &to.transposed);
    cd_attention_set_strides(&to, x->layout, batch_dims);
    return to;
}

/* y: the result, or its gradient. */
static cd_attention kernel_call(const cd_launch *launch, const cd_array *y)
{
    const cd_attention_attributes *a = launch->attributes;
    const cd_array *in = launch->in;
    const cd_shape *q = &in[Q].layout->shape, *k = &in[K].layout->shape;
    const cd_shape *result = &y->layout->shape, batch = batch_of(result);
    cd_attention call = { .dtype = y->layout->dtype,
                          .batch = batch,
                          .queries = q->dim[q->ndim - 2],
                          .keys = k->dim[k->ndim - 2],
                          .width = q->dim[q->ndim - 1],
                          .value_width = result->dim[result->ndim - 1],
                          .scale = a->scale,
                          .causal = a->is_causal,
                          .q = operand(&in[Q], batch.ndim),
                          .k = operand(&in[K], batch.ndim),
                          .v = operand(&in[V], batch.ndim),
                          .y = operand(y, batch.ndim),
                          .scratch = launch->workspace };
    cd_attention_set_mask(&call, &in[MASK]);
    return call;
}

static size_t attention_workspace(const cd_launch *launch)
{
    const cd_attention call = kernel_call(launch, &launch->out[0]);
    return cd_cpu_attention_bytes(&call);
}

static void attention_run(const cd_launch *launch)
{
    const cd_attention call = kernel_call(launch, &launch->out[0]);
    cd_cpu_attention(&call);
}

/* --- the gradients of query, key and value ---------------------------------------------------- */

enum { DY = INPUTS, GRADIENT_INPUTS };

static bool gradients_infer(cd_call *call)
{
    for (int k = Q; k <= V; k++) {
        call->need[k].order = CD_MATRICES;
        call->out[k].dtype = call->in[k].tensor->dtype;
        call->out[k].shape = call->in[k].tensor->shape;
    }
    const cd_tensor *mask = call->in[MASK].tensor;
    if (mask && mask->dtype != CD_BOOL) call->need[MASK].dtype = call->in[Q].tensor->dtype;
    call->need[DY].order = CD_MATRICES;
    return true;
}

static size_t gradients_workspace(const cd_launch *launch)
{
    const cd_attention call = kernel_call(launch, &launch->in[DY]);
    return cd_cpu_attention_backward_bytes(&call);
}

static void gradients_run(const cd_launch *launch)
{
    const cd_attention call = kernel_call(launch, &launch->in[DY]);
    const cd_array *out = launch->out;
    const int dims = call.batch.ndim;
    cd_cpu_attention_backward(&call, &(cd_attention_gradients){ operand(&out[Q], dims),
                                                                operand(&out[K], dims),
                                                                operand(&out[V], dims) });
}

const cd_op cd_op_attention_backward = {
    .name = "scaled_dot_product_attention_backward",
    .formula = "dquery, dkey and dvalue of scaled_dot_product_attention",
    .gradient = "none: to be differentiated again, the gradients are computed by ops",
    .dtypes = "floating",
    .inputs = GRADIENT_INPUTS,
    .optional = CD_SET(MASK),
    .input = { "query", "key", "value", "attn_mask", "dy" },
    .outputs = 3,
    CD_OP_ATTRIBUTES(cd_attention_attributes, fields),
    .infer = gradients_infer,
    .cpu = { .workspace = gradients_workspace, .run = gradients_run },
};

/* Whether the kernel computes all gradients that are wanted: none of the mask, none that is to be
 * differentiated again, and none that is a sum over batches. */
static bool kernel_has(cd_node *node, cd_tensor *const *in, const cd_tensor *dy)
{
    if (cd_grad_enabled() || cd_wanted(node, MASK)) return false;
    if (!in[V] || in[K]->shape.dim[in[K]->shape.ndim - 2] == 0) return false;
    const cd_shape batch = batch_of(&dy->shape);
    for (int k = Q; k <= V; k++) {
        if (!cd_shape_equal(batch_of(&in[k]->shape), batch)) return false;
    }
    return true;
}

static void by_kernel(cd_node *node, cd_tensor *const *saved, cd_tensor *dy, cd_tensor **dx)
{
    cd_call call;
    cd_tensor *others[2] = { NULL, NULL };
    cd_operand in[GRADIENT_INPUTS];
    for (int k = Q; k <= MASK; k++) in[k] = cd_operand_tensor(saved[k]);
    in[DY] = cd_operand_tensor(dy);
    cd_call_begin(&call, &cd_op_attention_backward, in, GRADIENT_INPUTS);
    cd_attention_attributes a = *(const cd_attention_attributes *)cd_attributes_of(node);
    call.launch.attributes = &a;
    call.asked = CD_SET(Q) | CD_SET(K) | CD_SET(V);
    call.others = others;
    cd_tensor *dq = cd_call_run(&call);
    if (cd_wanted(node, Q)) dx[Q] = dq;
    if (cd_wanted(node, K)) dx[K] = others[0];
    if (cd_wanted(node, V)) dx[V] = others[1];
}

static void by_ops(cd_node *node, cd_tensor *const *saved, cd_tensor *dy, cd_tensor **dx)
{
    cd_attention_pass pass = {
        .q = saved[Q],
        .k = saved[K],
        .v = saved[V],
        .mask = saved[MASK],
        .attributes = *(const cd_attention_attributes *)cd_attributes_of(node),
        .wants_q = cd_wanted(node, Q),
        .wants_k = cd_wanted(node, K),
        .wants_v = cd_wanted(node, V),
        .wants_mask = cd_wanted(node, MASK),
    };
    cd_attention_gradients_by_ops(&pass, dy);
    dx[Q] = pass.dq;
    dx[K] = pass.dk;
    dx[V] = pass.dv;
    dx[MASK] = pass.dmask;
}

static void attention_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *saved[INPUTS];
    for (int k = Q; k <= K; k++) saved[k] = cd_saved_value(node, k);
    saved[V] = cd_wanted(node, Q) || cd_wanted(node, K) || cd_wanted(node, MASK)
                   ? cd_saved_value(node, V)
                   : NULL;
    saved[MASK] = cd_saved_optional(node, MASK);
    if (!cd_ok()) return;
    if (kernel_has(node, saved, dy[0])) {
        by_kernel(node, saved, dy[0], dx);
    } else {
        by_ops(node, saved, dy[0], dx);
    }
}

/* --- the call --------------------------------------------------------------------------------- */

static cd_tensor *dropped(cd_call *call, const cd_attention_options *o,
                          const cd_attention_attributes *a)
{
    if (!cd_call_check(call)) return NULL;
    cd_scope scope = cd_scope_begin();
    const cd_attention_pass pass = {
        .q = o->query, .k = o->key, .mask = o->attn_mask, .attributes = *a
    };
    cd_tensor *weights = cd_attention_weights(&pass);
    weights = cd_dropout(weights, .p = o->dropout_p, .generator = o->generator);
    return cd_ops_end(scope, cd_matmul(weights, o->value));
}

static cd_tensor *attend(const cd_attention_options *o)
{
    cd_call call;
    const int last = o->query->shape.ndim - 1;
    const int64_t width = last < 0 ? 1 : o->query->shape.dim[last];
    cd_attention_attributes a = { .scale = cd_option_or(o->scale, cd_attention_scale(width)),
                                  .is_causal = o->is_causal };
    const cd_operand in[INPUTS] = { cd_operand_tensor(o->query), cd_operand_tensor(o->key),
                                    cd_operand_tensor(o->value), cd_operand_tensor(o->attn_mask) };
    cd_call_begin(&call, &cd_op_scaled_dot_product_attention, in, INPUTS);
    call.launch.attributes = &a;
    return o->dropout_p > 0 ? dropped(&call, o, &a) : cd_call_run(&call);
}

/* A mask has a head for all, or for each head of the query. */
static bool check_heads_of_mask(const cd_tensor *mask, int64_t heads)
{
    char text[CD_SHAPE_TEXT];
    if (!mask || mask->shape.ndim < 3) return true;
    const int64_t own = mask->shape.dim[mask->shape.ndim - 3];
    return own == 1 || own == heads ||
           cd_fail(CD_ERR_SHAPE,
                   "scaled_dot_product_attention: .attn_mask (%s) has %lld heads, which dimension "
                   "-3 counts, and must have 1 or as many as query, %lld",
                   cd_sizes_text(&mask->shape, text), (long long)own, (long long)heads);
}

/* The heads of x as groups x heads in a group. A mask may have one for all, or no heads at all. */
static cd_tensor *grouped(cd_tensor *x, int64_t groups)
{
    if (!x || x->shape.ndim < 3) return x;
    const int64_t heads = x->shape.dim[x->shape.ndim - 3];
    return heads == 1 ? cd_unsqueeze(x, -3) : cd_unflatten(x, -3, CD_SHAPE(groups, heads / groups));
}

static cd_tensor *attend_in_groups(cd_attention_options o)
{
    char text[3][CD_SHAPE_TEXT];
    const cd_shape *q = &o.query->shape, *k = &o.key->shape, *v = &o.value->shape;
    const bool dims = q->ndim >= 3 && k->ndim >= 3 && v->ndim >= 3;
    const int64_t heads = dims ? q->dim[q->ndim - 3] : 0, groups = dims ? k->dim[k->ndim - 3] : 0;
    const int64_t of_values = dims ? v->dim[v->ndim - 3] : 0;
    if (groups == 0 || of_values == 0 || heads % groups != 0 || heads % of_values != 0) {
        (void)cd_fail(CD_ERR_SHAPE,
                      "scaled_dot_product_attention: with .enable_gqa the heads of key (%s) and "
                      "value (%s), which dimension -3 counts, must divide those of query (%s)",
                      cd_sizes_text(k, text[0]), cd_sizes_text(v, text[1]),
                      cd_sizes_text(q, text[2]));
        return NULL;
    }
    if (!check_heads_of_mask(o.attn_mask, heads)) return NULL;
    cd_scope scope = cd_scope_begin();
    if (groups != of_values) {
        o.key = cd_repeat_interleave(o.key, heads / groups, -3);
        o.value = cd_repeat_interleave(o.value, heads / of_values, -3);
        return cd_ops_end(scope, o.key && o.value ? attend(&o) : NULL);
    }
    o.query = grouped(o.query, groups);
    o.key = cd_unsqueeze(o.key, -3);
    o.value = cd_unsqueeze(o.value, -3);
    o.attn_mask = grouped(o.attn_mask, groups);
    if (!cd_ok() || !o.query) return cd_ops_end(scope, NULL);
    cd_tensor *y = attend(&o);
    return cd_ops_end(scope, y ? cd_flatten(y, -4, -3) : NULL);
}

cd_tensor *cd_scaled_dot_product_attention_with(cd_attention_options o)
{
    const char *name = cd_op_scaled_dot_product_attention.name;
    if (!cd_check_tensor(o.query, name, "query") || !cd_check_tensor(o.key, name, "key") ||
        !cd_check_tensor(o.value, name, "value") ||
        (o.attn_mask && !cd_check_tensor(o.attn_mask, name, ".attn_mask"))) {
        return NULL;
    }
    if (!(o.dropout_p >= 0 && o.dropout_p <= 1)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .dropout_p is %g, and must be from 0 to 1", name,
                      o.dropout_p);
        return NULL;
    }
    return o.enable_gqa ? attend_in_groups(o) : attend(&o);
}

const cd_op cd_op_scaled_dot_product_attention = {
    .name = "scaled_dot_product_attention",
    .grad_fn = "ScaledDotProductFlashAttentionForCpuBackward0",
    .like = "torch.nn.functional.scaled_dot_product_attention(q, k, v)",
    .formula = "y = p v, p = softmax(scale q k^T + mask)",
    .gradient = "dv = p^T dy, ds = p (dy v^T - sum(dy y)), dq = scale ds k, dk = scale ds^T q, "
                "dmask = ds",
    .dtypes = "floating, the same for query, key and value; the mask bool or the same",
    .inputs = INPUTS,
    .optional = CD_SET(MASK),
    .input = { "query", "key", "value", ".attn_mask" },
    .save = { [Q] = { CD_INPUT, Q },
              [K] = { CD_INPUT, K },
              [V] = { CD_INPUT, V, CD_SET(Q) | CD_SET(K) | CD_SET(MASK) },
              [MASK] = { CD_INPUT, MASK } },
    CD_OP_ATTRIBUTES(cd_attention_attributes, fields),
    .infer = attention_infer,
    .cpu = { .workspace = attention_workspace, .run = attention_run },
    .backward = attention_backward,
};
