/* Samples and bad calls of masked_scatter: see op_cases.h. */
#include "op_cases.h"

/* The mask is true where in[1] is above 0. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_scatter(in[0], cd_gt(in[1], 0), in[2]);
}

#define SAMPLE(call_, ...) cd_sample(s, call_, { __VA_ARGS__ }, .constant = CD_SET(1))

static void samples(cd_samples *s)
{
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(6)));
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3, 2, 2)));
    SAMPLE(call, cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(4, 1, 3)), cd_randn(CD_SHAPE(24)));
    SAMPLE(call, cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_ones(CD_SCALAR), cd_randn(CD_SHAPE(1, 3)));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(3)), cd_randn(CD_SHAPE(0)));
    SAMPLE(call, cd_randn(CD_SCALAR), cd_ones(CD_SCALAR), cd_randn(CD_SCALAR));
    SAMPLE(call, cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(2)));
    SAMPLE(call, cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)),
           cd_t(cd_randn(CD_SHAPE(3, 3))));
    SAMPLE(call, cd_to(cd_arange(4), CD_U8), cd_randn(CD_SHAPE(4)), cd_to(cd_arange(4), CD_U8));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0), *few = cd_zeros(CD_SHAPE(5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_masked_scatter(NULL, mask, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mask is NULL", cd_masked_scatter(x, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "source is NULL", cd_masked_scatter(x, mask, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is float32", cd_masked_scatter(x, x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "source is float64",
                    cd_masked_scatter(x, mask, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_SHAPE, "chooses 6", cd_masked_scatter(x, mask, few));
    cd_expect_error(s, CD_ERR_SHAPE, "x (5)", cd_masked_scatter(few, mask, x));
}

/* --- in place --------------------------------------------------------------------------------- */

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
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

static void samples_in_place(cd_samples *s)
{
    SAMPLE(in_place, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(6)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3, 2, 2)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(6)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(3)), cd_ones(CD_SCALAR), cd_randn(CD_SHAPE(1, 3)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(3)), cd_randn(CD_SHAPE(0)));
    SAMPLE(in_place, cd_randn(CD_SCALAR), cd_ones(CD_SCALAR), cd_randn(CD_SCALAR));
    SAMPLE(in_place, cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(2)));
    SAMPLE(in_place, cd_arange(4), cd_randn(CD_SHAPE(4)), cd_arange(4));
    SAMPLE(into_transposed, cd_arange(6), cd_randn(CD_SHAPE(6)), cd_arange(6));
    SAMPLE(into_itself, cd_arange(6), cd_randn(CD_SHAPE(6)));
    cd_sample(s, into_transposed,
              { cd_randn(CD_SHAPE(3, 2)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(6)) },
              .constant = CD_SET(0) | CD_SET(1) | CD_SET(2));
}

static void misuse_in_place(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0), *few = cd_zeros(CD_SHAPE(5));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_masked_scatter_(NULL, mask, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "source is NULL", cd_masked_scatter_(x, mask, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is float32", cd_masked_scatter_(x, x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "source is int64",
                    cd_masked_scatter_(x, mask, cd_to(x, CD_I64)));
    cd_expect_error(s, CD_ERR_SHAPE, "only 5", cd_masked_scatter_(x, mask, few));
    cd_expect_error(s, CD_ERR_SHAPE, "in place", cd_masked_scatter_(few, mask, x));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_masked_scatter_(leaf, mask, x));
}

static void all_samples(cd_samples *s)
{
    samples(s);
    samples_in_place(s);
}

static void all_misuse(cd_samples *s)
{
    misuse(s);
    misuse_in_place(s);
}

const op_cases cases_masked_scatter = { all_samples, all_misuse };
