/* Samples and bad calls of linear_scan: see op_cases.h. */
#include "op_cases.h"

#include "autograd/families/scan_internal.h"

/* parameters: the dimension, and reverse. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_linear_scan(in[0], in[1], (int)p[0], p[1] != 0);
}

static void samples(cd_samples *s)
{
    for (int reverse = 0; reverse < 2; reverse++) {
        const cd_shape shape = CD_SHAPE(2, 3, 4);
        cd_sample(s, call, { cd_randn(shape), cd_randn(shape) }, { 0, reverse });
        cd_sample(s, call, { cd_randn(shape), cd_randn(shape) }, { 1, reverse });
        cd_sample(s, call, { cd_randn(shape), cd_randn(shape) }, { -1, reverse });
        cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)) }, { 0, reverse });
        cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, { 0, reverse });
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(2, 0)) }, { 1, reverse });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_linear_scan(NULL, x, 0, false));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_linear_scan(x, cd_zeros(CD_SHAPE(3)), 0, false));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_linear_scan(x, x, 2, false));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_linear_scan(x, cd_to(x, CD_F64), 0, false));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_linear_scan(cd_arange(3), cd_arange(3), 0, true));
}

const op_cases cases_linear_scan = { samples, misuse };
