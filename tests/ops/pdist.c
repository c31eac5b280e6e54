/* Samples and bad calls of pdist: see op_cases.h. */
#include "op_cases.h"

#include "autograd/distance_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_pdist(in[0], .p = p[0]);
}

static void samples(cd_samples *s)
{
    static const double powers[] = { CD_ZERO, 1, 1.5, 2, 3, INFINITY };
    for (int i = 0; i < 6; i++) cd_sample(s, call, { RANDOM(4, 3) }, { powers[i] });
    cd_sample(s, call, { RANDOM(1, 3) });
    cd_sample(s, call, { RANDOM(0, 3) });
    cd_sample(s, call, { RANDOM(3, 0) });
    cd_sample(s, call, { cd_t(RANDOM(3, 4)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_pdist(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must be a matrix", cd_pdist(cd_zeros(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_pdist(cd_to(x, CD_I64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p is -1", cd_pdist(x, .p = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p is nan", cd_pdist(x, .p = NAN));
    cd_tensor *many = cd_zeros(CD_SHAPE((int64_t)1 << 40, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "more pairs of rows", cd_pdist(many));
}

const op_cases cases_pdist = { samples, misuse };
