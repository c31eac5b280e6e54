/* Samples and bad calls of gaussian_nll_loss: see op_cases.h. */
#include "op_cases.h"

/* p: the reduction, full, eps. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_gaussian_nll_loss(in[0], in[1], in[2], .reduction = (cd_reduction)p[0],
                                .full = p[1] != 0, .eps = p[2]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1) },
                  { reduction });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2)), 0.8), 0.1) },
                  { reduction, 1 });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 1)), 0.8), 0.1) },
                  { reduction, 0, 1e-3 });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(1, 3)), 0.8), 0.1) },
                  { reduction });
        cd_sample(s, call,
                  { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR), cd_add(cd_rand(CD_SCALAR), 0.1) },
                  { reduction });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(0, 3)), cd_ones(CD_SHAPE(0, 3)) },
                  { reduction });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_gaussian_nll_loss(NULL, x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_gaussian_nll_loss(x, NULL, x));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_gaussian_nll_loss(x, four, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_gaussian_nll_loss(x, x, x, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_ARGUMENT, "var is NULL", cd_gaussian_nll_loss(x, x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "var (4)", cd_gaussian_nll_loss(x, x, four));
    cd_expect_error(s, CD_ERR_SHAPE, "var (1x1)",
                    cd_gaussian_nll_loss(x, x, cd_zeros(CD_SHAPE(1, 1))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "must not be negative",
                    cd_gaussian_nll_loss(x, x, cd_sub(x, 1)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_gaussian_nll_loss(x, x, cd_to(x, CD_I64)));
}

const op_cases cases_gaussian_nll_loss = { samples, misuse };
