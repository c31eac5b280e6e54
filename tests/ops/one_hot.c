/* Samples and bad calls of one_hot: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_one_hot(in[0], (int64_t)p[0]);
}

static const int64_t indices[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

static void samples(cd_samples *s)
{
#define INDEX(...) cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
    cd_sample(s, call, { INDEX(5) }, { 3 });
    cd_sample(s, call, { INDEX(5) }, { -1 });
    cd_sample(s, call, { INDEX(1) }, { 7 });
    cd_sample(s, call, { INDEX(2, 3) }, { 4 });
    cd_sample(s, call, { INDEX(2, 1, 3) }, { -1 });
    cd_sample(s, call, { INDEX(0) }, { 3 });
    cd_sample(s, call, { INDEX(2, 0) }, { 1 });
    cd_sample(s, call, { cd_zeros(CD_SCALAR, .dtype = CD_I64) }, { 1 });
    cd_sample(s, call, { cd_t(INDEX(4, 3)) }, { 3 });
#undef INDEX
}

static void misuse(cd_samples *s)
{
    cd_tensor *index = cd_arange(3);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_one_hot(NULL, 3));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_one_hot(cd_to(index, CD_I32), 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 2 (at position 2)", cd_one_hot(index, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "negative", cd_one_hot(cd_neg(index), 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 classes", cd_one_hot(index, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "empty", cd_one_hot(cd_arange(0), -1));
    cd_expect_error(s, CD_ERR_SHAPE, "elements",
                    cd_one_hot(cd_full(CD_SHAPE(2), 9e18, .dtype = CD_I64), -1));
    cd_expect_error(s, CD_ERR_SHAPE, "8 dimensions",
                    cd_one_hot(cd_zeros(CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1), .dtype = CD_I64), 1));
}

const op_cases cases_one_hot = { samples, misuse };
