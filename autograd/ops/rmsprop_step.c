/* rmsprop_step: a step of RMSprop for one parameter w with gradient g, in place. alpha is the
 * attribute beta2. `buffer` is left out without momentum, `mean` if not centered. Optimizers call
 * it; optim/optim.h says where the formula comes from. Kernel: core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { V = CD_STEP_STATE, BUFFER, MEAN };

static const cd_field fields[] = { CD_STEP_FIELD(beta2, REAL), CD_STEP_FIELD(eps, REAL),
                                   CD_STEP_FIELD(weight_decay, REAL), CD_STEP_FIELD(maximize, BOOL),
                                   CD_FIELDS_END };

static void rmsprop_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    n->momentum = now->momentum;
    n->beta2 = now->attributes->beta2;
    n->eps = now->attributes->eps;
}

static void rmsprop_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_rmsprop, rmsprop_step_numbers, launches, count);
}

const cd_op cd_op_rmsprop_step = {
    .name = "rmsprop_step",
    .like = "torch.optim.RMSprop(...).step() for one parameter",
    .formula =
        "d = g + weight_decay w; v = alpha v + (1 - alpha) d^2, mean += (1 - alpha) (d - mean),"
        " b = momentum b + d / (sqrt(v - mean^2) + eps); w -= lr b",
    CD_STEP_OP(fields),
    .inputs = 8,
    .optional = CD_SET(BUFFER) | CD_SET(MEAN),
    .input = { "w", "g", "rate", "momentum", "step", "v", "buffer", "mean" },
    .outputs = 5,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, V },
                [CD_STEP_NEW_STATE + 1] = { CD_CHANGED, BUFFER },
                [CD_STEP_NEW_STATE + 2] = { CD_CHANGED, MEAN } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = rmsprop_step_run_all },
};
