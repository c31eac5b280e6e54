/* Samples and bad calls of dstack: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_dstack(CD_TENSORS(in[0], in[1]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3), RANDOM(3) });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 3) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { RANDOM(2, 3, 2), RANDOM(2, 3, 2) });
    cd_sample(s, call, { RANDOM(1), RANDOM(1) });
    cd_sample(s, call, { RANDOM(2, 0), RANDOM(2, 0) });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)), RANDOM(3, 2) });
    cd_sample(s, call, { cd_arange(3), RANDOM(3) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_dstack(CD_TENSORS(x, NULL)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "array is NULL", cd_dstack((cd_tensors){ NULL, 2 }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "at least one",
                    cd_dstack((cd_tensors){ CD_TENSORS(x).tensor, 0 }));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_dstack(CD_TENSORS(x, cd_zeros(CD_SHAPE(3, 2)))));
}

const op_cases cases_dstack = { samples, misuse };
