/* Samples and bad calls of masked_fill: see op_cases.h. */
#include "op_cases.h"

/* The mask is true where in[1] is above 0. p: the value. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_masked_fill(in[0], cd_gt(in[1], 0), p[0]);
}

static cd_tensor *with_tensor(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_fill(in[0], cd_gt(in[1], 0), in[2]);
}

#define SAMPLE(call_, ...) cd_sample(s, call_, { __VA_ARGS__ }, { 1.5 }, .constant = CD_SET(1))

static void samples(cd_samples *s)
{
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(call, cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(4, 1, 3)));
    SAMPLE(call, cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(3)));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_randn(CD_SCALAR));
    SAMPLE(call, cd_randn(CD_SCALAR), cd_randn(CD_SCALAR));
    SAMPLE(call, cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(call, cd_randn(CD_SHAPE(1, 1)), cd_randn(CD_SHAPE(1)));
    SAMPLE(call, cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(call, cd_arange(4), cd_randn(CD_SHAPE(4)));
    SAMPLE(with_tensor, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SCALAR));
    SAMPLE(with_tensor, cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(2, 3)),
           cd_full(CD_SCALAR, 2, .dtype = CD_I64));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0), *bytes = cd_to(x, CD_U8);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_masked_fill(NULL, mask, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mask is NULL", cd_masked_fill(x, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "value is NULL", cd_masked_fill(x, mask, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is uint8", cd_masked_fill(x, bytes, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "mask (2x3)", cd_masked_fill(cd_arange(2), mask, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3", cd_masked_fill(x, mask, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300", cd_masked_fill(bytes, mask, 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "float32", cd_masked_fill(x, mask, 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "int64",
                    cd_masked_fill(cd_to(x, CD_I64), mask, (double)INFINITY));
}

/* --- in place --------------------------------------------------------------------------------- */

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_masked_fill_(cd_clone(in[0]), cd_gt(in[1], 0), p[0]);
}

static cd_tensor *in_place_with_tensor(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_fill_(cd_clone(in[0]), cd_gt(in[1], 0), in[2]);
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_masked_fill_(cd_t(cd_clone(in[0])), cd_gt(in[1], 0), p[0]);
}

static void samples_in_place(cd_samples *s)
{
    SAMPLE(in_place, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(4, 2, 3)), cd_randn(CD_SHAPE(2, 1)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(3)), cd_randn(CD_SCALAR));
    SAMPLE(in_place, cd_randn(CD_SCALAR), cd_randn(CD_SCALAR));
    SAMPLE(in_place, cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(in_place, cd_randn(CD_SHAPE(1, 1)), cd_randn(CD_SHAPE(1)));
    SAMPLE(in_place, cd_arange(4), cd_randn(CD_SHAPE(4)));
    SAMPLE(in_place_with_tensor, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)),
           cd_randn(CD_SCALAR));
    cd_sample(s, in_a_transposed_copy, { cd_randn(CD_SHAPE(3, 2)), cd_randn(CD_SHAPE(2, 3)) },
              { -2 }, .constant = CD_SET(0) | CD_SET(1));
}

static void misuse_in_place(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_masked_fill_(NULL, mask, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mask is NULL", cd_masked_fill_(x, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "value is NULL", cd_masked_fill_(x, mask, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is float32", cd_masked_fill_(x, x, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "in place", cd_masked_fill_(cd_zeros(CD_SHAPE(3)), mask, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3", cd_masked_fill_(x, mask, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300", cd_masked_fill_(cd_to(x, CD_U8), mask, 300));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_masked_fill_(leaf, mask, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "cd_clone",
                    cd_masked_fill_(cd_expand(cd_zeros(CD_SHAPE(3)), CD_SHAPE(2, 3)), mask, 1));
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

const op_cases cases_masked_fill = { all_samples, all_misuse };
