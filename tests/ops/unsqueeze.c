/* Samples and bad calls of unsqueeze: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_unsqueeze(in[0], (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)) }, { -3 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2)) }, { 1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_unsqueeze(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_unsqueeze(x, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -4", cd_unsqueeze(x, -4));
    cd_expect_error(s, CD_ERR_SHAPE, "at most 8",
                    cd_unsqueeze(cd_zeros(CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1)), 0));
}

const op_cases cases_unsqueeze = { samples, misuse };
