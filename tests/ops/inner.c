/* Samples and bad calls of inner: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_inner(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3), RANDOM(3) });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(3) });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(4, 3) });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 2, 3) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), RANDOM(2, 3) });
    cd_sample(s, call, { RANDOM(2), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { RANDOM(2, 0), RANDOM(3, 0) });
    cd_sample(s, call, { RANDOM(0, 3), RANDOM(2, 3) });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), cd_t(RANDOM(3, 4)) });
    cd_sample(s, call, { cd_arange(3), cd_arange(3) });
    cd_sample(s, call, { cd_arange(3), cd_full(CD_SCALAR, 2.5) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *wide = cd_zeros(CD_SHAPE(1, 1, 1, 1, 1, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_inner(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_inner(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "the last sizes of a (2x3) and b (2x1) differ",
                    cd_inner(x, cd_zeros(CD_SHAPE(2, 1))));
    cd_expect_error(s, CD_ERR_SHAPE, "more than 8 dimensions", cd_inner(wide, wide));
    cd_expect_error(s, CD_ERR_DTYPE, "b float64", cd_inner(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_inner(cd_eq(x, 0), cd_eq(x, 0)));
}

const op_cases cases_inner = { samples, misuse };
