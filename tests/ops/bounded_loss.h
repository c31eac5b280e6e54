/* Samples and bad calls that huber_loss and smooth_l1_loss share: LOSS is one of them, and BOUND
 * its option. Included by each of their files. */
#ifndef CANDELA_TESTS_OPS_BOUNDED_LOSS_H
#define CANDELA_TESTS_OPS_BOUNDED_LOSS_H

#include "op_cases.h"

#define BOUND_TEXT_(option_) "." #option_ " is -1"
#define BOUND_TEXT(option_)  BOUND_TEXT_(option_)

/* p[0] is the reduction. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return LOSS(in[0], in[1], .BOUND = p[1], .reduction = (cd_reduction)p[0]);
}

static void sample_shapes(cd_samples *s, int reduction)
{
    CD_SCOPE();
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) }, { reduction, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { reduction, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(2, 1)) }, { reduction, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, { reduction, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)) }, { reduction, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(0, 3)) }, { reduction, 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)) },
              { reduction, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) }, { reduction, 0.3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) }, { reduction, 0.3 });
}

static void misuse_of_both(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input is NULL", LOSS(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "target is NULL", LOSS(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", LOSS(x, four));
    cd_expect_error(s, CD_ERR_ARGUMENT, "7 is no reduction",
                    LOSS(x, x, .reduction = (cd_reduction)7));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", LOSS(cd_arange(3), cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT, BOUND_TEXT(BOUND), LOSS(x, x, .BOUND = -1));
}

#endif
