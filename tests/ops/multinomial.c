/* Samples and bad calls of multinomial: see op_cases.h. */
#include "op_cases.h"

/* p: how many, with replacement. sigmoid makes probabilities of in[0]. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_generator *g = cd_generator_new(3);
    return !g ? NULL
              : cd_multinomial(cd_sigmoid(in[0]), (int64_t)p[0], .replacement = p[1] != 0,
                               .generator = g);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(3, 5));
    for (int replacement = 0; replacement < 2; replacement++) {
        cd_sample(s, call, { x }, { 1, replacement });
        cd_sample(s, call, { x }, { 4, replacement });
        cd_sample(s, call, { cd_t(x) }, { 3, replacement });
        cd_sample(s, call, { cd_select(x, 1, 0) }, { 2, replacement });
        cd_sample(s, call, { cd_zeros(CD_SHAPE(0, 3)) }, { 2, replacement });
    }
    cd_sample(s, call, { x }, { 9, 1 });
}

static void misuse(cd_samples *s)
{
    const float wrong[] = { 0, 0.5F, -0.25F }, infinite[] = { 0, INFINITY }, nan[] = { NAN, 1 };
    const float zero[] = { 1, 0, 0, 0 };
    cd_tensor *p = cd_ones(CD_SHAPE(3)), *bad = cd_from_array(wrong, CD_SHAPE(3));
    cd_tensor *zero_row = cd_from_array(zero, CD_SHAPE(2, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_multinomial(NULL, 1));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_multinomial(cd_arange(2), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_multinomial(cd_ones(CD_SCALAR), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2x3", cd_multinomial(cd_ones(CD_SHAPE(1, 2, 3)), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 samples", cd_multinomial(p, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "4 samples without", cd_multinomial(p, 4));
    cd_expect_error(s, CD_ERR_SHAPE, "more than 16777216",
                    cd_multinomial(cd_expand(cd_ones(CD_SHAPE(1)), CD_SHAPE(16777217)), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p[2] is -0.25", cd_multinomial(bad, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p[2] is -0.25", cd_multinomial(bad, 2, .replacement = 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p[1] is inf",
                    cd_multinomial(cd_from_array(infinite, CD_SHAPE(2)), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan", cd_multinomial(cd_from_array(nan, CD_SHAPE(2)), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "row 1 of p", cd_multinomial(zero_row, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "row 0 of p",
                    cd_multinomial(cd_ones(CD_SHAPE(2, 0)), 1, .replacement = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_multinomial(p, 1, .generator = (cd_generator *)(void *)p));
}

const op_cases cases_multinomial = { samples, misuse };
