/* Samples and bad calls of poisson_nll_loss: see op_cases.h. */
#include "op_cases.h"

/* p: the reduction, no_log_input, full, eps. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_poisson_nll_loss(in[0], in[1], .reduction = (cd_reduction)p[0],
                               .no_log_input = p[1] != 0, .full = p[2] != 0, .eps = p[3]);
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
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 3), 1.1) },
                  { reduction, 0, 1 });
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 3), 1.1) },
                  { reduction, 1, 0 });
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 3), 1.1) },
                  { reduction, 1, 1, 0.1 });
        cd_sample(s, call,
                  { cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1),
                    cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 3), 1.1) },
                  { reduction, 1, 0, CD_ZERO });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_poisson_nll_loss(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_poisson_nll_loss(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_poisson_nll_loss(x, four));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_poisson_nll_loss(x, x, .reduction = (cd_reduction)7));
}

const op_cases cases_poisson_nll_loss = { samples, misuse };
