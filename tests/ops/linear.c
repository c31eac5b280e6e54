/* Samples and bad calls of linear: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_linear(in[0], in[1], in[2]);
}

static void samples(cd_samples *s)
{
    cd_tensor *weight = cd_randn(CD_SHAPE(4, 3)), *bias = cd_randn(CD_SHAPE(4));
    const cd_shape shapes[] = { CD_SHAPE(2, 3), CD_SHAPE(2, 2, 3), CD_SHAPE(3), CD_SHAPE(1, 3),
                                CD_SHAPE(0, 3) };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_sample(s, call, { cd_randn(shapes[i]), weight, bias });
        cd_sample(s, call, { cd_randn(shapes[i]), weight });
    }
    cd_tensor *transposed = cd_transpose(cd_randn(CD_SHAPE(2, 3, 3)), 0, 1);
    cd_sample(s, call, { transposed, weight, bias });
    cd_sample(s, call, { transposed, weight });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), weight, bias });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_t(cd_randn(CD_SHAPE(3, 4))), bias });
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_sample(s, call, { cd_randn(shapes[i]), cd_randn(CD_SHAPE(3)) });
    }
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SCALAR) });
    cd_sample(s, call,
              { cd_randn(CD_SHAPE(1, 1)), cd_randn(CD_SHAPE(1, 1)), cd_randn(CD_SHAPE(1)) });
    cd_sample(s, call,
              { cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(3, 0)), cd_randn(CD_SHAPE(3)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *weight = cd_zeros(CD_SHAPE(4, 3));
    cd_tensor *bias = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 2", cd_linear(x, cd_zeros(CD_SHAPE(4, 2)), bias));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_linear(x, weight, cd_zeros(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (4)", cd_linear(x, bias, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (1x4x3)", cd_linear(x, cd_unsqueeze(weight, 0), NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x (scalar)", cd_linear(cd_zeros(CD_SCALAR), weight, NULL));
    cd_tensor *one = cd_zeros(CD_SHAPE(3)), *scalar = cd_zeros(CD_SCALAR);
    cd_expect_error(s, CD_ERR_SHAPE, "the bias (scalar) must be 0-d, and NULL",
                    cd_linear(x, one, scalar));
    cd_expect_error(s, CD_ERR_SHAPE, "the bias (4) must be 0-d", cd_linear(one, one, bias));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (scalar)", cd_linear(x, scalar, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_linear(cd_to(x, CD_F64), weight, bias));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_linear(x, NULL, bias));
}

const op_cases cases_linear = { samples, misuse };
