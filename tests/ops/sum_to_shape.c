/* Samples and bad calls of sum_to_shape: see op_cases.h. */
#include "op_cases.h"

/* p: the shape, for shape_from. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_sum_to_shape(in[0], shape_from(p));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 1, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 2, 2, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 2, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 3, 1, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 2, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0, 4)) }, { 2, 1, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1)) }, { 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { cd_arange(3) }, { 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(4, 3))) }, { 2, 1, 4 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_sum_to_shape(NULL, CD_SHAPE(3)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_sum_to_shape(x, CD_SHAPE(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2x3", cd_sum_to_shape(x, CD_SHAPE(1, 2, 3)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_sum_to_shape(x, CD_SHAPE(2, 0)));
}

const op_cases cases_sum_to_shape = { samples, misuse };
