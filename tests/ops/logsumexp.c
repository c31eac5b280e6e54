/* Samples and bad calls of logsumexp: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_logsumexp(in[0], (int)p[0], .keepdim = p[1] != 0);
}

static cd_tensor *over_dims(cd_tensor *const *in, const double *p)
{
    return cd_logsumexp_dims(in[0], dims_from(p), .keepdim = p[1] != 0);
}

/* The bad options of cd_misuse_dims. */
static cd_tensor *with_dims(cd_dims_options o)
{
    return cd_logsumexp_dims(o.x, o.dims, .keepdim = o.keepdim);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample_dims(s, over_dims, true);
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 3)) }, { 1 });
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(2, 3)), 100) }, { 1 });
    cd_sample(s, call, { cd_arange(4) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *indices = NULL;
    cd_misuse_dims(s, with_dims);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_logsumexp(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_logsumexp(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_logsumexp(x, -3));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".indices", cd_logsumexp(x, 0, .indices = &indices));
}

const op_cases cases_logsumexp = { samples, misuse };
