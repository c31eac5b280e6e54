/* Samples and bad calls of unsafe_view: see op_cases.h. */
#include "op_cases.h"

/* p: rows and columns. */
static cd_tensor *to_matrix(cd_tensor *const *in, const double *p)
{
    return cd_unsafe_view(cd_contiguous(in[0]), CD_SHAPE((int64_t)p[0], (int64_t)p[1]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(2, 6)) }, { 3, 4 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(2, 3, 2)) }, { 6, 2 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(6)) }, { 1, 6 });
    cd_sample(s, to_matrix, { cd_randn(CD_SCALAR) }, { 1, 1 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(0, 3, 2)) }, { 0, 2 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(2, 0)) }, { 0, 7 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(2, 1, 5)) }, { -1, 5 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(2, 3, 1)) }, { 1, 6 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_unsafe_view(NULL, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3",
                    cd_unsafe_view(cd_zeros(CD_SHAPE(2, 3)), CD_SHAPE(4, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "contiguous",
                    cd_unsafe_view(cd_t(cd_zeros(CD_SHAPE(2, 3))), CD_SHAPE(6)));
}

const op_cases cases_unsafe_view = { samples, misuse };
