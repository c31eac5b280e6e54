/* Samples and bad calls of avg_pool1d: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_avg_pool1d(in[0], (int64_t)p[0], .stride = (int64_t)p[1], .padding = (int64_t)p[2],
                         .ceil_mode = p[3] != 0, .exclude_padding = p[4] != 0);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3, 6) }, { 2 });
    cd_sample(s, call, { R(3, 6) }, { 2 });
    cd_sample(s, call, { R(3, 7) }, { 3, 2, 1 });
    cd_sample(s, call, { R(3, 7) }, { 2, 0, 0, 1 });
    cd_sample(s, call, { R(2, 2, 7) }, { 2, 1, 1, 0, 1 });
    cd_sample(s, call, { R(0, 3, 6) }, { 2 });
    cd_sample(s, call, { R(1, 1, 1) }, { 1 });
    cd_sample(s, call, { cd_t(R(6, 3)) }, { 2 });
    cd_sample(s, call, { cd_view(cd_arange(14), CD_SHAPE(2, 7)) }, { 3, 2, 1 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_avg_pool1d(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (6) must be N x C x L", cd_avg_pool1d(cd_index(x, 0), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "at least 1x1", cd_avg_pool1d(x, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "larger than the padded", cd_avg_pool1d(x, 7));
    cd_expect_error(s, CD_ERR_SHAPE, "half the kernel", cd_avg_pool1d(x, 2, .padding = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_avg_pool1d(cd_to(x, CD_I32), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".dilation is for max_pool1d",
                    cd_avg_pool1d(x, 2, .dilation = 2));
}

const op_cases cases_avg_pool1d = { samples, misuse };
