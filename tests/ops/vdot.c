/* Samples and bad calls of vdot: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_vdot(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3), RANDOM(3) });
    cd_sample(s, call, { RANDOM(1), RANDOM(1) });
    cd_sample(s, call, { RANDOM(0), RANDOM(0) });
    cd_sample(s, call, { RANDOM(300), RANDOM(300) });
    cd_sample(s, call, { cd_select(RANDOM(3, 2), 1, 0), RANDOM(3) });
    cd_sample(s, call, { RANDOM(3), cd_slice(RANDOM(6), 0, 0, 6, 2) });
    cd_sample(s, call, { RANDOM(3), cd_expand(cd_randn(CD_SCALAR), CD_SHAPE(3)) });
    cd_sample(s, call, { cd_arange(3), cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_SHAPE, "elements of mat1 (3) must equal elements of mat2 (2)",
                    cd_vdot(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_SHAPE, "mat1 (3) and mat2 (3x1) must both be vectors",
                    cd_vdot(x, cd_zeros(CD_SHAPE(3, 1))));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_vdot(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_vdot(cd_eq(x, 0), cd_eq(x, 0)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mat2 is NULL", cd_vdot(x, NULL));
}

const op_cases cases_vdot = { samples, misuse };
