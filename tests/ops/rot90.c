/* Samples and bad calls of rot90: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: k and the dimensions. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_rot90(in[0], (int64_t)p[0], (int)p[1], (int)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3, 4) }, { 1, 0, 1 });
    cd_sample(s, call, { RANDOM(3, 4) }, { 2, 0, 1 });
    cd_sample(s, call, { RANDOM(3, 4) }, { 3, 0, 1 });
    cd_sample(s, call, { RANDOM(3, 4) }, { -5, 1, 0 });
    cd_sample(s, call, { RANDOM(3, 4) }, { 4, 0, 1 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { 1, -1, 0 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 1, 0, 1 });
    cd_sample(s, call, { cd_t(RANDOM(20, 17)) }, { 1, 0, 1 });
    cd_sample(s, call, { cd_view(cd_arange(6), CD_SHAPE(2, 3)) }, { 1, 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_rot90(NULL, 1, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "1 dimensions", cd_rot90(cd_zeros(CD_SHAPE(3)), 1, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_rot90(x, 1, 0, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "given twice", cd_rot90(x, 1, 0, 0));
}

const op_cases cases_rot90 = { samples, misuse };
