/* Samples and bad calls of gather: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_gather(in[0], (int)p[0], in[1]);
}

static const int64_t indices[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

static void samples(cd_samples *s)
{
#define INDEX(...) cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), INDEX(5) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), INDEX(2, 1) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)), INDEX(4, 2) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)), INDEX(2, 3, 2) }, { -2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), INDEX(2, 0) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), INDEX(0, 2) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SCALAR, .dtype = CD_I64) }, { 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_t(INDEX(4, 2)) }, { 1 });
    cd_sample(s, call, { cd_eq(cd_arange(3), 1), INDEX(4) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 4, 2)), INDEX(2, 3, 1) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)), cd_to(INDEX(5, 1), CD_I32) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(3), .dtype = CD_I64) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_zeros(CD_SHAPE(0), .dtype = CD_I64) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_zeros(CD_SHAPE(0), .dtype = CD_U8) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(0), .dtype = CD_BOOL) }, { 0 });
#undef INDEX
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_gather(x, 1, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_gather(x, 2, index));
    cd_expect_error(s, CD_ERR_SHAPE, "(3x1)",
                    cd_gather(x, 1, cd_zeros(CD_SHAPE(3, 1), .dtype = CD_I64)));
    cd_expect_error(s, CD_ERR_SHAPE, "(2)",
                    cd_gather(x, 1, cd_zeros(CD_SHAPE(2), .dtype = CD_I64)));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_gather(x, 1, x));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_gather(x, 1, cd_zeros(CD_SHAPE(0))));
    cd_expect_error(s, CD_ERR_DTYPE, "uint8", cd_gather(x, 1, cd_to(index, CD_U8)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 (at position 0)", cd_gather(x, 1, far));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -1 (at position 0)",
                    cd_gather(x, 1, cd_neg(cd_ones(CD_SHAPE(1, 1), .dtype = CD_I64))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "empty", cd_gather(cd_zeros(CD_SHAPE(2, 0)), 1, index));
}

const op_cases cases_gather = { samples, misuse };
