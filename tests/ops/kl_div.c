/* Samples and bad calls of kl_div: see op_cases.h. */
#include "op_cases.h"

/* p: the reduction, batchmean, log_target. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_kl_div(in[0], in[1], .reduction = (cd_reduction)p[0], .batchmean = p[1] != 0,
                     .log_target = p[2] != 0);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1) },
                  { reduction });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_add(cd_mul(cd_rand(CD_SHAPE(3)), 0.8), 0.1) },
                  { reduction });
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 0, 1 });
        cd_sample(s, call, { cd_randn(CD_SCALAR), cd_rand(CD_SCALAR) }, { reduction });
        cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_rand(CD_SHAPE(0, 3)) }, { reduction });
        if (reduction != CD_MEAN) continue;
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_add(cd_mul(cd_rand(CD_SHAPE(2, 3)), 0.8), 0.1) },
                  { reduction, 1 });
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 1, 1 });
        cd_sample(s, call, { cd_randn(CD_SCALAR), cd_rand(CD_SCALAR) }, { reduction, 1 });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", cd_kl_div(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", cd_kl_div(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_kl_div(x, four));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    cd_kl_div(x, x, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".batchmean",
                    cd_kl_div(x, x, .batchmean = true, .reduction = CD_SUM));
}

const op_cases cases_kl_div = { samples, misuse };
