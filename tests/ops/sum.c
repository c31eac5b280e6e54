/* Samples and bad calls of sum: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_sum(in[0]);
}

/* parameters[11] is the dtype. */
static cd_tensor *over(cd_tensor *const *in, const double *p)
{
    return cd_sum(in[0], .dims = dims_from(p), .keepdim = p[1] != 0, .dtype = (cd_dtype)p[11]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_dims(s, over, true);
    cd_sample(s, over, { cd_arange(300) }, { 0, false, [11] = CD_F32 });
    cd_sample(s, over, { cd_randn(CD_SHAPE(2, 3)) }, { 1, false, 0, [11] = CD_F64 });
    cd_sample(s, over, { cd_arange(300) }, { 0, false, [11] = CD_U8 });
    cd_sample(s, over, { cd_mul(cd_randn(CD_SHAPE(3, 4)), 9) }, { 1, true, 1, [11] = CD_I32 });
    cd_sample(s, over, { cd_arange(4) }, { 0, false, [11] = CD_BOOL });
    cd_sample(s, call, { cd_arange(5) });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) });
}

/* The bad options of cd_misuse_dims. */
static cd_tensor *with_dims(cd_dims_options o)
{
    return cd_sum(o.x, .dims = o.dims, .keepdim = o.keepdim);
}

static void misuse(cd_samples *s)
{
    cd_misuse_dims(s, with_dims);
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_sum(cd_zeros(CD_SHAPE(2)), .dtype = (cd_dtype)99));
}

const op_cases cases_sum = { samples, misuse };
