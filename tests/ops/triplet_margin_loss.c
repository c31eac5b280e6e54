/* Samples and bad calls of triplet_margin_loss: see op_cases.h. */
#include "op_cases.h"

/* p: the reduction, margin, p, eps, swap. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_triplet_margin_loss(in[0], in[1], in[2], .reduction = (cd_reduction)p[0],
                                  .margin = p[1], .p = p[2], .eps = p[3], .swap = p[4] != 0);
}

static cd_tensor *city_blocks(cd_tensor *a, cd_tensor *b)
{
    return cd_sum_dim(cd_abs(cd_sub(a, b)), -1);
}

/* The same with a distance of the caller's own. */
static cd_tensor *by_distance(cd_tensor *const *in, const double *p)
{
    return cd_triplet_margin_loss(in[0], in[1], in[2], .reduction = (cd_reduction)p[0],
                                  .margin = p[1], .swap = p[4] != 0, .distance = city_blocks);
}

static void samples(cd_samples *s)
{
    for (int reduction = CD_MEAN; reduction <= CD_NONE; reduction++) {
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 0 });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 0.3, 1 });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 0, 3, 0.1 });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 2, 0, CD_ZERO, 1 });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 2, 3)), cd_randn(CD_SHAPE(2, 1, 3)),
                    cd_randn(CD_SHAPE(1, 2, 3)) },
                  { reduction });
        cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)) },
                  { reduction });
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(0, 3)) },
                  { reduction });
        cd_sample(
            s, call,
            { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
            { reduction });
        cd_sample(s, by_distance,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 1 });
        cd_sample(s, by_distance,
                  { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) },
                  { reduction, 1, 0, 0, 1 });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
#define LOSS cd_triplet_margin_loss
    cd_expect_error(s, CD_ERR_ARGUMENT, "anchor is NULL", LOSS(NULL, x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "positive is NULL", LOSS(x, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "negative is NULL", LOSS(x, x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", LOSS(x, four, x));
    cd_expect_error(s, CD_ERR_SHAPE, "as many dimensions", LOSS(x, x, cd_ones(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    LOSS(x, x, x, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".margin is -1", LOSS(x, x, x, .margin = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".distance",
                    LOSS(x, x, x, .p = 1, .distance = city_blocks));
#undef LOSS
}

const op_cases cases_triplet_margin_loss = { samples, misuse };
