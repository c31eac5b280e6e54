/* Samples and bad calls of as_strided: see op_cases.h. */
#include "op_cases.h"

/* In p. Each call clones its input, so that the clone begins at the beginning of its storage. */
enum { OFFSET, NDIM, SHAPE, STRIDE = SHAPE + 2 };

static cd_tensor *strided(cd_tensor *x, const double *p)
{
    cd_shape shape = { .ndim = (int)p[NDIM] }, stride = { .ndim = (int)p[NDIM] };
    for (int i = 0; i < shape.ndim; i++) {
        shape.dim[i] = (int64_t)p[SHAPE + i];
        stride.dim[i] = (int64_t)p[STRIDE + i];
    }
    return cd_as_strided(x, shape, stride, (int64_t)p[OFFSET]);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return strided(cd_clone(in[0]), p);
}

static cd_tensor *of_transposed(cd_tensor *const *in, const double *p)
{
    return strided(cd_t(cd_clone(in[0])), p);
}

static cd_tensor *of_slice(cd_tensor *const *in, const double *p)
{
    return strided(cd_slice(cd_clone(in[0]), 0, 1, 4, 2), p);
}

static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    return cd_as_strided(call(in, p), CD_SHAPE(2), CD_SHAPE(2), 1);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(6)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 2, 2, [STRIDE] = 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [NDIM] = 2, [SHAPE] = 3, 2, [STRIDE] = 1, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4)) },
              { [OFFSET] = 2, [NDIM] = 1, [SHAPE] = 3, [STRIDE] = 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { [OFFSET] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 3, 2, [STRIDE] = 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4)) }, { [NDIM] = 2, [SHAPE] = 0, 3, [STRIDE] = 7, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { [NDIM] = 1, [SHAPE] = 1, [STRIDE] = 9 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { [NDIM] = 2, [SHAPE] = 4, 2, [STRIDE] = 1, 1 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(2, 3)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 2, 2, [STRIDE] = 3, 1 });
    cd_sample(s, of_slice, { cd_randn(CD_SHAPE(5)) },
              { [OFFSET] = 1, [NDIM] = 2, [SHAPE] = 2, 2, [STRIDE] = 2, 0 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(6)) }, { [NDIM] = 2, [SHAPE] = 3, 2, [STRIDE] = 2, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    const int64_t huge = INT64_MAX;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_as_strided(NULL, CD_SHAPE(1), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "6 elements",
                    cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(3), 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "6 elements",
                    cd_as_strided(x, CD_SHAPE(7), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "element -1",
                    cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(1), -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "element 6", cd_as_strided(x, CD_SCALAR, CD_SCALAR, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "from element",
                    cd_as_strided(x, CD_SHAPE(1), CD_SHAPE(1), huge));
    cd_expect_error(s, CD_ERR_ARGUMENT, "negative", cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(-1), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "storage",
                    cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(huge), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "storage",
                    cd_as_strided(x, CD_SHAPE(3, 3), CD_SHAPE(huge / 2, huge / 2), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "strides", cd_as_strided(x, CD_SHAPE(2, 2), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "counted",
                    cd_as_strided(x, CD_SHAPE(huge, 4), CD_SHAPE(0, 0), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "size below 0",
                    cd_as_strided(x, CD_SHAPE(-1), CD_SHAPE(1), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "0 to 8",
                    cd_as_strided(x, (cd_shape){ .ndim = 9 }, (cd_shape){ .ndim = 9 }, 0));
}

const op_cases cases_as_strided = { samples, misuse };
