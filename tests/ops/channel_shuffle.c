/* Samples and bad calls of channel_shuffle: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_channel_shuffle(in[0], (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 4, 2, 3)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6, 2)) }, { 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6, 2)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 4, 1, 2, 2)) }, { 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3, 2, 2)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 4, 2)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 0, 2)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 4, 0)) }, { 2 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(1, 2, 4)), 1, 2) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 4, 2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_channel_shuffle(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3) must have at least 3 dimensions",
                    cd_channel_shuffle(cd_zeros(CD_SHAPE(2, 3)), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "groups is 0", cd_channel_shuffle(x, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "has 4 channels, which 3 groups do not divide",
                    cd_channel_shuffle(x, 3));
}

const op_cases cases_channel_shuffle = { samples, misuse };
