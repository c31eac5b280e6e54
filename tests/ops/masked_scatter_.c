#include "op_cases.h"

/* in[1] is where the mask is true: above 0. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_scatter_(cd_clone(in[0]), cd_gt(in[1], 0), in[2]);
}

static cd_tensor *into_transposed(cd_tensor *const *in, const double *p)
{
    (void)p;
    CD_NO_GRAD();
    return cd_masked_scatter_(cd_t(cd_clone(in[0])), cd_gt(in[1], 0), in[2]);
}

static cd_tensor *into_itself(cd_tensor *const *in, const double *p)
{
    (void)p;
    CD_NO_GRAD();
    cd_tensor *x = cd_clone(in[0]);
    return cd_masked_scatter_(x, cd_gt(in[1], 0), x);
}

#define SAMPLE(call_, ...) cd_sample(s, call_, { __VA_ARGS__ }, .constant = 2)

static void samples(cd_samples *s)
{
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(6)));
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3, 2, 2)));
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(6)));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_ones(CD_SCALAR), cd_randn(CD_SHAPE(1, 3)));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(3)), cd_randn(CD_SHAPE(0)));
    SAMPLE(call, cd_randn(CD_SCALAR), cd_ones(CD_SCALAR), cd_randn(CD_SCALAR));
    SAMPLE(call, cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(2)));
    SAMPLE(call, cd_arange(4), cd_randn(CD_SHAPE(4)), cd_arange(4));
    SAMPLE(into_transposed, cd_arange(6), cd_randn(CD_SHAPE(6)), cd_arange(6));
    SAMPLE(into_itself, cd_arange(6), cd_randn(CD_SHAPE(6)));
    cd_sample(s, into_transposed,
              { cd_randn(CD_SHAPE(3, 2)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(6)) },
              .constant = 7);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0), *few = cd_zeros(CD_SHAPE(5));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 1 is NULL", cd_masked_scatter_(NULL, mask, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 3 is NULL", cd_masked_scatter_(x, mask, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is float32", cd_masked_scatter_(x, x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "source is int64",
                    cd_masked_scatter_(x, mask, cd_to(x, CD_I64)));
    cd_expect_error(s, CD_ERR_SHAPE, "only 5", cd_masked_scatter_(x, mask, few));
    cd_expect_error(s, CD_ERR_SHAPE, "in place", cd_masked_scatter_(few, mask, x));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_masked_scatter_(leaf, mask, x));
}

const op_cases cases_masked_scatter_ = { samples, misuse };
