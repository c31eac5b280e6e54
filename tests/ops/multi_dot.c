/* Samples and bad calls of multi_dot: see op_cases.h. */
#define PRODUCT cd_multi_dot
#include "ops/matrix_chains.h"

static void samples(cd_samples *s)
{
    sample_matrices(s);
    cd_sample(s, two, { RANDOM(3), RANDOM(3) });
    cd_sample(s, two, { RANDOM(3), RANDOM(3, 2) });
    cd_sample(s, three, { RANDOM(2, 3), RANDOM(3, 2), RANDOM(2) });
    cd_sample(s, three, { RANDOM(3), RANDOM(3, 2), RANDOM(2) });
    cd_sample(s, five, { RANDOM(3), RANDOM(3, 2), RANDOM(2, 2), RANDOM(2, 4), RANDOM(4) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(3)), *truth = cd_eq(x, 0);
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 tensors", cd_multi_dot((cd_tensors){ NULL, 2 }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1 tensors", cd_multi_dot(CD_TENSORS(x)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_multi_dot(CD_TENSORS(x, NULL)));
    cd_expect_error(s, CD_ERR_SHAPE, "tensors 0 (2x3) and 1 (2x3) cannot be multiplied",
                    cd_multi_dot(CD_TENSORS(x, x)));
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 1 has shape 3, and must be a matrix",
                    cd_multi_dot(CD_TENSORS(x, y, y)));
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 0 has shape scalar",
                    cd_multi_dot(CD_TENSORS(cd_zeros(CD_SCALAR), y)));
    cd_expect_error(s, CD_ERR_DTYPE, "tensor 0 is float32, and tensor 1 float64",
                    cd_multi_dot(CD_TENSORS(x, cd_to(y, CD_F64))));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_multi_dot(CD_TENSORS(truth, cd_t(truth))));
}

const op_cases cases_multi_dot = { samples, misuse };
