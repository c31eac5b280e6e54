/* Samples and bad calls of l1_loss: see op_cases.h. */
#include "op_cases.h"

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_l1_loss(in[0], in[1], .weight = in[2], .reduction = (cd_reduction)p[0]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) }, { reduction });
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { reduction });
        cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(2, 1)) }, { reduction });
        cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, { reduction });
        cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)) }, { reduction });
        cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(0, 3)) }, { reduction });
        cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 3)) },
                  { reduction });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)), cd_rand(CD_SHAPE(2, 3)) },
                  { reduction });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_l1_loss(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_l1_loss(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_l1_loss(x, four));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_l1_loss(x, x, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_l1_loss(cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (4)", cd_l1_loss(x, x, .weight = four));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".label_smoothing",
                    cd_l1_loss(x, x, .label_smoothing = 0.1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".pos_weight", cd_l1_loss(x, x, .pos_weight = x));
}

const op_cases cases_l1_loss = { samples, misuse };
