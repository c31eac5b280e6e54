/* Samples and bad calls of movedim: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_movedim(in[0], shape_from(p), shape_from(p + 4));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(2, 3) }, { 1, 0, 0, 0, 1, 1 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { 1, 2, 0, 0, 1, 0 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { 2, 0, 1, 0, 2, -1, 0 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { 1, -1, 0, 0, 1, 0 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 1, 0, 0, 0, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0, 0, 0, 0, 0 });
    cd_sample(s, call, { RANDOM(2, 1, 2, 3) }, { 2, 3, 1, 0, 2, 0, 2 });
    cd_sample(s, call, { cd_view(cd_arange(6), CD_SHAPE(2, 3)) }, { 1, 0, 0, 0, 1, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_movedim(NULL, CD_SHAPE(0), CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_movedim(x, CD_SHAPE(2), CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_SHAPE, "given twice", cd_movedim(x, CD_SHAPE(0, 0), CD_SHAPE(0, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "given twice", cd_movedim(x, CD_SHAPE(0, 1), CD_SHAPE(1, -1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "2 dimensions, and 1 places",
                    cd_movedim(x, CD_SHAPE(0, 1), CD_SHAPE(0)));
}

const op_cases cases_movedim = { samples, misuse };
