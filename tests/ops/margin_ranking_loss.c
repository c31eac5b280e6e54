/* Samples and bad calls of margin_ranking_loss: see op_cases.h. */
#include "op_cases.h"

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_margin_ranking_loss(in[0], in[1], in[2], .margin = p[1],
                                  .reduction = (cd_reduction)p[0]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)),
                    cd_sign(cd_randn(CD_SHAPE(2, 3))) },
                  { reduction, 0 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)),
                    cd_sign(cd_randn(CD_SHAPE(2, 3))) },
                  { reduction, 0.3 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(1, 3)),
                    cd_sign(cd_randn(CD_SHAPE(2, 1))) },
                  { reduction, 0.5 }, .constant = CD_SET(2));
        cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR), cd_ones(CD_SCALAR) },
                  { reduction, 0.5 }, .constant = CD_SET(2));
        cd_sample(s, call, { cd_randn(CD_SHAPE(0)), cd_randn(CD_SHAPE(0)), cd_ones(CD_SHAPE(0)) },
                  { reduction, 0.5 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(5)), cd_randn(CD_SHAPE(5)),
                    cd_to(cd_sign(cd_randn(CD_SHAPE(5))), CD_I64) },
                  { reduction, 0.5 }, .constant = CD_SET(2));
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 0.1 });
        cd_sample(s, call,
                  { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)),
                    cd_sign(cd_randn(CD_SHAPE(2, 3))) },
                  { reduction, 0.2 }, .constant = CD_SET(2));
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
#define LOSS cd_margin_ranking_loss
    cd_expect_error(s, CD_ERR_ARGUMENT, "input1 is NULL", LOSS(NULL, x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input2 is NULL", LOSS(x, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", LOSS(x, x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", LOSS(x, four, x));
    cd_expect_error(s, CD_ERR_SHAPE, "as many dimensions", LOSS(x, x, cd_ones(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    LOSS(x, x, x, .reduction = (cd_reduction)7));
#undef LOSS
}

const op_cases cases_margin_ranking_loss = { samples, misuse };
