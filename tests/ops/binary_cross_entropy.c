/* Samples and bad calls of binary_cross_entropy: see op_cases.h. */
#include "op_cases.h"

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_binary_cross_entropy(in[0], in[1], .weight = in[2], .reduction = (cd_reduction)p[0]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1) },
                  { reduction }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1), cd_rand(CD_SHAPE(2, 3)) },
                  { reduction }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1), cd_rand(CD_SHAPE(3)) },
                  { reduction }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(1)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(1)), 0.8), 0.1) },
                  { reduction }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(0, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(0, 3)), 0.8), 0.1) },
                  { reduction }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_t(cd_add(cd_mul(cd_rand(CD_SHAPE(3, 2)), 0.8), 0.1)),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1) },
                  { reduction });
        cd_sample(s, call, { cd_add(cd_mul(cd_rand(CD_SCALAR), 0.8), 0.1), cd_rand(CD_SCALAR) },
                  { reduction });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_binary_cross_entropy(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_binary_cross_entropy(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_binary_cross_entropy(x, four));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_binary_cross_entropy(x, x, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_ARGUMENT, "must be from 0 to 1",
                    cd_binary_cross_entropy(cd_add(x, 2), x));
    cd_expect_error(s, CD_ERR_ARGUMENT,
                    "the target has -1 (at position 0), and must be from 0 to 1",
                    cd_binary_cross_entropy(x, cd_sub(x, 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "the target has nan",
                    cd_binary_cross_entropy(x, cd_mul(x, NAN)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "the input has nan",
                    cd_binary_cross_entropy(cd_mul(x, NAN), x));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_binary_cross_entropy(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_binary_cross_entropy(cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (4)", cd_binary_cross_entropy(x, x, .weight = four));
    cd_expect_error(
        s, CD_ERR_UNSUPPORTED, "weight",
        cd_binary_cross_entropy(x, x, .weight = cd_ones(CD_SHAPE(3), .requires_grad = true)));
}

const op_cases cases_binary_cross_entropy = { samples, misuse };
