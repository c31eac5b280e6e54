/* rprop_step: a step of Rprop for one parameter w with gradient g, in place. At the first
 * step size is lr. Optimizers call it; optim/optim.h says where the formula comes from. Kernel:
 * core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { SIZE = CD_STEP_STATE, BEFORE };

static const cd_field fields[] = { CD_STEP_FIELD(etaminus, REAL),   CD_STEP_FIELD(etaplus, REAL),
                                   CD_STEP_FIELD(least_step, REAL), CD_STEP_FIELD(most_step, REAL),
                                   CD_STEP_FIELD(maximize, BOOL),   CD_FIELDS_END };

static void rprop_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    n->beta1 = now->attributes->etaminus;
    n->beta2 = now->attributes->etaplus;
    n->least = now->attributes->least_step;
    n->most = now->attributes->most_step;
    n->first = now->step == 1;
}

static void rprop_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_rprop, rprop_step_numbers, launches, count);
}

const cd_op cd_op_rprop_step = {
    .name = "rprop_step",
    .like = "torch.optim.Rprop(...).step() for one parameter",
    .formula =
        "size *= etaminus where g before < 0, etaplus where it is > 0, within least_step and "
        "most_step; g = 0 where it was < 0; w -= sign(g) size, before = g",
    CD_STEP_OP(fields),
    .inputs = 7,
    .optional = CD_SET(CD_STEP_MOMENTUM),
    .input = { "w", "g", "rate", "momentum", "step", "size", "before" },
    .outputs = 4,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, SIZE },
                [CD_STEP_NEW_STATE + 1] = { CD_CHANGED, BEFORE } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = rprop_step_run_all },
};
