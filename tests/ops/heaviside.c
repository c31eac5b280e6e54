/* Samples and bad calls of heaviside: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_heaviside(in[0], in[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_heaviside_(cd_clone(in[0]), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, tensors, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, .constant = 3);
    cd_sample(s, tensors, { cd_zeros(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(4, 2, 1)) }, .constant = 3);
    cd_sample(s, tensors, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, .constant = 3);
    cd_sample(s, tensors, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(1)) }, .constant = 3);
    cd_sample(s, tensors, { cd_arange(4), cd_full(CD_SHAPE(4), 7, .dtype = CD_I64) });
    cd_sample(s, tensors, { cd_gt(cd_arange(4), 1), cd_gt(cd_arange(4), 0) });
    cd_sample(s, tensors, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(3)) }, .constant = 3);
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, .constant = 3);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_DTYPE, "b is float64", cd_heaviside(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "a is int64", cd_heaviside_(cd_arange(3), x));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_heaviside(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_heaviside_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_heaviside(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_heaviside(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_heaviside_(NULL, x));
}

const op_cases cases_heaviside = { samples, misuse };
