/* Samples and bad calls of group_norm: see op_cases.h. */
#include "op_cases.h"

enum { X, WEIGHT, BIAS };

/* p[0] is the number of groups, p[1] is .eps. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_group_norm(in[X], (int64_t)p[0], .weight = in[WEIGHT], .bias = in[BIAS], .eps = p[1]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(2, 4, 3), R(4), R(4) }, { 2 });
    cd_sample(s, call, { R(3, 4), R(4), R(4) }, { 2 });
    cd_sample(s, call, { R(2, 3), R(3), R(3) }, { 3 });
    cd_sample(s, call, { R(2, 4, 2, 3) }, { 1, 0.1 });
    cd_sample(s, call, { R(2, 3, 5), R(3) }, { 3 });
    cd_sample(s, call, { R(2, 6, 2), NULL, R(6) }, { 3 });
    cd_sample(s, call, { cd_transpose(R(2, 3, 4), 1, 2), R(4), R(4) }, { 2 });
    cd_sample(s, call, { R(0, 4, 3), R(4), R(4) }, { 2 });
    cd_sample(s, call, { R(2, 4, 3), R(4), R(4) }, { 2 }, .constant = CD_SET(X));
    cd_sample(s, call, { R(2, 4, 3), R(4), R(4) }, { 2 }, .constant = CD_SET(X) | CD_SET(WEIGHT));
    cd_sample(s, call, { R(2, 4, 3), R(4), R(4) }, { 2 },
              .constant = CD_SET(WEIGHT) | CD_SET(BIAS));
    cd_sample(s, call, { R(2, 4, 3) }, { 2, -1e-4 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 4, 3)), *w = cd_ones(CD_SHAPE(4)),
              *wrong = cd_ones(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_group_norm(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (4) must be N x C", cd_group_norm(w, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "3 groups do not divide the 4 channels of x (2x4x3)",
                    cd_group_norm(x, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "0 groups", cd_group_norm(x, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "x (1x2) has one element for each group",
                    cd_group_norm(cd_ones(CD_SHAPE(1, 2)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "the images of x (2x4x0) have no elements",
                    cd_group_norm(cd_ones(CD_SHAPE(2, 4, 0)), 2));
    cd_expect_error(s, CD_ERR_SHAPE, "the images of x (2x0x3) have no elements",
                    cd_group_norm(cd_ones(CD_SHAPE(2, 0, 3)), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (3) must have one element for each of the 4",
                    cd_group_norm(x, 2, .weight = wrong));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_group_norm(x, 2, .bias = wrong));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_group_norm(cd_to(x, CD_I64), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "weight is float64 and x is float32",
                    cd_group_norm(x, 2, .weight = cd_to(w, CD_F64)));
}

const op_cases cases_group_norm = { samples, misuse };
