/* Samples and bad calls of bucketize: see op_cases.h. */
#include "op_cases.h"

/* p: whether right, and whether int32. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_bucketize(in[0], in[1], .right = p[0] != 0, .out_int32 = p[1] != 0);
}

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_bucketize(p[0], in[0]);
}

static void samples(cd_samples *s)
{
    cd_tensor *sorted = cd_msort(cd_randn(CD_SHAPE(5)));
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), sorted }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), sorted }, { 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), sorted }, { 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)), sorted }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(0)) }, { 0, 0 });
    cd_sample(s, call, { cd_arange(6), cd_arange(3) }, { 0, 0 });
    cd_sample(s, call, { cd_arange(6), cd_arange(3) }, { 1, 0 });
    cd_sample(s, number, { sorted }, { 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *v = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "boundaries is NULL", cd_bucketize(v, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "values is NULL", cd_bucketize(NULL, v));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3", cd_bucketize(v, x));
}

const op_cases cases_bucketize = { samples, misuse };
