/* Samples and bad calls of addmm: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_addmm(in[0], in[1], in[2]);
}

static void samples(cd_samples *s)
{
    cd_tensor *bias = cd_randn(CD_SHAPE(4)), *a = cd_randn(CD_SHAPE(2, 3));
    cd_tensor *b = cd_randn(CD_SHAPE(3, 4));
    cd_sample(s, call, { bias, a, b });
    cd_sample(s, call, { bias, a, cd_t(cd_randn(CD_SHAPE(4, 3))) });
    cd_sample(s, call, { bias, cd_t(cd_randn(CD_SHAPE(3, 2))), b });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 4)), a, b });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1)), a, b });
    cd_sample(s, call, { cd_randn(CD_SCALAR), a, b });
    cd_sample(s, call, { bias, cd_randn(CD_SHAPE(0, 3)), b });
    cd_sample(s, call, { bias, cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(0, 4)) });
    cd_sample(s, call,
              { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1, 1)), cd_randn(CD_SHAPE(1, 1)) });
    cd_sample(s, call, { cd_slice(cd_randn(CD_SHAPE(8)), 0, 0, 8, 2), a, b });
}

static void misuse(cd_samples *s)
{
    cd_tensor *a = cd_zeros(CD_SHAPE(2, 3)), *b = cd_zeros(CD_SHAPE(3, 4));
    cd_tensor *bias = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_SHAPE, "columns of mat1 (3) must equal rows of mat2 (2)",
                    cd_addmm(bias, a, a));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_addmm(cd_zeros(CD_SHAPE(3)), a, b));
    cd_expect_error(s, CD_ERR_SHAPE, "2 dimensions", cd_addmm(bias, bias, b));
    cd_expect_error(s, CD_ERR_DTYPE, "bias is float64", cd_addmm(cd_to(bias, CD_F64), a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, "bias is NULL", cd_addmm(NULL, a, b));
}

const op_cases cases_addmm = { samples, misuse };
