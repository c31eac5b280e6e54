/* Samples and bad calls of threshold: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_threshold(in[0], p[0], p[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_threshold_(cd_clone(in[0]), p[0], p[1]);
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_threshold_(x, 0, 1);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4)) }, { 0.25, 7 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -0.5, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 3)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2)) }, { 1, 2 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(4, 3))) }, { 0, -1 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(3, 4)) }, { 0.25, 7 });
    cd_sample(s, call, { cd_arange(5) }, { 2.5, 7.5 });
    cd_sample(s, call, { cd_to(cd_arange(5), CD_U8) }, { 2, 9 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "threshold_", NULL };
    s->names = names;
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_threshold(NULL, 0, 1));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_threshold(cd_eq(cd_arange(3), 1), 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300", cd_threshold(cd_zeros(CD_SHAPE(2)), 1e300, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300", cd_threshold(cd_zeros(CD_SHAPE(2)), 0, 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300 is not among",
                    cd_threshold(cd_to(cd_arange(3), CD_U8), 0, 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan is not among", cd_threshold(cd_arange(3), NAN, 0));
}

const op_cases cases_threshold = { samples, misuse };
