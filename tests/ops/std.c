/* Samples and bad calls of std: see op_cases.h. */
#include "op_cases.h"

/* The last of the parameters is the correction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_std(in[0], .dims = dims_from(p), .keepdim = p[1] != 0, .correction = p[11]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 0, true, [11] = CD_ZERO });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, false, 1, [11] = 0.5 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 2, false, 2, 0, [11] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 2, true, -1, 1, [11] = -1 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) }, { 2, false, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(40, 3)) }, { 1, false, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0, 3)) }, { 2, false, 0, 2 });
    cd_sample(s, call, { cd_add(cd_randn(CD_SHAPE(3, 7)), 100) }, { 1, false, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_std(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_std(x, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "dimension 1 is given twice",
                    cd_std(x, .dims = CD_DIMS(1, -1)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_std(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_std(cd_eq(x, 0)));
}

const op_cases cases_std = { samples, misuse };
