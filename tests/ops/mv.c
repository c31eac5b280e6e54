/* Samples and bad calls of mv: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_mv(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)), cd_randn(CD_SHAPE(1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(0)) });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_select(cd_randn(CD_SHAPE(3, 2)), 1, 1) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_expand(cd_randn(CD_SHAPE(1)), CD_SHAPE(3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *v = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_SHAPE, "columns of mat1 (3) must equal elements of mat2 (2)",
                    cd_mv(x, v));
    cd_expect_error(s, CD_ERR_SHAPE, "vector", cd_mv(x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mat1 is NULL", cd_mv(NULL, v));
}

const op_cases cases_mv = { samples, misuse };
