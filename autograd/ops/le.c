/* autograd/ops/le.c
 *
 *   y = a <= b, as bool          no gradient
 *
 * a and b broadcast; tensors or numbers. They are compared in the dtype in which they meet. */
#include "autograd/op_internal.h"

cd_tensor *cd_le_with(cd_operand a, cd_operand b)
{
    return cd_op_compare(&cd_op_le, CD_MAP_le, a, b);
}

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_le(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_le(in[0], p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_compare(s, tensors, with_number);
}

static void misuse(cd_samples *s)
{
    cd_misuse_compare(s, cd_le_with);
}

const cd_op cd_op_le = {
    .name = "le",
    .like = "torch.le(a, b)",
    .formula = "y = a <= b, as bool",
    .gradient = "none: it is constant wherever it has one",
    .dtypes = "all",
    .samples = samples,
    .misuse = misuse,
};
