/* nadam_step: a step of NAdam for one parameter w with gradient g, in place. `product`, 0-d
 * float32, is the product of the momenta mu(1) to mu(t). Optimizers call it; optim/optim.h says
 * where the formula comes from. Kernel: core/cpu/optim_step.c. */
#include "autograd/families/step_internal.h"

enum { M = CD_STEP_STATE, V, PRODUCT };

static const cd_field fields[] = { CD_STEP_FIELD(beta2, REAL),
                                   CD_STEP_FIELD(eps, REAL),
                                   CD_STEP_FIELD(momentum_decay, REAL),
                                   CD_STEP_FIELD(weight_decay, REAL),
                                   CD_STEP_FIELD(decoupled, BOOL),
                                   CD_STEP_FIELD(maximize, BOOL),
                                   CD_FIELDS_END };

static bool nadam_step_infer(cd_call *call)
{
    enum { NEW_PRODUCT = CD_STEP_NEW_STATE + PRODUCT - M };
    if (!cd_infer_step_with(call, PRODUCT - M) || !cd_check_step_number(call, PRODUCT, CD_F32)) {
        return false;
    }
    call->out[NEW_PRODUCT].dtype = CD_F32;
    call->out[NEW_PRODUCT].shape = CD_SCALAR;
    return true;
}

/* mu(t), the momentum of step t. */
static double momentum_at(const cd_step_now *now, int64_t t)
{
    return now->momentum * (1 - 0.5 * pow(0.96, (double)t * now->attributes->momentum_decay));
}

static void nadam_step_numbers(const cd_step_now *now, cd_step_numbers *n)
{
    const cd_step_attributes *a = now->attributes;
    const double mu = momentum_at(now, now->step), next = momentum_at(now, now->step + 1);
    const float before = *(const float *)now->launch->in[PRODUCT].data;
    const float product = before * (float)mu;
    *(float *)now->launch->out[CD_STEP_NEW_STATE + 2].data = product;
    n->beta1 = now->momentum;
    n->beta2 = a->beta2;
    n->eps = a->eps;
    n->undamped = now->lr * (1 - mu) / (1 - (double)product);
    n->momentum = now->lr * next / (1 - (double)product * next);
    n->scale = 1 / sqrt(1 - pow(a->beta2, (double)now->step));
}

static void nadam_step_run_all(const cd_launch *const *launches, int64_t count)
{
    cd_run_steps(CD_STEP_nadam, nadam_step_numbers, launches, count);
}

const cd_op cd_op_nadam_step = {
    .name = "nadam_step",
    .like = "torch.optim.NAdam(...).step() for one parameter",
    .formula =
        "m and v as in adam_step, mu(t) = beta1 (1 - 0.96^(t momentum_decay) / 2), product *= "
        "mu(t); w -= lr ((1 - mu(t)) / (1 - product) d + mu(t + 1) / (1 - product mu(t + 1)) m)"
        " / (sqrt(v / (1 - beta2^t)) + eps)",
    CD_STEP_OP(fields),
    .inputs = 8,
    .input = { "w", "g", "rate", "momentum", "step", "m", "v", "product" },
    .outputs = 5,
    .output = { [CD_STEP_NEW_COUNT] = { CD_CHANGED, CD_STEP_COUNT_SO_FAR },
                [CD_STEP_NEW_STATE] = { CD_CHANGED, M },
                [CD_STEP_NEW_STATE + 1] = { CD_CHANGED, V },
                [CD_STEP_NEW_STATE + 2] = { CD_CHANGED, PRODUCT } },
    .infer = nadam_step_infer,
    .cpu = { .run = cd_run_one_step, .run_all = nadam_step_run_all },
};
