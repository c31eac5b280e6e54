/* adam_step: a step of Adam, or AdamW where weight decay is decoupled for one parameter w with
 * gradient g, in place. Without `top` it is v itself that w is divided by; with it the step is
 * AMSGrad's. Optimizers call it; optim/optim.h says where the formula comes from. Kernel:
 * core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { M = CD_STEP_STATE, V, TOP };

static const cd_field fields[] = {
    CD_STEP_FIELD(beta2, REAL),        CD_STEP_FIELD(eps, REAL),
    CD_STEP_FIELD(weight_decay, REAL), CD_STEP_FIELD(decoupled, BOOL),
    CD_STEP_FIELD(maximize, BOOL),     CD_FIELDS_END
};

static void adam_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    const double beta1 = now->momentum, beta2 = now->attributes->beta2;
    n->beta1 = beta1;
    n->beta2 = beta2;
    n->eps = now->attributes->eps;
    n->lr = now->lr / (1 - pow(beta1, (double)now->step));
    n->scale = 1 / sqrt(1 - pow(beta2, (double)now->step));
}

static void adam_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_adam, adam_step_numbers, launches, count);
}

const cd_op cd_op_adam_step = {
    .name = "adam_step",
    .like = "torch.optim.Adam(...).step() for one parameter",
    .formula =
        "d = g + weight_decay w, or decoupled: w -= lr weight_decay w; m += (1 - beta1) (d - "
        "m), v = beta2 v + (1 - beta2) d^2, top = max(top, v); w -= lr / (1 - beta1^t) m / "
        "(sqrt(top / (1 - beta2^t)) + eps)",
    CD_STEP_OP(fields),
    .inputs = 8,
    .optional = CD_SET(TOP),
    .input = { "w", "g", "rate", "momentum", "step", "m", "v", "top" },
    .outputs = 5,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, M },
                [CD_STEP_NEW_STATE + 1] = { CD_CHANGED, V },
                [CD_STEP_NEW_STATE + 2] = { CD_CHANGED, TOP } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = adam_step_run_all },
};
