/* Samples and bad calls of bilinear: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *plain(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bilinear(in[0], in[1], in[2], NULL);
}

static cd_tensor *biased(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bilinear(in[0], in[1], in[2], in[3]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, plain, { RANDOM(2, 3), RANDOM(2, 2), RANDOM(4, 3, 2) });
    cd_sample(s, biased, { RANDOM(2, 3), RANDOM(2, 2), RANDOM(4, 3, 2), RANDOM(4) });
    cd_sample(s, biased, { RANDOM(3), RANDOM(2), RANDOM(1, 3, 2), RANDOM(1) });
    cd_sample(s, plain, { RANDOM(2, 2, 3), RANDOM(2, 2, 1), RANDOM(2, 3, 1) });
    cd_sample(s, biased, { RANDOM(0, 3), RANDOM(0, 2), RANDOM(4, 3, 2), RANDOM(4) });
    cd_sample(s, biased, { RANDOM(2, 0), RANDOM(2, 2), RANDOM(4, 0, 2), RANDOM(4) });
    cd_sample(s, plain, { RANDOM(2, 3), RANDOM(2, 2), RANDOM(0, 3, 2) });
    cd_sample(s, plain, { cd_t(RANDOM(3, 2)), cd_t(RANDOM(2, 2)), RANDOM(4, 3, 2) });
    cd_sample(s, plain, { cd_arange(3), cd_arange(2), cd_view(cd_arange(6), CD_SHAPE(1, 3, 2)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(2, 2));
    cd_tensor *weight = cd_zeros(CD_SHAPE(4, 3, 2)), *truth = cd_eq(x, 0);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x1 is NULL", cd_bilinear(NULL, y, weight, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x2 is NULL", cd_bilinear(x, NULL, weight, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_bilinear(x, y, NULL, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x1 (2x3), x2 (2x3) and the weight (4x3x2) do not fit",
                    cd_bilinear(x, x, weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "do not fit",
                    cd_bilinear(cd_zeros(CD_SHAPE(1, 3)), y, weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "do not fit", cd_bilinear(x, y, x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "the bias (1) must have",
                    cd_bilinear(x, y, weight, cd_zeros(CD_SHAPE(1))));
    cd_expect_error(s, CD_ERR_DTYPE, "x2 is float64",
                    cd_bilinear(x, cd_to(y, CD_F64), weight, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "bool",
                    cd_bilinear(truth, cd_eq(y, 0), cd_eq(weight, 0), NULL));
}

const op_cases cases_bilinear = { samples, misuse };
