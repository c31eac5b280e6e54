/* Samples and bad calls of diagonal_scatter: see op_cases.h. */
#include "op_cases.h"

/* p: the offset, dim1, dim2. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_diagonal_scatter(in[0], in[1], (int64_t)p[0], (int)p[1], (int)p[2]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 3), R(2) }, { 0, 0, 1 });
    cd_sample(s, call, { R(3, 3), R(2) }, { 1, 0, 1 });
    cd_sample(s, call, { R(3, 3), R(1) }, { -2, 0, 1 });
    cd_sample(s, call, { R(2, 2, 3), R(2, 2) }, { 0, -1, 1 });
    cd_sample(s, call, { R(2, 3), R(0) }, { 5, 0, 1 });
    cd_sample(s, call, { cd_t(R(3, 2)), R(2) }, { 0, 0, 1 });
    cd_sample(s, call, { cd_view(cd_arange(4), CD_SHAPE(2, 2)), cd_arange(2) }, { 0, 0, 1 });
    cd_sample(s, call, { R(2, 2), cd_arange(2) }, { 0, 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *v = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_diagonal_scatter(NULL, v, 0, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "src is NULL", cd_diagonal_scatter(x, NULL, 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_diagonal_scatter(x, v, 0, 0, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_diagonal_scatter(x, x, 0, 0, 1));
}

const op_cases cases_diagonal_scatter = { samples, misuse };
