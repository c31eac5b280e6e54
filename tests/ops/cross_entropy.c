/* Samples and bad calls of cross_entropy: see op_cases.h. */
#include "op_cases.h"

/* p: the reduction, whether to ignore a class, which, and label smoothing. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cross_entropy(in[0], in[1], .weight = in[2], .reduction = (cd_reduction)p[0],
                            .ignore = p[1] != 0, .ignore_index = (int64_t)p[2],
                            .label_smoothing = p[3]);
}

static const int64_t classes[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
#define TARGET(...) cd_from_array(classes, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define SAMPLE(...) cd_sample(s, call, { __VA_ARGS__ }, { reduction }, .constant = CD_SET(2))
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), TARGET(4));
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), TARGET(4), cd_rand(CD_SHAPE(3)));
        SAMPLE(cd_randn(CD_SHAPE(1, 3)), TARGET(1));
        SAMPLE(cd_randn(CD_SHAPE(3)), cd_full(CD_SCALAR, 1, .dtype = CD_I64));
        SAMPLE(cd_randn(CD_SHAPE(2, 3, 4)), TARGET(2, 4), cd_rand(CD_SHAPE(3)));
        SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 4))), TARGET(4));
        if (reduction != CD_MEAN) SAMPLE(cd_randn(CD_SHAPE(0, 3)), TARGET(0));
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), cd_to(TARGET(4), CD_U8));
        cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)), TARGET(4) }, { reduction, 1, 2 });
        cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)), TARGET(4), cd_rand(CD_SHAPE(3)) },
                  { reduction, 1, 2, 0.2 }, .constant = CD_SET(2));
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)), TARGET(2, 4) }, { reduction, 0, 0, 0.3 });
        cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_full(CD_SCALAR, 1, .dtype = CD_I64) },
                  { reduction, 0, 0, 0.3 });
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), cd_rand(CD_SHAPE(4, 3)));
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), cd_rand(CD_SHAPE(4, 3)), cd_rand(CD_SHAPE(3)));
        SAMPLE(cd_randn(CD_SHAPE(3)), cd_rand(CD_SHAPE(3)), cd_rand(CD_SHAPE(3)));
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)), cd_rand(CD_SHAPE(2, 3, 2)) },
                  { reduction, 0, 0, 0.3 });
#undef SAMPLE
#undef TARGET
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *five = cd_full(CD_SHAPE(2), 5, .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_cross_entropy(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target 5", cd_cross_entropy(x, five));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".label_smoothing is 2",
                    cd_cross_entropy(x, x, .label_smoothing = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".ignore", cd_cross_entropy(x, x, .ignore = true));
    cd_expect_error(s, CD_ERR_SHAPE, "3 classes",
                    cd_cross_entropy(x, x, .weight = cd_ones(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_cross_entropy(cd_to(x, CD_I64), x));
    cd_expect_error(s, CD_ERR_DTYPE,
                    "the target (int32 of 2) does not fit the input (2x3): it must be class "
                    "numbers, int64 or uint8 of shape 2, or probabilities of the classes, floating "
                    "of shape 2x3",
                    cd_cross_entropy(x, cd_to(five, CD_I32)));
    cd_expect_error(s, CD_ERR_DTYPE, "(int64 of 2x3)", cd_cross_entropy(x, cd_to(x, CD_I64)));
    cd_expect_error(s, CD_ERR_DTYPE, "(float32 of 2)", cd_cross_entropy(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_SHAPE, "(float32 of 2x4) does not fit the input (2x3)",
                    cd_cross_entropy(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target 5", cd_cross_entropy(x, cd_to(five, CD_U8)));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".pos_weight",
                    cd_cross_entropy(x, cd_arange(2), .pos_weight = x));
    cd_expect_error(s, CD_ERR_SHAPE, "target (int64 of 3)", cd_cross_entropy(x, cd_arange(3)));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_cross_entropy(cd_zeros(CD_SCALAR), five));
}

const op_cases cases_cross_entropy = { samples, misuse };
