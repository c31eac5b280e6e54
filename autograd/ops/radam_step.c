/* radam_step: a step of RAdam for one parameter w with gradient g, in place. Optimizers call it;
 * optim/optim.h says where the formula comes from. Kernel: core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { M = CD_STEP_STATE, V };

static const cd_field fields[] = {
    CD_STEP_FIELD(beta2, REAL),        CD_STEP_FIELD(eps, REAL),
    CD_STEP_FIELD(weight_decay, REAL), CD_STEP_FIELD(decoupled, BOOL),
    CD_STEP_FIELD(maximize, BOOL),     CD_FIELDS_END
};

static void radam_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    const double beta2 = now->attributes->beta2, t = (double)now->step;
    const double power = pow(beta2, t), limit = 2 / (1 - beta2) - 1;
    const double rho = limit - 2 * t * power / (1 - power);
    n->beta1 = now->momentum;
    n->beta2 = beta2;
    n->lr = now->lr / (1 - pow(now->momentum, t));
    if (rho > 5) {
        const double rectified = (rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho);
        n->lr *= sqrt(rectified) * sqrt(1 - power);
        n->scale = 1;
        n->eps = now->attributes->eps;
    } else {
        n->scale = 0; /* the divisor is then 1 */
        n->eps = 1;
    }
}

static void radam_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_radam, radam_step_numbers, launches, count);
}

const cd_op cd_op_radam_step = {
    .name = "radam_step",
    .like = "torch.optim.RAdam(...).step() for one parameter",
    .formula =
        "m and v as in adam_step; rho = 2 / (1 - beta2) - 1, rho(t) = rho - 2 t beta2^t / (1 - "
        "beta2^t); w -= lr / (1 - beta1^t) m, times sqrt(1 - beta2^t) / (sqrt(v) + eps) "
        "sqrt((rho(t) - 4) (rho(t) - 2) rho / ((rho - 4) (rho - 2) rho(t))) where rho(t) > 5",
    CD_STEP_OP(fields),
    .inputs = 7,
    .input = { "w", "g", "rate", "momentum", "step", "m", "v" },
    .outputs = 4,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, M },
                [CD_STEP_NEW_STATE + 1] = { CD_CHANGED, V } },
    .infer = cd_infer_step,
    .cpu = { .run = cd_run_one_step, .run_all = radam_step_run_all },
};
