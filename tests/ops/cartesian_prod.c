/* Samples and bad calls of cartesian_prod: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *one(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_mul(cd_cartesian_prod(CD_TENSORS(in[0])), 2);
}

static cd_tensor *two(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_cartesian_prod(CD_TENSORS(in[0], in[1]));
}

static cd_tensor *three(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_cartesian_prod(CD_TENSORS(in[0], in[1], in[2]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, one, { RANDOM(3) });
    cd_sample(s, two, { RANDOM(3), RANDOM(4) });
    cd_sample(s, two, { RANDOM(1), RANDOM(2) });
    cd_sample(s, two, { RANDOM(0), RANDOM(2) });
    cd_sample(s, two, { cd_arange(3), cd_arange(2) });
    cd_sample(s, two, { cd_select(RANDOM(3, 2), 1, 0), RANDOM(2) });
    cd_sample(s, three, { RANDOM(2), RANDOM(1), RANDOM(3) });
    cd_sample(s, three, { RANDOM(2), RANDOM(2), RANDOM(2) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *v = cd_zeros(CD_SHAPE(2)), *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_cartesian_prod(CD_TENSORS(v, NULL)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 vectors", cd_cartesian_prod((cd_tensors){ .count = 0 }));
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 1 has shape 2x3", cd_cartesian_prod(CD_TENSORS(v, x)));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar",
                    cd_cartesian_prod(CD_TENSORS(cd_zeros(CD_SCALAR), v)));
    cd_expect_error(s, CD_ERR_DTYPE, "tensor 1 is int64",
                    cd_cartesian_prod(CD_TENSORS(v, cd_arange(2))));
}

const op_cases cases_cartesian_prod = { samples, misuse };
