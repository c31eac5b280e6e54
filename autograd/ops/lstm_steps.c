/* lstm_steps: all steps of a layer of an LSTM in one direction. For each step t, from h0 and c0,
 *
 *     i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of (gates[t] + h weight^T)
 *     c = f c + i g
 *     h = o tanh(c)
 *
 * Sizes: T steps, a batch of B, H hidden units; gates T x B x 4 H, h0 and c0 B x H, weight 4 H x H.
 * Outputs: h and c of all steps, T x B x H, and i, f, g, o of all steps. PyTorch has this within
 * torch.nn.LSTM only.
 *
 * Saves the outputs, h0, c0 and the weight. The gradients of all steps come from
 * lstm_steps_backward, and that of the weight is then one product over all steps. With
 * .create_graph, and where i, f, g and o have a gradient of their own, they are computed by ops,
 * step by step. Kernel: core/cpu/lstm.c. */
#include "autograd/families/lstm_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/lstm_internal.h"
#include "core/memory_internal.h"

enum { IN_GATES, H0, C0, WEIGHT, INPUTS };
enum { H, C, GATES, OUTPUTS };
enum { SAVED_GATES, SAVED_C, SAVED_C0, SAVED_WEIGHT, SAVED_H, SAVED_H0 };

static const cd_field fields[] = { CD_FIELD(cd_lstm_attributes, reverse, BOOL), CD_FIELDS_END };

static cd_lstm kernel_call(const cd_launch *launch, const cd_array *gates, const cd_array *c0)
{
    const cd_lstm_attributes *a = launch->attributes;
    const cd_shape *shape = &gates->layout->shape;
    return (cd_lstm){ .dtype = gates->layout->dtype,
                      .steps = shape->dim[0],
                      .batch = shape->dim[1],
                      .hidden = shape->dim[2] / 4,
                      .reverse = a->reverse,
                      .c0 = c0->data };
}

/* --- forward ---------------------------------------------------------------------------------- */

static bool check_shape(const cd_call *call, int k, cd_shape right)
{
    char text[CD_SHAPE_TEXT], gates[CD_SHAPE_TEXT];
    const cd_tensor *t = call->in[k].tensor, *first = call->in[IN_GATES].tensor;
    if (!cd_shape_equal(t->shape, right)) {
        return cd_refuse(call, CD_ERR_SHAPE, "%s (%s) does not fit gates (%s)", call->op->input[k],
                         cd_sizes_text(&t->shape, text), cd_sizes_text(&first->shape, gates));
    }
    return t->dtype == first->dtype ||
           cd_refuse(call, CD_ERR_DTYPE, "gates is %s, and %s is %s", cd_dtype_name(first->dtype),
                     call->op->input[k], cd_dtype_name(t->dtype));
}

static bool lstm_steps_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *gates = call->in[IN_GATES].tensor;
    const cd_shape shape = gates->shape;
    if (shape.ndim != 3 || shape.dim[0] == 0 || shape.dim[2] % 4 != 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "gates (%s) must have 3 dimensions: steps, at least one, the batch, and 4 "
                         "columns for each hidden unit",
                         cd_sizes_text(&gates->shape, text));
    }
    const int64_t batch = shape.dim[1], hidden = shape.dim[2] / 4;
    if (!cd_check_floating(call, gates->dtype) || !check_shape(call, H0, CD_SHAPE(batch, hidden)) ||
        !check_shape(call, C0, CD_SHAPE(batch, hidden)) ||
        !check_shape(call, WEIGHT, CD_SHAPE(4 * hidden, hidden))) {
        return false;
    }
    for (int k = 0; k < INPUTS; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < OUTPUTS; j++) {
        call->out[j].dtype = gates->dtype;
        call->out[j].shape = j == GATES ? shape : CD_SHAPE(shape.dim[0], batch, hidden);
    }
    return true;
}

/* For the transpose of the weight. */
static size_t lstm_steps_workspace(const cd_launch *launch)
{
    const cd_layout *weight = launch->in[WEIGHT].layout;
    return (size_t)weight->numel * cd_dtype_size(weight->dtype);
}

static void lstm_steps_run(const cd_launch *launch)
{
    const cd_array *in = launch->in, *out = launch->out;
    const cd_lstm l = kernel_call(launch, &in[IN_GATES], &in[C0]);
    const cd_layout rows = cd_layout_row_major(l.dtype, CD_SHAPE(l.hidden, 4 * l.hidden));
    cd_layout columns = rows;
    columns.stride[0] = 1;
    columns.stride[1] = l.hidden;
    columns.contiguous = false;
    const cd_array weight_t = { launch->workspace, &rows };
    cd_cpu_convert(&weight_t, &(cd_array){ in[WEIGHT].data, &columns });
    cd_cpu_convert(&out[GATES], &in[IN_GATES]);
    cd_cpu_lstm(&l, weight_t.data, in[H0].data, out[GATES].data, out[H].data, out[C].data);
}

/* --- lstm_steps_backward: the gradients of all steps, by one kernel --------------------------- */

enum { GRAD_GATES, GRAD_C, GRAD_C0, GRAD_WEIGHT, GRAD_DY, GRAD_DC, GRAD_INPUTS };
enum { GRADIENTS = 3 }; /* its outputs: of gates, h0 and c0 */

static bool infer_backward(cd_call *call)
{
    const cd_tensor *gates = call->in[GRAD_GATES].tensor, *c0 = call->in[GRAD_C0].tensor;
    for (int k = 0; k < GRAD_INPUTS; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < GRADIENTS; j++) {
        call->out[j].dtype = gates->dtype;
        call->out[j].shape = j == IN_GATES ? gates->shape : c0->shape;
    }
    return true;
}

static size_t workspace_backward(const cd_launch *launch)
{
    const cd_layout *c0 = launch->in[GRAD_C0].layout;
    return 2 * (size_t)c0->numel * cd_dtype_size(c0->dtype);
}

static void run_backward(const cd_launch *launch)
{
    const cd_array *in = launch->in, *out = launch->out;
    const cd_lstm l = kernel_call(launch, &in[GRAD_GATES], &in[GRAD_C0]);
    cd_cpu_lstm_backward(&l, in[GRAD_WEIGHT].data, in[GRAD_GATES].data, in[GRAD_C].data,
                         in[GRAD_DY].data, in[GRAD_DC].data, out[IN_GATES].data, out[H0].data,
                         out[C0].data, launch->workspace);
}

const cd_op cd_op_lstm_steps_backward = {
    .name = "lstm_steps_backward",
    .formula = "dgates, dh0 and dc0 of lstm_steps",
    .gradient = "none: to be differentiated again, the gradients are computed by ops",
    .dtypes = "floating",
    .inputs = GRAD_INPUTS,
    .optional = CD_SET(GRAD_DY) | CD_SET(GRAD_DC),
    .input = { "gates", "c", "c0", "weight", "dy", "dc" },
    .outputs = GRADIENTS,
    CD_OP_ATTRIBUTES(cd_lstm_attributes, fields),
    .infer = infer_backward,
    .cpu = { .workspace = workspace_backward, .run = run_backward },
};

/* --- backward --------------------------------------------------------------------------------- */

/* Values of the forward pass, and the gradients of its inputs but the weight's. */
typedef struct pass {
    cd_tensor *gates, *c, *c0, *weight;
    cd_tensor *const *dy; /* of the outputs */
    cd_tensor *dgates, *dh0, *dc0;
    cd_lstm_attributes attributes;
} pass;

static void by_kernel(pass *p)
{
    cd_call call;
    cd_tensor *others[2] = { NULL, NULL };
    const cd_operand in[GRAD_INPUTS] = { cd_operand_tensor(p->gates), cd_operand_tensor(p->c),
                                         cd_operand_tensor(p->c0),    cd_operand_tensor(p->weight),
                                         cd_operand_tensor(p->dy[H]), cd_operand_tensor(p->dy[C]) };
    cd_call_begin(&call, &cd_op_lstm_steps_backward, in, GRAD_INPUTS);
    call.launch.attributes = &p->attributes;
    call.asked = CD_SET(0) | CD_SET(1) | CD_SET(2);
    call.others = others;
    p->dgates = cd_call_run(&call);
    p->dh0 = others[0];
    p->dc0 = others[1];
}

/* a + step t of all, either of which may be NULL. */
static cd_tensor *plus_step(cd_tensor *a, cd_tensor *all, int64_t t)
{
    if (!all) return a;
    cd_tensor *step = cd_select(all, 0, t);
    return a ? cd_add(a, step) : step;
}

/* Gate number k of a step's 4 H columns; NULL for NULL. */
static cd_tensor *gate_of(cd_tensor *step, int k, int64_t hidden)
{
    return step ? cd_narrow(step, 1, k * hidden, hidden) : NULL;
}

/* a plus gate k of what comes to the gates themselves. */
static cd_tensor *plus_gate(cd_tensor *a, cd_tensor *own, int k, int64_t hidden)
{
    return own ? cd_add(a, gate_of(own, k, hidden)) : a;
}

static cd_tensor *through_sigmoid(cd_tensor *dy, cd_tensor *y)
{
    return cd_mul(dy, cd_mul(y, cd_sub(1, y)));
}

static cd_tensor *through_tanh(cd_tensor *dy, cd_tensor *y)
{
    return cd_mul(dy, cd_sub(1, cd_square(y)));
}

/* The gradient of the 4 H columns of step t. dh0 and dc0 are those of the state after the step, and
 * become those of the state before it. NULL with an error. */
static cd_tensor *step_by_ops(pass *p, int64_t t, cd_tensor *before)
{
    const int64_t n = p->c->shape.dim[2];
    cd_tensor *gates = cd_select(p->gates, 0, t), *gate[4];
    cd_tensor *own = p->dy[GATES] ? cd_select(p->dy[GATES], 0, t) : NULL;
    for (int k = 0; k < 4; k++) gate[k] = gate_of(gates, k, n);
    cd_tensor *tanh_c = cd_tanh(cd_select(p->c, 0, t));
    cd_tensor *dh = plus_step(p->dh0, p->dy[H], t), *dc = plus_step(p->dc0, p->dy[C], t);
    dc = cd_add(dc, through_tanh(cd_mul(dh, gate[3]), tanh_c));
    cd_tensor *di = plus_gate(cd_mul(dc, gate[2]), own, 0, n);
    cd_tensor *df = plus_gate(cd_mul(dc, before), own, 1, n);
    cd_tensor *dg = plus_gate(cd_mul(dc, gate[0]), own, 2, n);
    cd_tensor *d_o = plus_gate(cd_mul(dh, tanh_c), own, 3, n);
    cd_tensor *step = cd_cat(CD_TENSORS(through_sigmoid(di, gate[0]), through_sigmoid(df, gate[1]),
                                        through_tanh(dg, gate[2]), through_sigmoid(d_o, gate[3])),
                             1);
    p->dc0 = cd_mul(dc, gate[1]);
    p->dh0 = cd_mm(step, p->weight);
    return step;
}

static void by_ops(pass *p)
{
    const int64_t steps = p->gates->shape.dim[0];
    const bool reverse = p->attributes.reverse;
    cd_tensor **step = cd_alloc((size_t)steps * sizeof *step);
    if (!step) return;
    p->dh0 = p->dc0 = cd_zeros_like(p->c0);
    for (int64_t k = steps - 1; k >= 0 && cd_ok(); k--) {
        const int64_t t = reverse ? steps - 1 - k : k;
        cd_tensor *before = k == 0 ? p->c0 : cd_select(p->c, 0, reverse ? t + 1 : t - 1);
        step[t] = step_by_ops(p, t, before);
    }
    if (cd_ok()) p->dgates = cd_stack((cd_tensors){ .tensor = step, .count = (int)steps }, 0);
    cd_free(step);
}

/* The product of all steps at once: dgates^T times h before each step. */
static cd_tensor *weight_gradient(cd_node *node, const pass *p)
{
    cd_tensor *h = cd_saved_value(node, SAVED_H);
    cd_tensor *h0 = cd_unsqueeze(cd_saved_value(node, SAVED_H0), 0);
    if (!cd_ok()) return NULL;
    const int64_t steps = h->shape.dim[0], hidden = h->shape.dim[2];
    cd_tensor *before = p->attributes.reverse
                            ? cd_cat(CD_TENSORS(cd_narrow(h, 0, 1, steps - 1), h0), 0)
                            : cd_cat(CD_TENSORS(h0, cd_narrow(h, 0, 0, steps - 1)), 0);
    const int64_t rows = steps * h->shape.dim[1];
    return cd_mm(cd_t(cd_reshape(p->dgates, CD_SHAPE(rows, 4 * hidden))),
                 cd_reshape(before, CD_SHAPE(rows, hidden)));
}

static void lstm_steps_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_lstm_attributes *a = cd_attributes_of(node);
    pass p = { .gates = cd_saved_value(node, SAVED_GATES),
               .c = cd_saved_value(node, SAVED_C),
               .c0 = cd_saved_value(node, SAVED_C0),
               .weight = cd_saved_value(node, SAVED_WEIGHT),
               .dy = dy,
               .attributes = *a };
    if (!cd_ok()) return;
    (cd_grad_enabled() || dy[GATES] ? by_ops : by_kernel)(&p);
    if (!cd_ok()) return;
    if (cd_wanted(node, IN_GATES)) dx[IN_GATES] = p.dgates;
    if (cd_wanted(node, H0)) dx[H0] = p.dh0;
    if (cd_wanted(node, C0)) dx[C0] = p.dc0;
    if (cd_wanted(node, WEIGHT)) dx[WEIGHT] = weight_gradient(node, &p);
}

/* --- the call --------------------------------------------------------------------------------- */

cd_tensor *cd_lstm_steps(cd_lstm_inputs i, bool reverse, cd_tensor **cells, cd_tensor **gates)
{
    cd_call call;
    cd_lstm_attributes a = { reverse };
    cd_tensor *others[2] = { NULL, NULL };
    const cd_operand in[INPUTS] = { cd_operand_tensor(i.gates), cd_operand_tensor(i.h0),
                                    cd_operand_tensor(i.c0), cd_operand_tensor(i.weight) };
    cd_call_begin(&call, &cd_op_lstm_steps, in, INPUTS);
    call.launch.attributes = &a;
    call.asked = CD_SET(H) | CD_SET(C) | CD_SET(GATES);
    call.others = others;
    cd_tensor *h = cd_call_run(&call);
    *cells = others[C - 1];
    *gates = others[GATES - 1];
    return h;
}

const cd_op cd_op_lstm_steps = {
    .name = "lstm_steps",
    .grad_fn = "LstmStepsBackward0",
    .like = "none: a layer of torch.nn.LSTM",
    .formula = "i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of (gates[t] + h weight^T), "
               "c = f c + i g, h = o tanh(c)",
    .gradient = "dgates from the last step to the first; dweight = sum of dgates[t]^T h[t - 1]",
    .dtypes = "floating, the same for all",
    .inputs = INPUTS,
    .input = { "gates", "h0", "c0", "weight" },
    .outputs = OUTPUTS,
    .save = { [SAVED_GATES] = { CD_OUTPUT, GATES },
              [SAVED_C] = { CD_OUTPUT, C },
              [SAVED_C0] = { CD_INPUT, C0 },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT },
              [SAVED_H] = { CD_OUTPUT, H, CD_SET(WEIGHT) },
              [SAVED_H0] = { CD_INPUT, H0, CD_SET(WEIGHT) } },
    CD_OP_ATTRIBUTES(cd_lstm_attributes, fields),
    .infer = lstm_steps_infer,
    .cpu = { .workspace = lstm_steps_workspace, .run = lstm_steps_run },
    .backward = lstm_steps_backward,
};
