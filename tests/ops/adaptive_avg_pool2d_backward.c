/* Samples and bad calls of adaptive_avg_pool2d_backward: see op_cases.h. */
#include "op_cases.h"

enum { NDIM, SHAPE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_adaptive_avg_pool2d_backward(in[0], shape_from(&p[NDIM]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2, 2)) }, { [NDIM] = 4, [SHAPE] = 2, 3, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 3, 3)) }, { [NDIM] = 4, [SHAPE] = 1, 2, 5, 7 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 1, 1)) }, { [NDIM] = 4, [SHAPE] = 1, 2, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 4, 5)) }, { [NDIM] = 4, [SHAPE] = 1, 1, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1, 1)) }, { [NDIM] = 4, [SHAPE] = 1, 1, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2, 3)) }, { [NDIM] = 3, [SHAPE] = 3, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 2, 2)) }, { [NDIM] = 4, [SHAPE] = 0, 2, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 0, 2)) }, { [NDIM] = 4, [SHAPE] = 1, 2, 4, 4 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 2, 2));
    const cd_shape shape = CD_SHAPE(1, 2, 4, 4);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_adaptive_avg_pool2d_backward(NULL, shape));
    cd_expect_error(s, CD_ERR_SHAPE, "1x3x4x4",
                    cd_adaptive_avg_pool2d_backward(dy, CD_SHAPE(1, 3, 4, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2x0x4",
                    cd_adaptive_avg_pool2d_backward(dy, CD_SHAPE(1, 2, 0, 4)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64",
                    cd_adaptive_avg_pool2d_backward(cd_to(dy, CD_I64), shape));
}

const op_cases cases_adaptive_avg_pool2d_backward = { samples, misuse };
