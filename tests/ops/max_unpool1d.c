/* Samples and bad calls of max_unpool1d: see op_cases.h. */
#include "op_cases.h"

enum { KERNEL, STRIDE, PADDING, NDIM, SIZE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_max_unpool1d(in[0], in[1], (int64_t)p[KERNEL], .stride = (int64_t)p[STRIDE],
                           .padding = (int64_t)p[PADDING], .output_size = shape_from(&p[NDIM]));
}

/* Different ones in each row of three, of two and of one. */
static const int64_t values[] = { 1, 0, 3, 2, 5, 4, 0, 2, 1, 3, 4, 5 };
#define INDICES(...) cd_from_array(values, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 2, 3), INDICES(2, 2, 3) }, { [KERNEL] = 2 });
    cd_sample(s, call, { R(2, 3), INDICES(2, 3) }, { [KERNEL] = 3, [STRIDE] = 2 });
    cd_sample(s, call, { R(1, 2, 3), INDICES(1, 2, 3) },
              { [KERNEL] = 4, [STRIDE] = 2, [PADDING] = 1 });
    cd_sample(s, call, { R(2, 3), INDICES(2, 3) }, { [KERNEL] = 2, [NDIM] = 1, [SIZE] = 7 });
    cd_sample(s, call, { R(1, 1, 3), INDICES(1, 1, 3) },
              { [KERNEL] = 2, [NDIM] = 3, [SIZE] = 1, 1, 7 });
    cd_sample(s, call, { R(1, 1), INDICES(1, 1) }, { [KERNEL] = 2 });
    cd_sample(s, call, { R(0, 2, 2), INDICES(0, 2, 2) }, { [KERNEL] = 2 });
    cd_sample(s, call, { cd_t(R(3, 4)), INDICES(4, 3) }, { [KERNEL] = 2 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2)), *indices = INDICES(2, 2);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_max_unpool1d(NULL, indices, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "indices is NULL", cd_max_unpool1d(x, NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2) must be N x C x L",
                    cd_max_unpool1d(cd_ones(CD_SHAPE(2)), INDICES(2), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "must have the shape of x",
                    cd_max_unpool1d(x, INDICES(2, 1), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_max_unpool1d(indices, indices, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 5 (at position 2) is outside a plane of 4x1",
                    cd_max_unpool1d(x, cd_add(indices, cd_mul(cd_eq(indices, 3), 2)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, ".output_size[0] is 6, and must be less than the stride, 2",
                    cd_max_unpool1d(x, indices, 2, .output_size = CD_SHAPE(6)));
    cd_expect_error(s, CD_ERR_SHAPE, "and must be OL or N x C x OL",
                    cd_max_unpool1d(x, indices, 2, .output_size = CD_SHAPE(1, 4)));
}

const op_cases cases_max_unpool1d = { samples, misuse };
