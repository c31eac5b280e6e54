/* Samples and bad calls of trace: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_trace(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3, 3) });
    cd_sample(s, call, { RANDOM(2, 4) });
    cd_sample(s, call, { RANDOM(4, 2) });
    cd_sample(s, call, { RANDOM(1, 1) });
    cd_sample(s, call, { RANDOM(0, 2) });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) });
    cd_sample(s, call, { cd_view(cd_arange(6), CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_to(cd_ones(CD_SHAPE(2, 2)), CD_U8) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_trace(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_trace(cd_ones(CD_SHAPE(2, 2), .dtype = CD_BOOL)));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 3,", cd_trace(cd_zeros(CD_SHAPE(3))));
}

const op_cases cases_trace = { samples, misuse };
