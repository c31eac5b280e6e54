/* Samples and bad calls of cosine_embedding_loss: see op_cases.h. */
#include "op_cases.h"

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cosine_embedding_loss(in[0], in[1], in[2], .margin = p[1],
                                    .reduction = (cd_reduction)p[0]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(
            s, call,
            { cd_randn(CD_SHAPE(4, 3)), cd_randn(CD_SHAPE(4, 3)), cd_sign(cd_randn(CD_SHAPE(4))) },
            { reduction, 0 }, .constant = CD_SET(2));
        cd_sample(
            s, call,
            { cd_randn(CD_SHAPE(4, 3)), cd_randn(CD_SHAPE(4, 3)), cd_sign(cd_randn(CD_SHAPE(4))) },
            { reduction, 0.3 }, .constant = CD_SET(2));
        cd_sample(
            s, call,
            { cd_randn(CD_SHAPE(4, 3)), cd_randn(CD_SHAPE(4, 3)), cd_sign(cd_randn(CD_SHAPE(4))) },
            { reduction, -0.5 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(4, 3)), cd_randn(CD_SHAPE(1, 3)), cd_ones(CD_SHAPE(4)) },
                  { reduction, 0 }, .constant = CD_SET(2));
        cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)), cd_full(CD_SCALAR, -1) },
                  { reduction, -0.9 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(0, 3)), cd_ones(CD_SHAPE(0)) },
                  { reduction, 0 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_t(cd_randn(CD_SHAPE(3, 2))),
                    cd_zeros(CD_SHAPE(2), .dtype = CD_I64) },
                  { reduction, 0 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_t(cd_randn(CD_SHAPE(3, 2))),
                    cd_ones(CD_SHAPE(2), .dtype = CD_I64) },
                  { reduction, 0 }, .constant = CD_SET(2));
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_tensor *t = cd_ones(CD_SHAPE(2));
#define LOSS cd_cosine_embedding_loss
    cd_expect_error(s, CD_ERR_ARGUMENT, "input1 is NULL", LOSS(NULL, x, t));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input2 is NULL", LOSS(x, NULL, t));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", LOSS(x, x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", LOSS(x, four, t));
    cd_expect_error(s, CD_ERR_SHAPE, "not 2x3", LOSS(x, x, x));
    cd_expect_error(s, CD_ERR_SHAPE, "N x D", LOSS(four, four, t));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    LOSS(x, x, t, .reduction = (cd_reduction)7));
#undef LOSS
}

const op_cases cases_cosine_embedding_loss = { samples, misuse };
