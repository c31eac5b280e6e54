/* Samples and bad calls of diagonal: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: offset and dimensions. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_diagonal(in[0], (int64_t)p[0], (int)p[1], (int)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3, 3) }, { 0, 0, 1 });
    cd_sample(s, call, { RANDOM(3, 5) }, { 2, 0, 1 });
    cd_sample(s, call, { RANDOM(4, 3) }, { -1, 0, 1 });
    cd_sample(s, call, { RANDOM(3, 2) }, { 9, 1, 0 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { 1, -1, 0 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 0, 0, 1 });
    cd_sample(s, call, { cd_t(RANDOM(3, 4)) }, { -1, 0, 1 });
    cd_sample(s, call, { cd_view(cd_arange(6), CD_SHAPE(2, 3)) }, { 1, 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_diagonal(NULL, 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "1 dimensions", cd_diagonal(cd_zeros(CD_SHAPE(3)), 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_diagonal(x, 0, 0, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "dimension 1 is given twice", cd_diagonal(x, 0, 1, -1));
}

const op_cases cases_diagonal = { samples, misuse };
