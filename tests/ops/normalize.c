/* Samples and bad calls of normalize: see op_cases.h. */
#include "op_cases.h"

#include <math.h>

#include "autograd/distance_ops.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_normalize(in[0], .p = p[0], .eps = p[1]);
}

static cd_tensor *first(cd_tensor *const *in, const double *p)
{
    return cd_normalize(in[0], .p = p[0], .dims = CD_DIMS(0));
}

static cd_tensor *both(cd_tensor *const *in, const double *p)
{
    return cd_normalize(in[0], .p = p[0], .dims = CD_DIMS(0, -1));
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3));
    cd_sample(s, call, { x });
    cd_sample(s, call, { x }, { 1 });
    cd_sample(s, call, { x }, { 3, CD_ZERO });
    cd_sample(s, call, { x }, { INFINITY });
    cd_sample(s, call, { x }, { 2, 100 });
    cd_sample(s, first, { x });
    cd_sample(s, first, { cd_randn(CD_SHAPE(3)) });
    cd_sample(s, first, { cd_randn(CD_SCALAR) });
    cd_sample(s, both, { x }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2)) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_normalize(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1", cd_normalize(cd_ones(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64",
                    cd_normalize(cd_ones(CD_SHAPE(2, 2), .dtype = CD_I64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300",
                    cd_normalize(cd_ones(CD_SHAPE(2, 2)), .eps = 1e300));
}

const op_cases cases_normalize = { samples, misuse };
