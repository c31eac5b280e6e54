/* Samples and bad calls of flip: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the dimensions, as shape_from takes them. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_flip(in[0], shape_from(p));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(5) }, { 1, 0 });
    cd_sample(s, call, { RANDOM(3, 4) }, { 2, 0, -1 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { 2, 2, 0 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1, 0 });
    cd_sample(s, call, { cd_t(RANDOM(20, 17)) }, { 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(20, 17)) }, { 2, 0, 1 });
    cd_sample(s, call, { cd_arange(6) }, { 1, 0 });
    cd_sample(s, call, { cd_to(cd_arange(6), CD_U8) }, { 1, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_flip(NULL, CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_flip(x, CD_SHAPE(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "given twice", cd_flip(x, CD_SHAPE(0, -2)));
}

const op_cases cases_flip = { samples, misuse };
