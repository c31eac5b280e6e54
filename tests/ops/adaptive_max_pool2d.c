/* Samples and bad calls of adaptive_max_pool2d: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_adaptive_max_pool2d(in[0], (int64_t)p[0], (int64_t)p[1]);
}

static cd_tensor *indices(cd_tensor *const *in, const double *p)
{
    cd_tensor *which = NULL;
    (void)cd_adaptive_max_pool2d(in[0], (int64_t)p[0], (int64_t)p[1], .indices = &which);
    return which;
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3, 5, 4) }, { 2, 3 });
    cd_sample(s, call, { R(2, 5, 4) }, { 1, 1 });
    cd_sample(s, call, { R(2, 5, 4) }, { -1, 2 });
    cd_sample(s, call, { R(2, 5, 4) }, { 3, -1 });
    cd_sample(s, call, { R(2, 2, 2) }, { 3, 5 });
    cd_sample(s, call, { R(2, 2, 2) }, { 0, 5 });
    cd_sample(s, call, { R(0, 2, 2, 2) }, { 1, 2 });
    cd_sample(s, call, { cd_transpose(R(2, 5, 4), 1, 2) }, { 2, 2 });
    cd_sample(s, indices, { R(2, 5, 4) }, { 2, 2 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(1, 4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_adaptive_max_pool2d(NULL, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "x (4x6) must be",
                    cd_adaptive_max_pool2d(cd_index(x, 0), 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "(-2)", cd_adaptive_max_pool2d(x, 1, -2));
    cd_expect_error(s, CD_ERR_SHAPE, "at least one row",
                    cd_adaptive_max_pool2d(cd_ones(CD_SHAPE(1, 0, 3)), 1, 1));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_adaptive_max_pool2d(cd_to(x, CD_I64), 1, 1));
}

const op_cases cases_adaptive_max_pool2d = { samples, misuse };
