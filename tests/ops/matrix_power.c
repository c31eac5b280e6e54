/* Samples and bad calls of matrix_power: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_matrix_power(in[0], (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
    for (int n = 0; n <= 7; n++) cd_sample(s, call, { RANDOM(2, 2) }, { n });
    cd_sample(s, call, { RANDOM(2, 2, 2) }, { 5 });
    cd_sample(s, call, { RANDOM(2, 2, 2) }, { 0 });
    cd_sample(s, call, { RANDOM(0, 0) }, { 0 });
    cd_sample(s, call, { RANDOM(0, 0) }, { 3 });
    cd_sample(s, call, { RANDOM(0, 2, 2) }, { 2 });
    cd_sample(s, call, { cd_t(RANDOM(3, 3)) }, { 2 });
    cd_sample(s, call, { cd_view(cd_arange(4), CD_SHAPE(2, 2)) }, { 4 });
    cd_sample(s, call, { cd_gt(RANDOM(2, 2), 0) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_matrix_power(NULL, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "n is -1", cd_matrix_power(x, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3) must be a square matrix",
                    cd_matrix_power(cd_zeros(CD_SHAPE(2, 3)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must be", cd_matrix_power(cd_zeros(CD_SHAPE(3)), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_matrix_power(cd_eq(x, 0), 2));
}

const op_cases cases_matrix_power = { samples, misuse };
