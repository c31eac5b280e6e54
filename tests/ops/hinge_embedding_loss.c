/* Samples and bad calls of hinge_embedding_loss: see op_cases.h. */
#include "op_cases.h"

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_hinge_embedding_loss(in[0], in[1], .margin = p[1], .reduction = (cd_reduction)p[0]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_sign(cd_randn(CD_SHAPE(2, 3))) },
                  { reduction, 0 }, .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_sign(cd_randn(CD_SHAPE(2, 3))) },
                  { reduction, 0.3 }, .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_sign(cd_randn(CD_SHAPE(2, 3))) },
                  { reduction, CD_ZERO }, .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_sign(cd_randn(CD_SHAPE(3))) },
                  { reduction, 0 }, .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_zeros(CD_SHAPE(2, 3)) }, { reduction, 0 },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SCALAR), cd_ones(CD_SCALAR) }, { reduction, 0 },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_ones(CD_SHAPE(0, 3)) }, { reduction, 0 },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_sign(cd_randn(CD_SHAPE(2, 3))) },
                  { reduction, 0 }, .constant = CD_SET(1));
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_hinge_embedding_loss(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_hinge_embedding_loss(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_hinge_embedding_loss(x, four));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_hinge_embedding_loss(x, x, .reduction = (cd_reduction)7));
}

const op_cases cases_hinge_embedding_loss = { samples, misuse };
