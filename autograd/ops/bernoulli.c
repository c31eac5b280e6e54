/* bernoulli: random numbers that are 1 with the probability that stands in p, else 0. They are
 * those of torch.bernoulli for the same seed.
 *
 * They are drawn row by row. `check` refuses a p that is not from 0 to 1. Saves nothing. Kernel:
 * core/random_fill.c. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/random_internal.h"

static bool bernoulli_infer(cd_call *call)
{
    const cd_tensor *p = call->in[0].tensor;
    if (!cd_check_floating(call, p->dtype)) return false;
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = p->dtype;
    call->out[0].shape = p->shape;
    return true;
}

static bool bernoulli_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_array *p = &launch->in[0];
    const int64_t n = p->layout->numel;
    fault->position = cd_random_first_improbable(p->layout->dtype, p->data, n);
    if (fault->position == n) return true;
    fault->number = cd_real_at(p->layout->dtype, p->data, fault->position);
    return false;
}

static bool bernoulli_refuse(cd_call *call, const cd_fault *fault)
{
    return cd_refuse(call, CD_ERR_ARGUMENT, "p must be from 0 to 1, but p[%lld] is %g",
                     (long long)fault->position, fault->number);
}

static void bernoulli_run(const cd_launch *launch)
{
    const cd_array *p = &launch->in[0], *y = &launch->out[0];
    (void)cd_random_bernoulli_each(launch->generator, y->layout->dtype, y->data, y->layout->numel,
                                   p->layout->dtype, p->data);
}

cd_tensor *cd_bernoulli_with(cd_bernoulli_options o)
{
    cd_call call;
    const cd_operand p = cd_operand_tensor(o.p);
    cd_call_begin(&call, &cd_op_bernoulli, &p, 1);
    call.generator = o.generator;
    return cd_call_run(&call);
}

const cd_op cd_op_bernoulli = {
    .name = "bernoulli",
    .grad_fn = "BernoulliBackward0",
    .like = "torch.bernoulli(p)",
    .formula = "y = 1 with probability p, else 0",
    .gradient = "dp = 0",
    .dtypes = "floating",
    .random = true,
    .inputs = 1,
    .input = { "p" },
    .infer = bernoulli_infer,
    .refuse = bernoulli_refuse,
    .cpu = { .check = bernoulli_check, .run = bernoulli_run },
    .backward = cd_zero_backward,
};
