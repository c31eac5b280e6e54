/* Samples and bad calls of adaptive_max_pool1d: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_adaptive_max_pool1d(in[0], (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3, 6) }, { 2 });
    cd_sample(s, call, { R(3, 6) }, { 4 });
    cd_sample(s, call, { R(3, 7) }, { 1 });
    cd_sample(s, call, { R(3, 7) }, { -1 });
    cd_sample(s, call, { R(2, 2, 3) }, { 5 });
    cd_sample(s, call, { R(0, 3, 6) }, { 2 });
    cd_sample(s, call, { R(1, 1, 1) }, { 1 });
    cd_sample(s, call, { cd_t(R(6, 3)) }, { 2 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_adaptive_max_pool1d(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (6) must be N x C x L",
                    cd_adaptive_max_pool1d(cd_index(x, 0), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "(-2)", cd_adaptive_max_pool1d(x, -2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_adaptive_max_pool1d(cd_to(x, CD_I64), 2));
}

const op_cases cases_adaptive_max_pool1d = { samples, misuse };
