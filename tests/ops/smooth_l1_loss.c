/* Samples and bad calls of smooth_l1_loss: see op_cases.h. */
#define LOSS  cd_smooth_l1_loss
#define BOUND beta
#include "ops/bounded_loss.h"

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        sample_shapes(s, reduction);
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, CD_ZERO });
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 40 });
    }
}

const op_cases cases_smooth_l1_loss = { samples, misuse_of_both };
