/* Samples and bad calls of all: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_all(in[0], .dims = dims_from(p), .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample_dims(s, call, true);
    cd_sample(s, call, { cd_relu(cd_randn(CD_SHAPE(2, 40))) }, { 1, false, 1 });
    cd_sample(s, call, { cd_arange(5) });
    cd_sample(s, call, { cd_gt(cd_randn(CD_SHAPE(3, 4)), 0) }, { 1, true, 0 });
    cd_sample(s, call, { cd_to(cd_arange(6), CD_U8) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_dims(s, cd_all_with);
}

const op_cases cases_all = { samples, misuse };
