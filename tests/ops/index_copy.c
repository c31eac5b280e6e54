/* Samples and bad calls of index_copy: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_index_copy(in[0], (int)p[0], in[1], in[2]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_index_copy_(cd_clone(in[0]), (int)p[0], in[1], in[2]);
}

static const int64_t indices[] = { 2, 0, 1, 4, 5, 3 };

#define INDEX(n_)   cd_from_array(indices, CD_SHAPE(n_), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(6), INDEX(5), RANDOM(5) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 4), INDEX(2), RANDOM(2, 4) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), cd_slice(INDEX(3), 0, 1, 3, 1), RANDOM(2, 2) }, { -1 });
    cd_sample(s, call, { RANDOM(2, 3, 2), INDEX(3), RANDOM(2, 3, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(3, 2), cd_full(CD_SCALAR, 2, .dtype = CD_I64), RANDOM(1, 2) },
              { 0 });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(0), RANDOM(0, 2) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 0), INDEX(2), RANDOM(2, 0) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(1), .dtype = CD_I64), RANDOM(1) },
              { 0 });
    cd_sample(s, call, { cd_t(RANDOM(3, 4)), INDEX(3), cd_t(RANDOM(3, 4)) }, { 1 });
    cd_sample(s, call, { cd_arange(3), INDEX(3), cd_arange(3) }, { 0 });
    cd_sample(s, in_place, { RANDOM(3, 4), INDEX(2), RANDOM(2, 4) }, { 0 });
    cd_sample(s, in_place, { RANDOM(2, 3), INDEX(2), RANDOM(2, 2) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_index_copy(NULL, 0, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_index_copy(x, 0, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "source is NULL", cd_index_copy_(x, 0, index, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_index_copy(x, 2, index, x));
    cd_expect_error(s, CD_ERR_DTYPE, "index is float32", cd_index_copy(x, 0, x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "source is float64, and x float32",
                    cd_index_copy(x, 0, index, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2", cd_index_copy(x, 0, cd_view(index, CD_SHAPE(1, 2)), x));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3, and must have 2x2", cd_index_copy(x, 1, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 2 (at position 1)",
                    cd_index_copy_(x, 0, cd_arange(3, .start = 1), x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -1 (at position 0)",
                    cd_index_copy(x, 0, cd_arange(1, .start = -1), x));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_index_copy_(leaf, 0, index, x));
    cd_expect_error(s, CD_ERR_DTYPE, "int32, and must be int64",
                    cd_index_copy(x, 0, cd_to(index, CD_I32), x));
}

const op_cases cases_index_copy = { samples, misuse };
