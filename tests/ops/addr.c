/* Samples and bad calls of addr: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_addr(in[0], in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_addr_(cd_clone(in[0]), in[1], in[2], .beta = p[0], .alpha = p[1]);
}

static void samples(cd_samples *s)
{
    cd_tensor *a = RANDOM(2), *b = RANDOM(3), *bias = RANDOM(2, 3), *truth = cd_gt(bias, 0);
    cd_tensor *whole = cd_view(cd_arange(9), CD_SHAPE(3, 3)), *bytes = cd_to(cd_arange(3), CD_U8);
    cd_sample(s, call, { bias, a, b });
    cd_sample(s, call, { bias, a, b }, { 0.5, -2 });
    cd_sample(s, call, { RANDOM(3), a, b }, { CD_ZERO, 3 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), a, b }, { 2, CD_ZERO });
    cd_sample(s, call, { RANDOM(3), RANDOM(0), b }, { 3 });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), cd_select(RANDOM(2, 2), 1, 0), b });
    cd_sample(s, call, { whole, cd_arange(3), bytes }, { 2, 3 });
    cd_sample(s, call, { cd_arange(3), a, bytes }, { 0.5, 3 });
    cd_sample(s, call, { truth, cd_gt(a, 0), cd_gt(b, 0) });
    cd_sample(s, call, { truth, cd_gt(a, 0), cd_gt(b, 0) }, { CD_ZERO, 2 });
    cd_sample(s, in_place, { bias, a, b });
    cd_sample(s, in_place, { bias, a, b }, { CD_ZERO, 2 });
    cd_sample(s, in_place, { bias, a, bytes }, { 3, 2 });
    cd_sample(s, in_place, { cd_select(RANDOM(2, 3, 2), 2, 1), a, b }, { 0.5 });
    cd_sample(s, in_place, { truth, cd_gt(a, 0), cd_gt(b, 0) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *a = cd_zeros(CD_SHAPE(2)), *b = cd_zeros(CD_SHAPE(3)), *n = cd_arange(3);
    cd_tensor *bias = cd_zeros(CD_SHAPE(2, 3)), *whole = cd_to(bias, CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "bias is NULL", cd_addr(NULL, a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, "vec1 is NULL", cd_addr(bias, NULL, b));
    cd_expect_error(s, CD_ERR_SHAPE, "vec1 (2x3) and vec2 (3) must both be vectors",
                    cd_addr(bias, bias, b));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (2x3) does not broadcast to the product (3x2)",
                    cd_addr(bias, b, a));
    cd_expect_error(s, CD_ERR_SHAPE, "changed in place", cd_addr_(cd_zeros(CD_SHAPE(3)), a, b));
    cd_expect_error(s, CD_ERR_DTYPE, "the result is float32", cd_addr_(whole, a, b));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".beta is 2.5, and must be whole",
                    cd_addr(n, n, n, .beta = 2.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is 2.5", cd_addr(n, n, n, .alpha = 2.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".alpha is 1e+300", cd_addr(bias, a, b, .alpha = 1e300));
}

const op_cases cases_addr = { samples, misuse };
