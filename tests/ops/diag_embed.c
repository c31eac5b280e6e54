/* Samples and bad calls of diag_embed: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_diag_embed(in[0], (int64_t)p[0], (int)p[1], (int)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3) }, { 0, 0, 1 });
    cd_sample(s, call, { RANDOM(3) }, { 2, -2, -1 });
    cd_sample(s, call, { RANDOM(2, 3) }, { -1, 0, 2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 0, -1, 0 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 1, -2, -1 });
    cd_sample(s, call, { RANDOM(1) }, { 0, 0, 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) }, { 1, 1, 2 });
    cd_sample(s, call, { cd_arange(3) }, { 0, 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_diag_embed(NULL, 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "shape scalar", cd_diag_embed(cd_zeros(CD_SCALAR), 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 3", cd_diag_embed(x, 0, 0, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "given twice", cd_diag_embed(x, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "too many", cd_diag_embed(x, INT64_MAX, 0, 1));
}

const op_cases cases_diag_embed = { samples, misuse };
