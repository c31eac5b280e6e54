/* adamax_step: a step of Adamax for one parameter w with gradient g, in place. Optimizers call it;
 * optim/optim.h says where the formula comes from. Kernel: core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { M = CD_STEP_STATE, U };

static const cd_field fields[] = { CD_STEP_FIELD(beta2, REAL), CD_STEP_FIELD(eps, REAL),
                                   CD_STEP_FIELD(weight_decay, REAL), CD_STEP_FIELD(maximize, BOOL),
                                   CD_FIELDS_END };

static void adamax_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    n->beta1 = now->momentum;
    n->beta2 = now->attributes->beta2;
    n->eps = now->attributes->eps;
    n->lr = now->lr / (1 - pow(now->momentum, (double)now->step));
}

static void adamax_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_adamax, adamax_step_numbers, launches, count);
}

const cd_op cd_op_adamax_step = {
    .name = "adamax_step",
    .like = "torch.optim.Adamax(...).step() for one parameter",
    .formula =
        "d = g + weight_decay w; m += (1 - beta1) (d - m), u = max(beta2 u, |d| + eps); w -= lr"
        " / (1 - beta1^t) m / u",
    CD_STEP_OP(fields),
    .inputs = 7,
    .input = { "w", "g", "rate", "momentum", "step", "m", "u" },
    .outputs = 4,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, M },
                [CD_STEP_NEW_STATE + 1] = { CD_CHANGED, U } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = adamax_step_run_all },
};
