/* Samples and bad calls of dot: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_dot(in[0], in[1]);
}

static cd_tensor *with_itself(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_dot(in[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)), cd_randn(CD_SHAPE(0)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(300)), cd_randn(CD_SHAPE(300)) });
    cd_sample(s, call, { cd_select(cd_randn(CD_SHAPE(3, 2)), 1, 0), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_slice(cd_randn(CD_SHAPE(6)), 0, 0, 6, 2) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_expand(cd_randn(CD_SCALAR), CD_SHAPE(3)) });
    cd_sample(s, with_itself, { cd_randn(CD_SHAPE(4)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_SHAPE, "elements of mat1 (3) must equal elements of mat2 (2)",
                    cd_dot(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_SHAPE, "vectors", cd_dot(x, cd_zeros(CD_SHAPE(3, 1))));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_dot(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mat2 is NULL", cd_dot(x, NULL));
}

const op_cases cases_dot = { samples, misuse };
