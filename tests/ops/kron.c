/* Samples and bad calls of kron: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_kron(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 2) });
    cd_sample(s, call, { RANDOM(2), RANDOM(2, 2) });
    cd_sample(s, call, { RANDOM(2, 1, 2), RANDOM(3) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), RANDOM(2, 2) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), RANDOM(1, 1) });
    cd_sample(s, call, { RANDOM(2, 0), RANDOM(2, 2) });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)), RANDOM(2, 2) });
    cd_sample(s, call, { RANDOM(1, 1, 1, 2, 1, 1, 2), RANDOM(1, 2, 1, 2, 1, 1, 1, 1) });
    cd_sample(s, call, { cd_arange(3), RANDOM(2) });
    cd_sample(s, call, { cd_gt(RANDOM(3), 0), cd_gt(RANDOM(2), 0) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 2, 2, 2, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_kron(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_kron(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "more than 8 dimensions", cd_kron(x, x));
    cd_tensor *y = cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE((int64_t)1 << 40));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 0 of the result is too large", cd_kron(y, y));
}

const op_cases cases_kron = { samples, misuse };
