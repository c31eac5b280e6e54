/* Samples and bad calls of reshape: see op_cases.h. */
#include "op_cases.h"

/* p: rows and columns. */
static cd_tensor *to_matrix(cd_tensor *const *in, const double *p)
{
    return cd_reshape(in[0], CD_SHAPE((int64_t)p[0], (int64_t)p[1]));
}

static cd_tensor *of_transposed(cd_tensor *const *in, const double *p)
{
    return cd_reshape(cd_t(in[0]), CD_SHAPE((int64_t)p[0], (int64_t)p[1]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(2, 6)) }, { 3, 4 });
    cd_sample(s, to_matrix, { cd_t(cd_randn(CD_SHAPE(2, 6))) }, { 3, -1 });
    cd_sample(s, to_matrix, { cd_randn(CD_SCALAR) }, { 1, 1 });
    cd_sample(s, to_matrix, { cd_transpose(cd_randn(CD_SHAPE(0, 3, 2)), 1, 2) }, { 5, 0 });
    cd_sample(s, to_matrix, { cd_expand(cd_randn(CD_SHAPE(3, 1)), CD_SHAPE(3, 4)) }, { 2, 6 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(1)) }, { 1, 1 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(4, 3)) }, { 6, 2 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(3, 4)) }, { -1, 12 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(0, 4)) }, { 2, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_reshape(NULL, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_reshape(x, CD_SHAPE(5, 5)));
    cd_expect_error(s, CD_ERR_SHAPE, "only one", cd_reshape(x, CD_SHAPE(-1, -1)));
}

const op_cases cases_reshape = { samples, misuse };
