/* Samples and bad calls of lp_pool2d: see op_cases.h. */
#include <math.h>

#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_lp_pool2d(in[0], p[0], (int64_t)p[1], .stride = (int64_t)p[2], .ceil_mode = p[3] != 0,
                        .kernel_w = (int64_t)p[4], .stride_w = (int64_t)p[5]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(2, 3, 4, 4)), 0.2) }, { 2, 2 });
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(3, 5, 4)), 0.2) }, { 3, 2, 1 });
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(1, 2, 5, 5)), 0.2) }, { 2, 2, 0, 1 });
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(2, 4, 6)), 0.2) }, { 1.5, 2, 1, 0, 3, 2 });
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(2, 4, 4)), 0.2) }, { 2, 2 });
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(0, 2, 4, 4)), 0.2) }, { 2, 2 });
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(1, 1, 1)), 0.2) }, { 4, 1 });
    cd_sample(s, call, { cd_add(cd_rand(CD_SHAPE(2, 5, 4)), 0.2) }, { 1, 3, 1 });
    cd_sample(s, call, { cd_sub(cd_rand(CD_SHAPE(2, 5, 7)), 0.5) }, { INFINITY, 3, 2, 1 });
    cd_sample(s, call, { cd_sub(cd_rand(CD_SHAPE(2, 5, 7)), 0.5) }, { -INFINITY, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_lp_pool2d(NULL, 2, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p is 0", cd_lp_pool2d(x, 0, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_lp_pool2d(cd_to(x, CD_I64), 2, 2));
}

const op_cases cases_lp_pool2d = { samples, misuse };
