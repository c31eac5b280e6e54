/* Samples and bad calls of max_pool2d_backward: see op_cases.h. */
#include "op_cases.h"

enum { NDIM, SHAPE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_max_pool2d_backward(in[0], in[1], shape_from(&p[NDIM]));
}

static const int64_t values[] = { 0, 3, 3, 1, 2, 2, 0, 1, 3, 0, 2, 1 };

static void samples(cd_samples *s)
{
#define INDICES(...) cd_from_array(values, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 2, 2)), INDICES(1, 1, 2, 2) },
              { [NDIM] = 4, [SHAPE] = 1, 1, 2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 2, 2)), INDICES(2, 1, 2, 2) },
              { [NDIM] = 4, [SHAPE] = 2, 1, 4, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 2, 3)), INDICES(1, 2, 2, 3) },
              { [NDIM] = 4, [SHAPE] = 1, 2, 2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2, 1)), INDICES(3, 2, 1) },
              { [NDIM] = 3, [SHAPE] = 3, 5, 5 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 1)), INDICES(1, 1, 1) },
              { [NDIM] = 3, [SHAPE] = 1, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1, 2, 2)), INDICES(0, 1, 2, 2) },
              { [NDIM] = 4, [SHAPE] = 0, 1, 4, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 1, 1)), INDICES(2, 2, 1, 1) },
              { [NDIM] = 4, [SHAPE] = 2, 2, 2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 3, 4)), INDICES(1, 1, 3, 4) },
              { [NDIM] = 4, [SHAPE] = 1, 1, 2, 2 });
}

static void misuse(cd_samples *s)
{
    const cd_shape shape = CD_SHAPE(1, 2, 2), small = CD_SHAPE(1, 3, 1);
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 2, 1)), *indices = INDICES(1, 2, 1); /* 0 and 3 */
#undef INDICES
    cd_expect_error(s, CD_ERR_ARGUMENT, "dy is NULL", cd_max_pool2d_backward(NULL, indices, shape));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 is outside a plane of 3 elements",
                    cd_max_pool2d_backward(dy, indices, small));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -1 is outside a plane of 4 elements",
                    cd_max_pool2d_backward(dy, cd_sub(indices, 1), shape));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 1x2x1",
                    cd_max_pool2d_backward(cd_zeros(CD_SHAPE(1, 1, 1)), indices, shape));
    cd_expect_error(s, CD_ERR_SHAPE, "pooling 2x2x2",
                    cd_max_pool2d_backward(dy, indices, CD_SHAPE(2, 2, 2)));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_max_pool2d_backward(dy, dy, shape));
}

const op_cases cases_max_pool2d_backward = { samples, misuse };
