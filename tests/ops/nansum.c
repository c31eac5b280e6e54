/* Samples and bad calls of nansum: see op_cases.h. */
#include "op_cases.h"

/* parameters[11] is the dtype. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_nansum(in[0], .dims = dims_from(p), .keepdim = p[1] != 0, .dtype = (cd_dtype)p[11]);
}

/* The bad options of cd_misuse_dims. */
static cd_tensor *with_dims(cd_dims_options o)
{
    return cd_nansum(o.x, .dims = o.dims, .keepdim = o.keepdim);
}

static void samples(cd_samples *s)
{
    cd_sample_dims(s, call, true);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 40)) }, { 1, false, 1, [11] = CD_F64 });
    cd_sample(s, call, { cd_arange(5) });
    cd_sample(s, call, { cd_arange(300) }, { 0, false, [11] = CD_U8 });
    cd_sample(s, call, { cd_mul(cd_randn(CD_SHAPE(3, 4)), 9) }, { 1, true, 1, [11] = CD_I32 });
}

static void misuse(cd_samples *s)
{
    cd_misuse_dims(s, with_dims);
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_nansum(cd_zeros(CD_SHAPE(2)), .dtype = (cd_dtype)99));
}

const op_cases cases_nansum = { samples, misuse };
