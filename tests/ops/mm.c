/* Samples and bad calls of mm: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_mm(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3, 4)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(3, 1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)), cd_randn(CD_SHAPE(1, 2)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3, 2)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(0, 3)) });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(3, 4)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_t(cd_randn(CD_SHAPE(4, 3))) });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_t(cd_randn(CD_SHAPE(4, 3))) });
    cd_sample(s, call,
              { cd_slice(cd_randn(CD_SHAPE(4, 6)), 1, 0, 6, 2), cd_randn(CD_SHAPE(3, 2)) });
    cd_sample(s, call, { cd_narrow(cd_randn(CD_SHAPE(4, 6)), 1, 2, 3), cd_randn(CD_SHAPE(3, 2)) });
    cd_sample(s, call,
              { cd_expand(cd_randn(CD_SHAPE(1, 3)), CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3, 2)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(3, 2));
    cd_tensor *truth = cd_zeros(CD_SHAPE(2, 2), .dtype = CD_BOOL);
    cd_expect_error(s, CD_ERR_SHAPE, "columns of mat1 (3) must equal rows of mat2 (2)",
                    cd_mm(x, x));
    cd_expect_error(s, CD_ERR_SHAPE, "2 dimensions", cd_mm(x, cd_zeros(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_mm(x, cd_to(y, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_mm(truth, truth));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mat2 is NULL", cd_mm(x, NULL));
}

const op_cases cases_mm = { samples, misuse };
