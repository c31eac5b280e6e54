/* Samples and bad calls of huber_loss: see op_cases.h. */
#define LOSS  cd_huber_loss
#define BOUND delta
#include "ops/bounded_loss.h"

static cd_tensor *weighted(cd_tensor *const *in, const double *p)
{
    return cd_huber_loss(in[0], in[1], .delta = p[1], .weight = in[2],
                         .reduction = (cd_reduction)p[0]);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        sample_shapes(s, reduction);
        cd_sample(s, weighted,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_rand(CD_SHAPE(2, 3)) },
                  { reduction, 0.5 });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    misuse_of_both(s);
    cd_expect_error(s, CD_ERR_ARGUMENT, ".delta is 0", cd_huber_loss(x, x, .delta = CD_ZERO));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (4)",
                    cd_huber_loss(x, x, .weight = cd_zeros(CD_SHAPE(4))));
}

const op_cases cases_huber_loss = { samples, misuse };
