/* Samples and bad calls of pairwise_distance: see op_cases.h. */
#include "op_cases.h"

#include <math.h>

#include "autograd/distance_ops.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_pairwise_distance(in[0], in[1], .p = p[0], .eps = p[1], .keepdim = p[2] != 0);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3)), *y = cd_randn(CD_SHAPE(2, 3));
    cd_sample(s, call, { x, y });
    cd_sample(s, call, { x, y }, { 1, 0.5 });
    cd_sample(s, call, { x, y }, { 3, CD_ZERO, 1 });
    cd_sample(s, call, { x, y }, { CD_ZERO });
    cd_sample(s, call, { x, y }, { INFINITY });
    cd_sample(s, call, { x, cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { x, cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(2, 0)) });
    cd_sample(s, call, { cd_arange(3), cd_arange(3) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x2 is NULL", cd_pairwise_distance(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_pairwise_distance(x, cd_ones(CD_SHAPE(3, 2))));
}

const op_cases cases_pairwise_distance = { samples, misuse };
