/* Samples and bad calls of nll_loss: see op_cases.h. */
#include "op_cases.h"

/* p: the reduction, whether to ignore a class, and which. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_nll_loss(in[0], in[1], .weight = in[2], .reduction = (cd_reduction)p[0],
                       .ignore = p[1] != 0, .ignore_index = (int64_t)p[2]);
}

static const int64_t classes[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };
static const int64_t with_ignored[] = { 2, -100, 1, -100 };

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
#define TARGET(...) cd_from_array(classes, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define SAMPLE(...) cd_sample(s, call, { __VA_ARGS__ }, { reduction }, .constant = CD_SET(2))
        cd_tensor *some = cd_from_array(with_ignored, CD_SHAPE(4), .dtype = CD_I64);
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), TARGET(4));
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), some, cd_rand(CD_SHAPE(3)));
        SAMPLE(cd_randn(CD_SHAPE(1, 3)), TARGET(1));
        SAMPLE(cd_randn(CD_SHAPE(3)), cd_full(CD_SCALAR, 1, .dtype = CD_I64));
        SAMPLE(cd_randn(CD_SHAPE(2, 3, 4)), TARGET(2, 4), cd_rand(CD_SHAPE(3)));
        SAMPLE(cd_randn(CD_SHAPE(2, 3, 2, 3)), TARGET(2, 2, 3));
        SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 4))), TARGET(4));
        if (reduction != CD_MEAN) SAMPLE(cd_randn(CD_SHAPE(0, 3)), TARGET(0));
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), cd_to(TARGET(4), CD_U8));
        cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)), TARGET(4) }, { reduction, 1, 2 });
#undef SAMPLE
#undef TARGET
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *t = cd_arange(2);
    cd_tensor *three = cd_full(CD_SHAPE(2), 3, .dtype = CD_I64), *w = cd_ones(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_nll_loss(NULL, t));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target 3", cd_nll_loss(x, three));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target 3", cd_nll_loss(x, three, .ignore = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "with .ignore", cd_nll_loss(x, t, .ignore_index = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".pos_weight", cd_nll_loss(x, t, .pos_weight = w));
    cd_expect_error(s, CD_ERR_SHAPE, "target (3)", cd_nll_loss(x, cd_arange(3)));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_nll_loss(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_nll_loss(x, cd_to(t, CD_I32)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target 3", cd_nll_loss(x, cd_to(three, CD_U8)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "there are no classes",
                    cd_nll_loss(cd_zeros(CD_SHAPE(2, 0)), t));
    cd_expect_error(s, CD_ERR_UNSUPPORTED, "probabilities", cd_nll_loss(x, x));
    cd_expect_error(s, CD_ERR_SHAPE, "3 classes", cd_nll_loss(x, t, .weight = cd_ones(CD_SCALAR)));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_nll_loss(x, t, .weight = cd_to(w, CD_F64)));
}

const op_cases cases_nll_loss = { samples, misuse };
