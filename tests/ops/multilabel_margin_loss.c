/* Samples and bad calls of multilabel_margin_loss: see op_cases.h. */
#include "op_cases.h"

#include "autograd/loss_ops.h"

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_multilabel_margin_loss(in[0], in[1], .reduction = (cd_reduction)p[0]);
}

/* No class, one, all, and one twice. */
static const int64_t lists[] = { -1, 0, 2, 1, -1, 1, 2, 0, 1, 2, 2, -1 };

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_tensor *t = cd_from_array(lists, CD_SHAPE(4, 3));
#define SAMPLE(...) cd_sample(s, call, { __VA_ARGS__ }, { reduction })
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), t);
        SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 4))), t);
        SAMPLE(cd_randn(CD_SHAPE(4, 3)), cd_t(cd_view(t, CD_SHAPE(3, 4))));
        SAMPLE(cd_randn(CD_SHAPE(3)), cd_select(t, 0, 1));
        SAMPLE(cd_randn(CD_SCALAR), cd_full(CD_SHAPE(1), 0, .dtype = CD_I64));
        SAMPLE(cd_randn(CD_SHAPE(0, 3)), cd_to(cd_ones(CD_SHAPE(0, 3)), CD_I64));
#undef SAMPLE
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_tensor *t = cd_to(cd_ones(CD_SHAPE(2, 3)), CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_multilabel_margin_loss(NULL, t));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_multilabel_margin_loss(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target 3", cd_multilabel_margin_loss(x, cd_mul(t, 3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target -2", cd_multilabel_margin_loss(x, cd_mul(t, -2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".weight is not for this loss",
                    cd_multilabel_margin_loss(x, t, .weight = x));
    cd_expect_error(s, CD_ERR_SHAPE, "target (3) must have the shape of the input (2x3)",
                    cd_multilabel_margin_loss(x, cd_select(t, 0, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "target (1)",
                    cd_multilabel_margin_loss(cd_ones(CD_SHAPE(3)), cd_arange(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "input is 1x2x3",
                    cd_multilabel_margin_loss(cd_unsqueeze(x, 0), cd_unsqueeze(t, 0)));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_multilabel_margin_loss(x, cd_to(t, CD_I32)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_multilabel_margin_loss(t, t));
    cd_tensor *dx = cd_autograd_grad(cd_multilabel_margin_loss(x, t), x, .create_graph = true);
    cd_expect_error(s, CD_ERR_UNSUPPORTED, "cannot be differentiated",
                    cd_autograd_grad(cd_sum(dx), x));
}

const op_cases cases_multilabel_margin_loss = { samples, misuse };
