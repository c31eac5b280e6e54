/* self_attention: scaled_dot_product_attention of several heads whose queries, keys and values come
 * from one product, as they do in a layer of a transformer. qkv is L x N x 3 E, or with batch_first
 * N x L x 3 E: L queries, a batch of N; query, key and value are its thirds, in which the E / heads
 * columns of each head stand beside one another. The result is L x N x E. The kernels read and
 * write these rows in place, where scaled_dot_product_attention would need copies of the result and
 * of the gradients. PyTorch has this within torch.nn.MultiheadAttention only.
 *
 * Saves qkv and the mask; and the weights, if they take no more than KEPT times the memory of qkv.
 * Others are made anew for the gradient, which self_attention_backward computes; with
 * .create_graph, and for the gradient of a mask, ops do. Kernels: core/cpu/attention.c and
 * attention_backward.c. */
#include "autograd/families/attention_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/ops_internal.h"
#include "autograd/shape_ops.h"

enum { QKV, MASK, INPUTS };
enum { Y, WEIGHTS, OUTPUTS };
enum { DY = INPUTS, KEPT_WEIGHTS, GRADIENT_INPUTS };
enum { SAVED_WEIGHTS = INPUTS }; /* the slot */
enum { KEPT = 2 };

static const cd_field fields[] = { CD_FIELD(cd_self_attention_attributes, heads, INTEGER),
                                   CD_FIELD(cd_self_attention_attributes, is_causal, BOOL),
                                   CD_FIELD(cd_self_attention_attributes, batch_first, BOOL),
                                   CD_FIELDS_END };

/* The sizes of the operands. */
typedef struct sizes {
    int64_t length, batch, columns; /* L, N and E */
} sizes;

static sizes sizes_of(const cd_shape *qkv, const cd_self_attention_attributes *a)
{
    const int batch = a->batch_first ? 0 : 1;
    return (sizes){ qkv->dim[1 - batch], qkv->dim[batch], qkv->dim[2] / 3 };
}

/* --- forward ---------------------------------------------------------------------------------- */

/* N x heads x L x L if the weights are kept, else nothing. */
static cd_shape kept_shape(sizes s, int64_t heads)
{
    const bool kept = s.columns > 0 && s.length <= KEPT * 3 * s.columns / heads;
    return CD_SHAPE(s.batch, heads, s.length, kept ? s.length : 0);
}

static bool self_attention_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_self_attention_attributes *a = call->launch.attributes;
    const cd_tensor *qkv = call->in[QKV].tensor;
    const cd_shape shape = qkv->shape;
    if (shape.ndim != 3 || a->heads <= 0 || shape.dim[2] % 3 != 0 ||
        shape.dim[2] / 3 % a->heads != 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "qkv (%s) must have 3 dimensions: queries, the batch, and columns for "
                         "query, key and value of %lld heads, 1 or more",
                         cd_sizes_text(&shape, text), (long long)a->heads);
    }
    const sizes s = sizes_of(&shape, a);
    const cd_shape scores = CD_SHAPE(s.batch, a->heads, s.length, s.length);
    if (!cd_check_floating(call, qkv->dtype) ||
        !cd_check_attention_mask(call, MASK, a->is_causal, &scores)) {
        return false;
    }
    call->need[QKV].order = CD_ROW_MAJOR;
    call->out[Y].dtype = call->out[WEIGHTS].dtype = qkv->dtype;
    call->out[Y].shape = CD_SHAPE(s.length, s.batch, s.columns);
    call->out[WEIGHTS].shape = kept_shape(s, a->heads);
    return true;
}

/* Third number k of the columns of qkv or its gradient. */
static cd_attention_operand third_of(const cd_array *x, int k,
                                     const cd_self_attention_attributes *a)
{
    const sizes s = sizes_of(&x->layout->shape, a);
    const int64_t size = (int64_t)cd_dtype_size(x->layout->dtype), row = 3 * s.columns;
    const int64_t batch = a->batch_first ? s.length * row : row;
    return (cd_attention_operand){ .data = x->data ? (char *)x->data + k * s.columns * size : NULL,
                                   .stride = { batch * size, s.columns / a->heads * size },
                                   .leading = a->batch_first ? row : s.batch * row };
}

/* L x N x E. */
static cd_attention_operand result(const cd_array *y, const cd_self_attention_attributes *a)
{
    const int64_t *dim = y->layout->shape.dim, size = (int64_t)cd_dtype_size(y->layout->dtype);
    return (cd_attention_operand){ .data = y->data,
                                   .stride = { dim[2] * size, dim[2] / a->heads * size },
                                   .leading = dim[1] * dim[2] };
}

/* y: the result, or its gradient. The weights are kept in an array with elements. */
static cd_attention kernel_call(const cd_launch *launch, const cd_array *y, const cd_array *weights)
{
    const cd_self_attention_attributes *a = launch->attributes;
    const cd_array *qkv = &launch->in[QKV];
    const sizes s = sizes_of(&qkv->layout->shape, a);
    const int64_t width = s.columns / a->heads;
    const bool kept = weights->data && weights->layout->numel > 0;
    cd_attention call = { .dtype = qkv->layout->dtype,
                          .batch = CD_SHAPE(s.batch, a->heads),
                          .queries = s.length,
                          .keys = s.length,
                          .width = width,
                          .value_width = width,
                          .scale = cd_attention_scale(width),
                          .causal = a->is_causal,
                          .q = third_of(qkv, 0, a),
                          .k = third_of(qkv, 1, a),
                          .v = third_of(qkv, 2, a),
                          .y = result(y, a),
                          .scratch = launch->workspace,
                          .weights = kept ? weights->data : NULL };
    cd_attention_set_mask(&call, &launch->in[MASK]);
    return call;
}

static size_t self_attention_workspace(const cd_launch *launch)
{
    const cd_attention call = kernel_call(launch, &launch->out[Y], &launch->out[WEIGHTS]);
    return cd_cpu_attention_bytes(&call);
}

static void self_attention_run(const cd_launch *launch)
{
    const cd_attention call = kernel_call(launch, &launch->out[Y], &launch->out[WEIGHTS]);
    cd_cpu_attention(&call);
}

/* --- the gradient by a kernel ----------------------------------------------------------------- */

static bool gradient_infer(cd_call *call)
{
    const cd_tensor *qkv = call->in[QKV].tensor, *mask = call->in[MASK].tensor;
    call->need[QKV].order = call->need[DY].order = CD_ROW_MAJOR;
    if (mask && mask->dtype != CD_BOOL) call->need[MASK].dtype = qkv->dtype;
    call->out[0].dtype = qkv->dtype;
    call->out[0].shape = qkv->shape;
    return true;
}

static size_t gradient_workspace(const cd_launch *launch)
{
    const cd_attention call = kernel_call(launch, &launch->in[DY], &launch->in[KEPT_WEIGHTS]);
    return cd_cpu_attention_backward_bytes(&call);
}

static void gradient_run(const cd_launch *launch)
{
    const cd_self_attention_attributes *a = launch->attributes;
    const cd_attention call = kernel_call(launch, &launch->in[DY], &launch->in[KEPT_WEIGHTS]);
    const cd_array *dqkv = &launch->out[0];
    if (dqkv->layout->numel == 0) return;
    cd_cpu_attention_backward(&call,
                              &(cd_attention_gradients){ third_of(dqkv, 0, a), third_of(dqkv, 1, a),
                                                         third_of(dqkv, 2, a) });
}

const cd_op cd_op_self_attention_backward = {
    .name = "self_attention_backward",
    .formula = "dqkv of self_attention",
    .gradient = "none: to be differentiated again, the gradient is computed by ops",
    .dtypes = "floating",
    .inputs = GRADIENT_INPUTS,
    .optional = CD_SET(MASK),
    .input = { "qkv", "mask", "dy", "weights" },
    CD_OP_ATTRIBUTES(cd_self_attention_attributes, fields),
    .infer = gradient_infer,
    .cpu = { .workspace = gradient_workspace, .run = gradient_run },
};

/* --- the gradient by ops ---------------------------------------------------------------------- */

static void by_ops(cd_node *node, cd_tensor *qkv, cd_tensor *mask, cd_tensor *dy, cd_tensor **dx)
{
    const cd_self_attention_attributes *a = cd_attributes_of(node);
    cd_tensor *q, *k, *v;
    const bool wanted = cd_wanted(node, QKV);
    if (!cd_unpack(cd_chunk(qkv, 3, 2), &q, &k, &v)) return;
    cd_attention_pass pass = {
        .q = cd_attention_to_heads(q, a->heads, a->batch_first),
        .k = cd_attention_to_heads(k, a->heads, a->batch_first),
        .v = cd_attention_to_heads(v, a->heads, a->batch_first),
        .mask = mask,
        .attributes = { .scale = cd_attention_scale(qkv->shape.dim[2] / 3 / a->heads),
                        .is_causal = a->is_causal },
        .wants_q = wanted,
        .wants_k = wanted,
        .wants_v = wanted,
        .wants_mask = cd_wanted(node, MASK),
    };
    cd_attention_gradients_by_ops(&pass, cd_attention_to_heads(dy, a->heads, false));
    dx[MASK] = pass.dmask;
    if (!wanted) return;
    cd_tensor *d[] = { pass.dq, pass.dk, pass.dv };
    for (int i = 0; i < 3; i++) d[i] = cd_attention_from_heads(d[i], a->batch_first);
    dx[QKV] = cd_cat((cd_tensors){ d, 3 }, 2);
}

static void self_attention_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *qkv = cd_saved_value(node, QKV), *mask = cd_saved_optional(node, MASK);
    if (!cd_ok()) return;
    if (cd_grad_enabled() || cd_wanted(node, MASK)) {
        by_ops(node, qkv, mask, dy[0], dx);
        return;
    }
    cd_self_attention_attributes a = *(const cd_self_attention_attributes *)cd_attributes_of(node);
    dx[QKV] = cd_op_with(&cd_op_self_attention_backward, &a, qkv, mask, dy[0],
                         cd_saved_value(node, SAVED_WEIGHTS));
}

/* --- the call --------------------------------------------------------------------------------- */

cd_tensor *cd_self_attention(cd_tensor *qkv, cd_tensor *mask, cd_self_attention_attributes a)
{
    return cd_op_with(&cd_op_self_attention, &a, qkv, mask);
}

const cd_op cd_op_self_attention = {
    .name = "self_attention",
    .grad_fn = "SelfAttentionBackward0",
    .like = "within torch.nn.MultiheadAttention",
    .formula = "y = p v, p = softmax(q k^T / sqrt(E / heads) + mask)",
    .gradient = "as scaled_dot_product_attention",
    .dtypes = "floating; the mask bool or the same",
    .inputs = INPUTS,
    .optional = CD_SET(MASK),
    .input = { "qkv", "mask" },
    .outputs = OUTPUTS,
    .output = { [WEIGHTS] = { .hidden = true } },
    .save = { [QKV] = { CD_INPUT, QKV },
              [MASK] = { CD_INPUT, MASK },
              [SAVED_WEIGHTS] = { CD_OUTPUT, WEIGHTS, CD_SET(QKV) } },
    CD_OP_ATTRIBUTES(cd_self_attention_attributes, fields),
    .infer = self_attention_infer,
    .cpu = { .workspace = self_attention_workspace, .run = self_attention_run },
    .backward = self_attention_backward,
};
