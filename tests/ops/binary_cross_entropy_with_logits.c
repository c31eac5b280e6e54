/* Samples and bad calls of binary_cross_entropy_with_logits: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_binary_cross_entropy_with_logits(in[0], in[1], .reduction = (cd_reduction)p[0],
                                               .weight = in[2], .pos_weight = in[3]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
#define SAMPLE(...)                                                                                \
    cd_sample(s, call, { __VA_ARGS__ }, { reduction }, .constant = CD_SET(2) | CD_SET(3))
        SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 3)));
        SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 3)));
        SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 3)), NULL, cd_rand(CD_SHAPE(3)));
        SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 1)),
               cd_rand(CD_SHAPE(3)));
        SAMPLE(cd_randn(CD_SCALAR), cd_rand(CD_SCALAR));
        SAMPLE(cd_randn(CD_SHAPE(1)), cd_rand(CD_SHAPE(1)));
        SAMPLE(cd_randn(CD_SHAPE(0, 3)), cd_rand(CD_SHAPE(0, 3)));
        SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 2))), cd_rand(CD_SHAPE(2, 3)));
#undef SAMPLE
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *w = cd_ones(CD_SHAPE(3), .requires_grad = true);
#define LOSS cd_binary_cross_entropy_with_logits
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", LOSS(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", LOSS(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "(3)", LOSS(x, cd_zeros(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (2)", LOSS(x, x, .weight = cd_ones(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", LOSS(cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_UNSUPPORTED, "pos_weight", LOSS(x, x, .pos_weight = w));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".ignore is", LOSS(x, x, .ignore = true));
#undef LOSS
}

const op_cases cases_binary_cross_entropy_with_logits = { samples, misuse };
