/* Samples and bad calls of narrow: see op_cases.h. */
#include "op_cases.h"

enum { DIM, START, LENGTH }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_narrow(in[0], (int)p[DIM], (int64_t)p[START], (int64_t)p[LENGTH]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { [DIM] = 0, [START] = 1, [LENGTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { [DIM] = 1, [START] = -2, [LENGTH] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { [DIM] = -1, [START] = 3, [LENGTH] = 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { [DIM] = 0, [START] = 0, [LENGTH] = 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { [DIM] = 0, [START] = 0, [LENGTH] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)) }, { [DIM] = 0, [START] = 0, [LENGTH] = 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { [DIM] = 0, [START] = 1, [LENGTH] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { [DIM] = 1, [START] = 1, [LENGTH] = 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_narrow(NULL, 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "4x3", cd_narrow(x, 0, 2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "start -5", cd_narrow(x, 0, -5, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "length -1", cd_narrow(x, 0, 0, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_narrow(x, 2, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "start is NULL", cd_narrow_by(x, 0, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_narrow_by(NULL, 0, cd_arange(1), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "start is int64 of shape (1)",
                    cd_narrow_by(x, 0, cd_arange(1), 1));
    cd_expect_error(s, CD_ERR_DTYPE, "start is float32",
                    cd_narrow_by(x, 0, cd_zeros(CD_SCALAR), 1));
    cd_expect_error(s, CD_ERR_DTYPE, "start is bool",
                    cd_narrow_by(x, 0, cd_zeros(CD_SCALAR, .dtype = CD_BOOL), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "start 4 and length 1",
                    cd_narrow_by(x, 0, cd_full(CD_SCALAR, 4, .dtype = CD_U8), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_narrow(cd_zeros(CD_SCALAR), 0, 0, 1));
}

const op_cases cases_narrow = { samples, misuse };
