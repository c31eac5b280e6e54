/* Samples and bad calls of nanmedian_dim: see op_cases.h. */
#include "op_cases.h"

/* parameters: the dimension, and keepdim. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_nanmedian_dim(in[0], (int)p[0], .keepdim = p[1] != 0);
}

static cd_tensor *indices(cd_tensor *const *in, const double *p)
{
    cd_tensor *where = NULL;
    (void)cd_nanmedian_dim(in[0], (int)p[0], .keepdim = p[1] != 0, .indices = &where);
    return where;
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, call);
    cd_sample(s, indices, { cd_randn(CD_SHAPE(3, 30)) }, { 1 });
    cd_sample(s, indices, { cd_randint(0, 5, CD_SHAPE(20, 3)) }, { 0, true });
}

static void misuse(cd_samples *s)
{
    cd_misuse_min_max_dim(s, cd_nanmedian_dim_with);
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_nanmedian_dim(cd_eq(cd_zeros(CD_SHAPE(2)), 0), 0));
}

const op_cases cases_nanmedian_dim = { samples, misuse };
