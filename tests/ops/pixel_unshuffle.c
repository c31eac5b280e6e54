/* Samples and bad calls of pixel_unshuffle: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_pixel_unshuffle(in[0], (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 4, 2)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 2, 6)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3, 6)) }, { 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 1, 1, 2, 4)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3, 2, 2)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1, 2, 2)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 0, 2, 2)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 0, 2)) }, { 2 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(1, 4, 2, 2)), 1, 3) }, { 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 4, 2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_pixel_unshuffle(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3) must have at least 3 dimensions",
                    cd_pixel_unshuffle(cd_zeros(CD_SHAPE(2, 3)), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "the factor is -1", cd_pixel_unshuffle(x, -1));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "x (1x4x2x3) has 2x3 pixels, which the factor 2 does not divide",
                    cd_pixel_unshuffle(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3 pixels", cd_pixel_unshuffle(x, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "too large",
                    cd_pixel_unshuffle(cd_zeros(CD_SHAPE(4, 0, 0)), INT64_C(1) << 40));
}

const op_cases cases_pixel_unshuffle = { samples, misuse };
