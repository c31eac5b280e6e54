/* Samples and bad calls of nanmean: see op_cases.h. */
#include "op_cases.h"

/* parameters[11] is the dtype. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_nanmean(in[0], .dims = dims_from(p), .keepdim = p[1] != 0, .dtype = (cd_dtype)p[11]);
}

/* The bad options of cd_misuse_dims. */
static cd_tensor *with_dims(cd_dims_options o)
{
    return cd_nanmean(o.x, .dims = o.dims, .keepdim = o.keepdim);
}

static void samples(cd_samples *s)
{
    cd_sample_dims(s, call, true);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 40)) }, { 1, false, 1, [11] = CD_F64 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "nansum", NULL };
    s->names = names;
    cd_misuse_dims(s, with_dims);
    cd_expect_error(s, CD_ERR_DTYPE, "99",
                    cd_nanmean(cd_zeros(CD_SHAPE(2)), .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_nanmean(cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "floating",
                    cd_nanmean(cd_zeros(CD_SHAPE(2)), .dtype = CD_I64));
}

const op_cases cases_nanmean = { samples, misuse };
