/* Samples and bad calls of soft_margin_loss: see op_cases.h. */
#include "op_cases.h"

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_soft_margin_loss(in[0], in[1], .reduction = (cd_reduction)p[0]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) }, { reduction },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { reduction },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(2, 1)) }, { reduction },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, { reduction },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)) }, { reduction },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(0, 3)) }, { reduction },
                  .constant = CD_SET(1));
        cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction }, .constant = CD_SET(1));
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_soft_margin_loss(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_soft_margin_loss(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_soft_margin_loss(x, four));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_soft_margin_loss(x, x, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_soft_margin_loss(cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".weight is", cd_soft_margin_loss(x, x, .weight = x));
    cd_expect_error(s, CD_ERR_UNSUPPORTED, "target",
                    cd_soft_margin_loss(x, cd_ones(CD_SHAPE(3), .requires_grad = true)));
}

const op_cases cases_soft_margin_loss = { samples, misuse };
