/* sgd_step: a step of stochastic gradient descent for one parameter w with gradient g, in place, as
 * torch.optim.SGD does it. Optimizers call it.
 *
 * What changes from step to step is an input, so that a captured step can be replayed: the learning
 * rate is a 0-d float64 tensor, and `started`, 0-d bool, says whether the momentum buffer b holds
 * something; if not, b becomes g, and `started` true. Kernel: core/cpu/optim_step.c. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/optim_step_internal.h"

enum { W, G, RATE, BUFFER, STARTED };
enum { NEW_W, NEW_BUFFER, NEW_STARTED };

static const cd_field fields[] = { CD_FIELD(cd_sgd_attributes, momentum, REAL),
                                   CD_FIELD(cd_sgd_attributes, dampening, REAL),
                                   CD_FIELD(cd_sgd_attributes, weight_decay, REAL),
                                   CD_FIELD(cd_sgd_attributes, nesterov, BOOL), CD_FIELDS_END };

static bool check_like(const cd_call *call, int k)
{
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    const cd_tensor *w = call->in[W].tensor, *t = call->in[k].tensor;
    if (!t || (t->dtype == w->dtype && cd_same_shape(t, w))) return true;
    return cd_refuse(call, CD_ERR_SHAPE, "%s (%s, %s) must be of w's shape and dtype (%s, %s)",
                     call->op->input[k], cd_sizes_text(&t->shape, text), cd_dtype_name(t->dtype),
                     cd_sizes_text(&w->shape, own), cd_dtype_name(w->dtype));
}

static bool check_scalar(const cd_call *call, int k, cd_dtype dtype)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *t = call->in[k].tensor;
    if (!t || (t->dtype == dtype && t->shape.ndim == 0)) return true;
    return cd_refuse(call, CD_ERR_SHAPE, "%s (%s, %s) must be a 0-d tensor of %s",
                     call->op->input[k], cd_shape_text(t->shape, text), cd_dtype_name(t->dtype),
                     cd_dtype_name(dtype));
}

static bool sgd_step_infer(cd_call *call)
{
    const cd_tensor *w = call->in[W].tensor;
    if (!cd_check_computes_in(call, w->dtype) || !check_like(call, G) ||
        !check_like(call, BUFFER) || !check_scalar(call, RATE, CD_F64) ||
        !check_scalar(call, STARTED, CD_BOOL)) {
        return false;
    }
    call->need[W].order = call->need[G].order = call->need[BUFFER].order = CD_ROW_MAJOR;
    call->need[G].apart = CD_APART;
    for (int j = NEW_W; j <= NEW_BUFFER; j++) {
        call->out[j].dtype = w->dtype;
        call->out[j].shape = w->shape;
        call->out[j].must_be_contiguous = true;
    }
    call->out[NEW_STARTED].dtype = CD_BOOL;
    call->out[NEW_STARTED].shape = CD_SCALAR;
    return true;
}

static void sgd_step_run(const cd_launch *launch)
{
    const cd_sgd_attributes *a = launch->attributes;
    const cd_layout *w = launch->out[NEW_W].layout;
    const bool *started = launch->in[STARTED].data;
    const cd_sgd_params params = { .lr = *(const double *)launch->in[RATE].data,
                                   .momentum = a->momentum,
                                   .dampening = a->dampening,
                                   .weight_decay = a->weight_decay,
                                   .nesterov = a->nesterov,
                                   .first = started && !*started };
    void *weights = cd_cpu_start_from(&launch->out[NEW_W], &launch->in[W]);
    void *buffer = cd_cpu_start_from(&launch->out[NEW_BUFFER], &launch->in[BUFFER]);
    cd_cpu_sgd(w->dtype, w->numel, weights, launch->in[G].data, buffer, &params);
    if (started) *(bool *)launch->out[NEW_STARTED].data = true;
}

const cd_op cd_op_sgd_step = {
    .name = "sgd_step",
    .like = "torch.optim.SGD(...).step() for one parameter",
    .formula =
        "d = g + weight_decay w, b = momentum b + (1 - dampening) d, w -= lr b, or with nesterov "
        "lr (d + momentum b)",
    .gradient = "none: parameters move under CD_NO_GRAD()",
    .dtypes = "floating, the same for all",
    .computes_in = CD_FLOATS,
    .inputs = 5,
    .optional = CD_SET(BUFFER) | CD_SET(STARTED),
    .input = { "w", "g", "rate", "buffer", "started" },
    .outputs = 3,
    .changes = true,
    .output = { [NEW_BUFFER] = { CD_CHANGED, BUFFER }, [NEW_STARTED] = { CD_CHANGED, STARTED } },
    CD_OP_ATTRIBUTES(cd_sgd_attributes, fields),
    .infer = sgd_step_infer,
    .cpu = { .run = sgd_step_run },
};
