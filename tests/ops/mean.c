/* Samples and bad calls of mean: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_mean(in[0]);
}

/* parameters[11] is the dtype. */
static cd_tensor *over(cd_tensor *const *in, const double *p)
{
    return cd_mean(in[0], .dims = dims_from(p), .keepdim = p[1] != 0, .dtype = (cd_dtype)p[11]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_dims(s, over, true);
    cd_sample(s, over, { cd_arange(300) }, { 0, false, [11] = CD_F32 });
    cd_sample(s, over, { cd_randn(CD_SHAPE(2, 3)) }, { 1, false, 0, [11] = CD_F64 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) });
}

/* The bad options of cd_misuse_dims. */
static cd_tensor *with_dims(cd_dims_options o)
{
    return cd_mean(o.x, .dims = o.dims, .keepdim = o.keepdim);
}

static void misuse(cd_samples *s)
{
    cd_misuse_dims(s, with_dims);
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_mean(cd_zeros(CD_SHAPE(2)), .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_mean(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "cd_to", cd_mean(cd_eq(cd_arange(3), 1)));
}

const op_cases cases_mean = { samples, misuse };
