/* autograd/ops/sgd_step.c
 *
 *   g += weight_decay w;  b = momentum b + (1 - dampening) g;  w -= lr (g + momentum b, or b)
 *
 * One parameter's step of stochastic gradient descent, in place; see cd_cpu_sgd. Optimizers call
 * it. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/optim_step_internal.h"

enum { W, G, BUFFER };

static const cd_field fields[] = {
    CD_FIELD(cd_sgd_params, REAL, lr),        CD_FIELD(cd_sgd_params, REAL, momentum),
    CD_FIELD(cd_sgd_params, REAL, dampening), CD_FIELD(cd_sgd_params, REAL, weight_decay),
    CD_FIELD(cd_sgd_params, BOOL, nesterov),  CD_FIELD(cd_sgd_params, BOOL, maximize),
    CD_FIELD(cd_sgd_params, BOOL, first),     CD_FIELDS_END
};

static bool check_like(const cd_call *call, int k)
{
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    const cd_tensor *w = call->in[W].tensor, *t = call->in[k].tensor;
    if (!t || (t->dtype == w->dtype && cd_same_shape(t, w))) return true;
    return cd_refuse(call, CD_ERR_SHAPE, "%s (%s, %s) must be of w's shape and dtype (%s, %s)",
                     call->op->input[k], cd_shape_text(t->shape, text), cd_dtype_name(t->dtype),
                     cd_shape_text(w->shape, own), cd_dtype_name(w->dtype));
}

static bool infer(cd_call *call)
{
    const cd_tensor *w = call->in[W].tensor;
    if (!cd_check_takes(call, w->dtype) || !check_like(call, G) || !check_like(call, BUFFER)) {
        return false;
    }
    for (int k = W; k <= BUFFER; k++) call->need[k].order = CD_ROW_MAJOR;
    call->need[G].apart = CD_APART;
    for (int j = 0; j < 2; j++) {
        call->out[j].dtype = w->dtype;
        call->out[j].shape = w->shape;
        call->out[j].contiguous = true;
    }
    return true;
}

/* What is changed beside the memory it was read from begins with what it was. */
static void *changed(const cd_argument *to, const cd_argument *from)
{
    if (to->data && to->data != from->data) cd_cpu_convert(to, from);
    return to->data;
}

static void run(const cd_launch *launch)
{
    const cd_layout *w = launch->out[0].layout;
    void *weights = changed(&launch->out[0], &launch->in[W]);
    void *buffer = changed(&launch->out[1], &launch->in[BUFFER]);
    cd_cpu_sgd(w->dtype, w->numel, weights, launch->in[G].data, buffer, launch->attributes);
}

const cd_op cd_op_sgd_step = {
    .name = "sgd_step",
    .like = "torch.optim.SGD(...).step() for one parameter",
    .formula = "b = momentum b + (1 - dampening) g, w -= lr b, in place",
    .gradient = "none: parameters move under CD_NO_GRAD()",
    .dtypes = "floating, one",
    .takes = CD_FLOATS,
    .inputs = 3,
    .optional = CD_SET(BUFFER),
    .input = { "w", "g", "buffer" },
    .outputs = 2,
    .changes = true,
    .output = { [1] = { CD_CHANGED, BUFFER } },
    CD_OP_ATTRIBUTES(cd_sgd_params, fields),
    .infer = infer,
    .cpu = { .run = run },
};
