/* Samples and bad calls of put: see op_cases.h. */
#include "op_cases.h"

/* p: whether to accumulate. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_put(in[0], in[1], in[2], .accumulate = p[0] > 0);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_put_(cd_clone(in[0]), in[1], in[2], .accumulate = p[0] > 0);
}

static const int64_t indices[] = { 2, 0, -1, 3, 3, -6 };

#define INDEX(...)  cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(6), INDEX(4), RANDOM(4) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(6), RANDOM(6) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 2, 2), INDEX(2, 2), RANDOM(4) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), cd_full(CD_SCALAR, 4, .dtype = CD_I64), RANDOM(1) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(0), RANDOM(0) }, { 1 });
    cd_sample(s, call, { RANDOM(0, 3), INDEX(0), RANDOM(2, 0) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(3), .dtype = CD_I64), RANDOM(3) },
              { 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)), INDEX(2, 2), cd_t(RANDOM(2, 2)) }, { 0 });
    cd_sample(s, call, { cd_arange(7), INDEX(6), cd_arange(6) }, { 1 });
    cd_sample(s, in_place, { RANDOM(2, 3), INDEX(4), RANDOM(2, 2) }, { 0 });
    cd_sample(s, in_place, { RANDOM(2, 3), INDEX(2, 3), RANDOM(6) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_tensor *two = cd_zeros(CD_SHAPE(2)), *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_put(NULL, index, two));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_put(x, NULL, two));
    cd_expect_error(s, CD_ERR_ARGUMENT, "source is NULL", cd_put_(x, index, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int32, and must be int64",
                    cd_put(x, cd_to(index, CD_I32), two));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_put(x, index, cd_to(two, CD_F64)));
    cd_expect_error(s, CD_ERR_SHAPE, "source (2x3) and the index (2)", cd_put(x, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-6 to 5", cd_put_(x, cd_arange(7, .start = 5), two));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_put_(leaf, index, two));
}

const op_cases cases_put = { samples, misuse };
