/* Samples and bad calls of cat: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, and the number of tensors. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cat((cd_tensors){ in, (int)p[1] }, (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) }, { 0, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)) }, { -1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(0)), cd_randn(CD_SHAPE(2)) },
              { 0, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)), cd_randn(CD_SHAPE(2, 2)) }, { 1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2)), cd_randn(CD_SHAPE(1, 2)) }, { 0, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_to(cd_randn(CD_SHAPE(2, 3)), CD_I32) },
              { 1, 2 });
    cd_sample(s, call,
              { cd_randn(CD_SHAPE(1, 2)), cd_randn(CD_SHAPE(1, 2)), cd_randn(CD_SHAPE(1, 2)),
                cd_randn(CD_SHAPE(2, 2)), cd_randn(CD_SHAPE(1, 2)), cd_randn(CD_SHAPE(1, 2)) },
              { 0, 6 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 2)), cd_randn(CD_SHAPE(2, 1, 2)) }, { -2, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *other = cd_zeros(CD_SHAPE(2, 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "array is NULL", cd_cat((cd_tensors){ NULL, 1 }, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "at least one", cd_cat((cd_tensors){ &x, 0 }, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "tensor 1 is NULL", cd_cat(CD_TENSORS(x, NULL), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 1 has shape 2x4", cd_cat(CD_TENSORS(x, other), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3", cd_cat(CD_TENSORS(x, cd_zeros(CD_SHAPE(3))), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_cat(CD_TENSORS(x, cd_zeros(CD_SCALAR)), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_cat(CD_TENSORS(x, x), 2));
}

const op_cases cases_cat = { samples, misuse };
