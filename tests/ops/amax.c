/* Samples and bad calls of amax: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_amax(in[0], .dims = dims_from(p), .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_dims(s, call, false);
    cd_sample(s, call, { cd_arange(5) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_dims(s, cd_amax_with);
    cd_tensor *empty = cd_zeros(CD_SHAPE(2, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_amax(empty));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_amax(empty, .dims = CD_DIMS(0, 1)));
}

const op_cases cases_amax = { samples, misuse };
