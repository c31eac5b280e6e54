/* Samples and bad calls of cummax: see op_cases.h. */
#include "op_cases.h"

/* parameters: the dimension, and whether the indices are the result. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_tensor *indices = NULL, *y = cd_cummax(in[0], (int)p[0], .indices = &indices);
    return p[1] != 0 ? indices : y;
}

static cd_tensor *without_indices(cd_tensor *const *in, const double *p)
{
    return cd_cummax(in[0], (int)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample_dim(s, without_indices);
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 300)) }, { 0 });
    cd_sample(s, call, { cd_arange(5) }, { 0 });
    cd_sample(s, call, { cd_gt(cd_randn(CD_SHAPE(4, 3)), 0) }, { 0, true });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_cummax(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_cummax(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_cummax(x, -3));
}

const op_cases cases_cummax = { samples, misuse };
