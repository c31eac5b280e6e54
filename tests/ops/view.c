/* Samples and bad calls of view: see op_cases.h. */
#include "op_cases.h"

/* p: the shape, for shape_from. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_view(cd_contiguous(in[0]), shape_from(p));
}

/* The rows of a transposed matrix can be split, but not joined. */
static cd_tensor *of_transposed(cd_tensor *const *in, const double *p)
{
    return cd_view(cd_t(cd_contiguous(in[0])), shape_from(p));
}

static cd_tensor *of_expanded(cd_tensor *const *in, const double *p)
{
    return cd_view(cd_expand(in[0], CD_SHAPE(3, 4)), shape_from(p));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6)) }, { 2, 3, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6)) }, { 3, 2, -1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 3, 1, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 2, 5, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0)) }, { 2, 3, -1 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(6, 2)) }, { 4, 2, 1, 3, 2 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(4, 3)) }, { 3, 3, -1, 2 });
    cd_sample(s, of_expanded, { cd_randn(CD_SHAPE(3, 1)) }, { 3, 3, 2, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_view(NULL, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "24 elements", cd_view(x, CD_SHAPE(5, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_view(x, CD_SHAPE(25)));
    cd_expect_error(s, CD_ERR_SHAPE, "only one", cd_view(x, CD_SHAPE(-1, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "size -2", cd_view(x, CD_SHAPE(-2, 12)));
    cd_expect_error(s, CD_ERR_SHAPE, "any size",
                    cd_view(cd_zeros(CD_SHAPE(0, 3)), CD_SHAPE(-1, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "cd_reshape", cd_view(cd_t(x), CD_SHAPE(24)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimensions", cd_view(x, (cd_shape){ .ndim = 9 }));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_view(x, CD_SHAPE(INT64_MAX, 4)));
}

const op_cases cases_view = { samples, misuse };
