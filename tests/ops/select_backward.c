/* Samples and bad calls of select_backward: see op_cases.h. */
#include "op_cases.h"

enum { DIM, INDEX, NDIM, SHAPE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_select_backward(in[0], shape_from(&p[NDIM]), (int)p[DIM], (int64_t)p[INDEX]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) },
              { [DIM] = 0, [INDEX] = 1, [NDIM] = 2, [SHAPE] = 4, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) },
              { [DIM] = 1, [INDEX] = 3, [NDIM] = 2, [SHAPE] = 3, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [DIM] = 1, [INDEX] = 0, [NDIM] = 3, [SHAPE] = 2, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [DIM] = 2, [INDEX] = 1, [NDIM] = 3, [SHAPE] = 2, 3, 2 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) },
              { [DIM] = 0, [INDEX] = 2, [NDIM] = 1, [SHAPE] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) },
              { [DIM] = 0, [INDEX] = 0, [NDIM] = 2, [SHAPE] = 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)) },
              { [DIM] = 0, [INDEX] = 1, [NDIM] = 2, [SHAPE] = 2, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2)) },
              { [DIM] = 0, [INDEX] = 3, [NDIM] = 3, [SHAPE] = 4, 2, 2 });
}

static void misuse(cd_samples *s)
{
    const cd_shape shape = CD_SHAPE(2, 3), huge = CD_SHAPE(INT64_MAX, 3);
    cd_tensor *dy = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_select_backward(NULL, shape, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_select_backward(dy, huge, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 2", cd_select_backward(dy, shape, 1, 0));
}

const op_cases cases_select_backward = { samples, misuse };
