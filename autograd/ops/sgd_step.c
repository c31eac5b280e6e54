/* sgd_step: a step of stochastic gradient descent for one parameter w with gradient g, in place.
 * Without momentum there is neither a buffer nor a count of steps. Optimizers call it;
 * optim/optim.h says where the formula comes from. Kernel: core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { BUFFER = CD_STEP_STATE };

static const cd_field fields[] = { CD_STEP_FIELD(dampening, REAL),
                                   CD_STEP_FIELD(weight_decay, REAL), CD_STEP_FIELD(nesterov, BOOL),
                                   CD_STEP_FIELD(maximize, BOOL), CD_FIELDS_END };

static void sgd_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    n->momentum = now->momentum;
    n->undamped = 1 - now->attributes->dampening;
    n->nesterov = now->attributes->nesterov;
    n->first = now->step == 1;
}

static void sgd_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_sgd, sgd_step_numbers, launches, count);
}

const cd_op cd_op_sgd_step = {
    .name = "sgd_step",
    .like = "torch.optim.SGD(...).step() for one parameter",
    .formula =
        "d = g + weight_decay w; b = d at the first step, else momentum b + (1 - dampening) d; "
        "w -= lr b, or with nesterov lr (d + momentum b)",
    CD_STEP_OP(fields),
    .inputs = 6,
    .optional = CD_SET(CD_STEP_MOMENTUM) | CD_SET(CD_STEP_COUNT_SO_FAR) | CD_SET(BUFFER),
    .input = { "w", "g", "rate", "momentum", "step", "buffer" },
    .outputs = 3,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, BUFFER } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = sgd_step_run_all },
};
