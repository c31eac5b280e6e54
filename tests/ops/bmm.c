/* Samples and bad calls of bmm: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bmm(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)), cd_randn(CD_SHAPE(2, 4, 2)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 3)), cd_randn(CD_SHAPE(1, 3, 1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 3)), cd_randn(CD_SHAPE(0, 3, 2)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 0)), cd_randn(CD_SHAPE(2, 0, 2)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0, 2)), cd_randn(CD_SHAPE(3, 2, 2)) });
    cd_sample(s, call,
              { cd_transpose(cd_randn(CD_SHAPE(2, 4, 3)), 1, 2), cd_randn(CD_SHAPE(2, 4, 2)) });
    cd_sample(s, call,
              { cd_transpose(cd_randn(CD_SHAPE(3, 2, 4)), 0, 1), cd_randn(CD_SHAPE(2, 4, 2)) });
    cd_sample(s, call,
              { cd_randn(CD_SHAPE(2, 2, 3)), cd_transpose(cd_randn(CD_SHAPE(2, 3, 2)), 0, 2) });
    cd_sample(
        s, call,
        { cd_expand(cd_randn(CD_SHAPE(2, 3)), CD_SHAPE(3, 2, 3)), cd_randn(CD_SHAPE(3, 3, 2)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3, 4));
    cd_expect_error(s, CD_ERR_SHAPE, "columns of mat1 (4) must equal rows of mat2 (3)",
                    cd_bmm(x, x));
    cd_expect_error(s, CD_ERR_SHAPE, "3x4x2", cd_bmm(x, cd_zeros(CD_SHAPE(3, 4, 2))));
    cd_expect_error(s, CD_ERR_SHAPE, "3 dimensions", cd_bmm(x, cd_zeros(CD_SHAPE(4, 2))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64",
                    cd_bmm(x, cd_zeros(CD_SHAPE(2, 4, 1), .dtype = CD_I64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mat1 is NULL", cd_bmm(NULL, x));
}

const op_cases cases_bmm = { samples, misuse };
