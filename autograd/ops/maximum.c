/* autograd/ops/maximum.c
 *
 *   y = max(a, b)
 *   da = dy where a > b, db = dy where a < b, half each where they are equal
 *
 * a and b broadcast; tensors or numbers (in PyTorch only tensors). NaN wins over all numbers, and
 * beside it both have the gradient whole. bool is "or". Saves both. */
#include "autograd/clamp_internal.h"

cd_tensor *cd_maximum_with(cd_operand a, cd_operand b)
{
    return cd_op_choice(&cd_op_maximum, CD_MAP_maximum, a, b);
}

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_maximum(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_maximum(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_maximum(p[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_choice(s, tensors, with_number, number_first);
}

static void misuse(cd_samples *s)
{
    cd_misuse_choice(s, cd_maximum_with, 300);
}

const cd_op cd_op_maximum = {
    .name = "maximum",
    .grad_fn = "MaximumBackward0",
    .like = "torch.maximum(a, b)",
    .formula = "y = max(a, b)",
    .gradient = "da = dy where a > b, db = dy where a < b, half each where equal",
    .dtypes = "all",
    .backward = cd_maximum_backward,
    .samples = samples,
    .misuse = misuse,
};
