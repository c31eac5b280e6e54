/* Samples and bad calls of argsort: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, and whether descending. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_argsort(in[0], (int)p[0], .descending = p[1] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 40)) }, { -1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 5, 3)) }, { 1, 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 4))) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 0, 0 });
    cd_sample(s, call, { cd_arange(50) }, { 0, 1 });
    cd_sample(s, call, { cd_eq(cd_arange(5), 2) }, { 0, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_argsort(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_argsort(x, 2));
}

const op_cases cases_argsort = { samples, misuse };
