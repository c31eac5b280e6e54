/* lion_step: a step of Lion for one parameter w with gradient g, in place. Optimizers call it;
 * optim/optim.h says where the formula comes from. Kernel: core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { M = CD_STEP_STATE };

static const cd_field fields[] = { CD_STEP_FIELD(beta2, REAL), CD_STEP_FIELD(weight_decay, REAL),
                                   CD_STEP_FIELD(decoupled, BOOL), CD_STEP_FIELD(maximize, BOOL),
                                   CD_FIELDS_END };

static void lion_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    n->beta1 = now->momentum;
    n->beta2 = now->attributes->beta2;
}

static void lion_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_lion, lion_step_numbers, launches, count);
}

const cd_op cd_op_lion_step = {
    .name = "lion_step",
    .like = "Lion, of Chen et al. 2023, for one parameter",
    .formula = "w -= lr weight_decay w; w -= lr sign(beta1 m + (1 - beta1) g), m = beta2 m + (1 - "
               "beta2) g",
    CD_STEP_OP(fields),
    .inputs = 6,
    .input = { "w", "g", "rate", "momentum", "step", "m" },
    .outputs = 3,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, M } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = lion_step_run_all },
};
