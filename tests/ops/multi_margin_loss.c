/* Samples and bad calls of multi_margin_loss: see op_cases.h. */
#include "op_cases.h"

#include "autograd/loss_ops.h"

/* p: the reduction, the power, the margin. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_multi_margin_loss(in[0], in[1], .weight = in[2], .reduction = (cd_reduction)p[0],
                                .p = (int64_t)p[1], .margin = p[2]);
}

static const int64_t classes[] = { 2, 0, 1, 1 };

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_tensor *t = cd_from_array(classes, CD_SHAPE(4));
#define SAMPLE(...)                                                                                \
    cd_sample(s, call, { __VA_ARGS__ }, { reduction, p, margin }, .constant = CD_SET(2))
        for (int p = 0; p <= 2; p++) {
            const double margin = p == 0 ? 0 : 1.7;
            SAMPLE(cd_randn(CD_SHAPE(4, 3)), t);
            SAMPLE(cd_randn(CD_SHAPE(4, 3)), t, cd_rand(CD_SHAPE(3)));
            SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 4))), t);
            SAMPLE(cd_randn(CD_SHAPE(3)), cd_full(CD_SCALAR, 1, .dtype = CD_I64));
            SAMPLE(cd_randn(CD_SHAPE(3)), cd_full(CD_SHAPE(1), 2, .dtype = CD_I64));
            SAMPLE(cd_randn(CD_SHAPE(1, 3)), cd_full(CD_SCALAR, 1, .dtype = CD_I64));
            SAMPLE(cd_randn(CD_SCALAR), cd_full(CD_SCALAR, 0, .dtype = CD_I64));
            SAMPLE(cd_randn(CD_SHAPE(0, 3)), cd_arange(0));
        }
#undef SAMPLE
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true), *t = cd_arange(2);
    cd_tensor *three = cd_full(CD_SHAPE(2), 3, .dtype = CD_I64), *w = cd_ones(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_multi_margin_loss(NULL, t));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_multi_margin_loss(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target 3", cd_multi_margin_loss(x, three));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target -3", cd_multi_margin_loss(x, cd_neg(three)));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".p is 3", cd_multi_margin_loss(x, t, .p = 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_multi_margin_loss(x, t, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "target (3) must have one class for each row of the input (2x3)",
                    cd_multi_margin_loss(x, cd_arange(3)));
    cd_expect_error(s, CD_ERR_SHAPE, "target (2x1)", cd_multi_margin_loss(x, cd_unsqueeze(t, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "input is 1x2x3", cd_multi_margin_loss(cd_unsqueeze(x, 0), t));
    cd_expect_error(s, CD_ERR_SHAPE, "input is 2x0",
                    cd_multi_margin_loss(cd_ones(CD_SHAPE(2, 0)), t));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_multi_margin_loss(x, cd_to(t, CD_I32)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_multi_margin_loss(cd_to(cd_detach(x), CD_I64), t));
    cd_expect_error(s, CD_ERR_SHAPE, "3 classes",
                    cd_multi_margin_loss(x, t, .weight = cd_ones(CD_SCALAR)));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_multi_margin_loss(x, t, .weight = cd_to(w, CD_F64)));
    cd_tensor *dx = cd_autograd_grad(cd_multi_margin_loss(x, t), x, .create_graph = true);
    cd_expect_error(s, CD_ERR_UNSUPPORTED, "cannot be differentiated",
                    cd_autograd_grad(cd_sum(dx), x));
}

const op_cases cases_multi_margin_loss = { samples, misuse };
