/* Samples and bad calls of atleast_1d: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_atleast_1d(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SCALAR) });
    cd_sample(s, call, { RANDOM(3) });
    cd_sample(s, call, { RANDOM(1) });
    cd_sample(s, call, { RANDOM(2, 3) });
    cd_sample(s, call, { RANDOM(0) });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) });
    cd_sample(s, call, { RANDOM(2, 1, 2) });
    cd_sample(s, call, { cd_arange(4) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_atleast_1d(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_atleast_1d_all(CD_TENSORS(x, NULL)).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "there are no tensors",
                    cd_atleast_1d_all((cd_tensors){ NULL, 2 }).tensor);
}

const op_cases cases_atleast_1d = { samples, misuse };
