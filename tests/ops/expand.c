/* Samples and bad calls of expand: see op_cases.h. */
#include "op_cases.h"

/* p: the shape, for shape_from. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_expand(in[0], shape_from(p));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 2, 3, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 3, 2, -1, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)) }, { 2, 1, 3 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 2, 2, 3 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)) }, { 2, 0, 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1)) }, { 3, 2, 0, 5 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(1, 3))) }, { 2, -1, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_expand(NULL, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_expand(x, CD_SHAPE(6)));
    cd_expect_error(s, CD_ERR_SHAPE, "cannot become 4", cd_expand(x, CD_SHAPE(2, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "size -1 of a new", cd_expand(x, CD_SHAPE(-1, 2, 3)));
    cd_expect_error(s, CD_ERR_SHAPE, "cannot become -2",
                    cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE(-2)));
    cd_expect_error(s, CD_ERR_SHAPE, "elements",
                    cd_expand(cd_zeros(CD_SCALAR), CD_SHAPE(INT64_MAX, 8)));
}

const op_cases cases_expand = { samples, misuse };
