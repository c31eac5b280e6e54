/* Samples and bad calls of softmin: see op_cases.h. */
#include "op_cases.h"

#include "autograd/activation.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_softmin(in[0], (int)p[0]);
}

static cd_tensor *as_double(cd_tensor *const *in, const double *p)
{
    return cd_softmin(in[0], (int)p[0], .dtype = CD_F64);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(4, 3))) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)) }, { -2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -1 });
    cd_sample(s, as_double, { cd_randn(CD_SHAPE(2, 3)) }, { 1 });
    cd_sample(s, as_double, { cd_arange(3) }, { 0 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "softmax", NULL };
    s->names = names;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_softmin(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_softmin(cd_zeros(CD_SHAPE(2, 3)), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_softmin(cd_arange(3), 0));
    cd_expect_error(s, CD_ERR_DTYPE, "99",
                    cd_softmin(cd_zeros(CD_SHAPE(2)), 0, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_softmin(cd_eq(cd_arange(3), 1), 0));
}

const op_cases cases_softmin = { samples, misuse };
