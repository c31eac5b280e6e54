/* Samples and bad calls of take_along_dim: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the dimension. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_take_along_dim(in[0], in[1], (int)p[0]);
}

static const int64_t indices[] = { 1, 0, -1, 1, -2, 0 };

#define INDEX(...) cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(4), INDEX(6) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(1, 3) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(5, 1) }, { -2 });
    cd_sample(s, call, { RANDOM(2, 1), INDEX(3, 2) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 0) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SCALAR, .dtype = CD_I64) }, { 0 });
    cd_sample(s, call, { cd_arange(4), INDEX(3) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_take_along_dim(NULL, index, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_take_along_dim(x, NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_take_along_dim(x, index, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_take_along_dim(x, cd_to(index, CD_I32), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "index (2) and x (2x3)",
                    cd_take_along_dim(x, cd_zeros(CD_SHAPE(2), .dtype = CD_I64), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "out of range",
                    cd_take_along_dim(x, cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64), 1));
}

const op_cases cases_take_along_dim = { samples, misuse };
