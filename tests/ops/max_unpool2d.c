/* Samples and bad calls of max_unpool2d: see op_cases.h. */
#include "op_cases.h"

enum { KERNEL, STRIDE, PADDING, NDIM, SIZE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_max_unpool2d(in[0], in[1], (int64_t)p[KERNEL], .stride = (int64_t)p[STRIDE],
                           .padding = (int64_t)p[PADDING], .output_size = shape_from(&p[NDIM]));
}

static cd_tensor *line(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_max_unpool2d(in[0], in[1], 1, .kernel_w = 2);
}

/* Different ones in each row of six, of two and of one. */
static const int64_t values[] = { 1, 0, 3, 2, 5, 4, 0, 2, 1, 3, 4, 5 };
#define INDICES(...) cd_from_array(values, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(1, 2, 2, 3), INDICES(1, 2, 2, 3) }, { [KERNEL] = 2 });
    cd_sample(s, call, { R(2, 2, 3), INDICES(2, 2, 3) }, { [KERNEL] = 3, [STRIDE] = 2 });
    cd_sample(s, call, { R(2, 3, 1, 2), INDICES(2, 3, 1, 2) },
              { [KERNEL] = 3, [STRIDE] = 2, [PADDING] = 1, [NDIM] = 2, [SIZE] = 2, 3 });
    cd_sample(s, call, { R(1, 1, 1, 2), INDICES(1, 1, 1, 2) },
              { [KERNEL] = 2, [NDIM] = 4, [SIZE] = 7, 7, 3, 5 });
    cd_sample(s, call, { R(1, 1, 1), INDICES(1, 1, 1) }, { [KERNEL] = 2 });
    cd_sample(s, call, { R(0, 2, 1, 2), INDICES(0, 2, 1, 2) }, { [KERNEL] = 2 });
    cd_sample(s, line, { R(1, 2, 2, 3), INDICES(1, 2, 2, 3) }, { 0 });
    cd_sample(s, call, { cd_transpose(R(2, 3, 2), 1, 2), INDICES(2, 2, 3) }, { [KERNEL] = 2 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(1, 2, 2)), *indices = INDICES(1, 2, 2);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_max_unpool2d(NULL, indices, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "indices is NULL", cd_max_unpool2d(x, NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2) must be N x C x H x W",
                    cd_max_unpool2d(cd_ones(CD_SHAPE(2)), INDICES(2), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "the indices (2x2) must have the shape of x (1x2x2)",
                    cd_max_unpool2d(x, INDICES(2, 2), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (1x0x2) may be empty in its first dimension alone",
                    cd_max_unpool2d(cd_ones(CD_SHAPE(1, 0, 2)), INDICES(1, 0, 2), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "the indices are int32",
                    cd_max_unpool2d(x, cd_to(indices, CD_I32), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_max_unpool2d(indices, indices, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 16 (at position 2) is outside a plane of 4x4",
                    cd_max_unpool2d(x, cd_add(indices, cd_mul(cd_eq(indices, 3), 13)), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -1 (at position 1)",
                    cd_max_unpool2d(x, cd_sub(indices, 1), 2));
    cd_expect_error(s, CD_ERR_SHAPE,
                    ".output_size[1] is 2, and must be less than the stride, 2, away from 4",
                    cd_max_unpool2d(x, indices, 2, .output_size = CD_SHAPE(4, 2)));
    cd_expect_error(s, CD_ERR_SHAPE, ".output_size[0] is 6",
                    cd_max_unpool2d(x, indices, 2, .output_size = CD_SHAPE(6, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "and must be OH x OW or N x C x OH x OW",
                    cd_max_unpool2d(x, indices, 2, .output_size = CD_SHAPE(1, 4, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "output_size[0] is -2, and must be 0 or more",
                    cd_max_unpool2d(x, indices, 2, .padding = 3));
    cd_expect_error(s, CD_ERR_SHAPE, "too large",
                    cd_max_unpool2d(x, indices, INT64_MAX, .stride = 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_w_is_zero",
                    cd_max_unpool2d(x, indices, 2, .padding_w = 1, .padding_w_is_zero = true));
}

const op_cases cases_max_unpool2d = { samples, misuse };
