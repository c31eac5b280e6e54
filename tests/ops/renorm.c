/* Samples and bad calls of renorm: see op_cases.h. */
#include "op_cases.h"

#include "autograd/distance_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_renorm(in[0], p[0], (int)p[1], p[2]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_renorm_(cd_clone(in[0]), p[0], (int)p[1], p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, 0, 1 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, 0, 100 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 1, -1, 0.5 });
    cd_sample(s, call, { RANDOM(2, 3) }, { INFINITY, 1, 0.5 });
    cd_sample(s, call, { RANDOM(2, 2, 3) }, { 3, 1, 0.5 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 2, 0, 0 });
    cd_sample(s, call, { RANDOM(0, 3) }, { INFINITY, 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) }, { 2, 0, 0.5 });
    cd_sample(s, in_place, { RANDOM(2, 3) }, { 2, 0, 1 });
    cd_sample(s, in_place, { RANDOM(2, 0) }, { 2, 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_renorm(NULL, 2, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_renorm_(NULL, 2, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p is 0", cd_renorm(x, 0, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p is nan", cd_renorm(x, NAN, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "maxnorm is -1", cd_renorm(x, 2, 0, -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "maxnorm is nan", cd_renorm(x, 2, 0, NAN));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must have 2 dimensions", cd_renorm(y, 2, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_renorm(x, 2, 2, 1));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_renorm(cd_to(x, CD_I64), 2, 0, 1));
}

const op_cases cases_renorm = { samples, misuse };
