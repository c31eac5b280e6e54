/* adagrad_step: a step of Adagrad for one parameter w with gradient g, in place. Optimizers call
 * it; optim/optim.h says where the formula comes from. Kernel: core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { SUM = CD_STEP_STATE };

static const cd_field fields[] = { CD_STEP_FIELD(eps, REAL), CD_STEP_FIELD(lr_decay, REAL),
                                   CD_STEP_FIELD(weight_decay, REAL), CD_STEP_FIELD(maximize, BOOL),
                                   CD_FIELDS_END };

static void adagrad_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    n->eps = now->attributes->eps;
    n->lr = now->lr / (1 + (double)(now->step - 1) * now->attributes->lr_decay);
}

static void adagrad_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_adagrad, adagrad_step_numbers, launches, count);
}

const cd_op cd_op_adagrad_step = {
    .name = "adagrad_step",
    .like = "torch.optim.Adagrad(...).step() for one parameter",
    .formula =
        "d = g + weight_decay w; sum += d^2, w -= lr / (1 + (t - 1) lr_decay) d / (sqrt(sum) + "
        "eps)",
    CD_STEP_OP(fields),
    .inputs = 6,
    .optional = CD_SET(CD_STEP_MOMENTUM),
    .input = { "w", "g", "rate", "momentum", "step", "sum" },
    .outputs = 3,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, SUM } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = adagrad_step_run_all },
};
