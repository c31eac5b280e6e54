/* Samples and bad calls of permute: see op_cases.h. */
#include "op_cases.h"

/* p: the order, as shape_from reads a shape. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_permute(in[0], shape_from(p));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 3, 2, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 3, 0, -1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 3, 2)) }, { 4, 0, 2, 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 2, 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1)) }, { 2, 1, 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 2, 1, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_permute(NULL, CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_permute(x, CD_SHAPE(0, 1, 2)));
    cd_expect_error(s, CD_ERR_SHAPE, "twice", cd_permute(x, CD_SHAPE(0, -2)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_permute(x, CD_SHAPE(0, 2)));
}

const op_cases cases_permute = { samples, misuse };
