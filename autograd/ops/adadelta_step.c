/* adadelta_step: a step of Adadelta for one parameter w with gradient g, in place. rho is the
 * attribute beta2. Optimizers call it; optim/optim.h says where the formula comes from. Kernel:
 * core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { V = CD_STEP_STATE, A };

static const cd_field fields[] = { CD_STEP_FIELD(beta2, REAL), CD_STEP_FIELD(eps, REAL),
                                   CD_STEP_FIELD(weight_decay, REAL), CD_STEP_FIELD(maximize, BOOL),
                                   CD_FIELDS_END };

static void adadelta_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    n->beta2 = now->attributes->beta2;
    n->eps = now->attributes->eps;
}

static void adadelta_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_adadelta, adadelta_step_numbers, launches, count);
}

const cd_op cd_op_adadelta_step = {
    .name = "adadelta_step",
    .like = "torch.optim.Adadelta(...).step() for one parameter",
    .formula = "d = g + weight_decay w; v = rho v + (1 - rho) d^2, e = d sqrt(a + eps) / sqrt(v + "
               "eps), a = rho a + (1 - rho) e^2; w -= lr e",
    CD_STEP_OP(fields),
    .inputs = 7,
    .optional = CD_SET(CD_STEP_MOMENTUM),
    .input = { "w", "g", "rate", "momentum", "step", "v", "a" },
    .outputs = 4,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, V },
                [CD_STEP_NEW_STATE + 1] = { CD_CHANGED, A } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = adadelta_step_run_all },
};
