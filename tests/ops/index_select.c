/* Samples and bad calls of index_select: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_index_select(in[0], (int)p[0], in[1]);
}

static const int64_t indices[] = { 2, 0, 1, 1, 0, 2 };

#define INDEX(n_)   cd_from_array(indices, CD_SHAPE(n_), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3), INDEX(5) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 4), INDEX(4) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(6) }, { -1 });
    cd_sample(s, call, { RANDOM(2, 3, 2), INDEX(3) }, { 1 });
    cd_sample(s, call, { RANDOM(3, 2), cd_to(INDEX(2), CD_I32) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 2), cd_full(CD_SCALAR, 2, .dtype = CD_I64) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(0) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 0), INDEX(2) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(1), .dtype = CD_I64) }, { 0 });
    cd_sample(s, call, { cd_t(RANDOM(3, 4)), INDEX(3) }, { 1 });
    cd_sample(s, call, { cd_arange(3), INDEX(4) }, { 0 });
    cd_sample(s, call, { cd_to(cd_arange(3), CD_U8), INDEX(4) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_index_select(NULL, 0, index));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_index_select(x, 0, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_index_select(x, 2, index));
    cd_expect_error(s, CD_ERR_DTYPE, "float32, and must be int64 or int32",
                    cd_index_select(x, 0, x));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2", cd_index_select(x, 0, cd_view(index, CD_SHAPE(1, 2))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 2 (at position 1) is out of range: into x (2x3)",
                    cd_index_select(x, 0, cd_arange(3, .start = 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -1 (at position 0)",
                    cd_index_select(x, 0, cd_arange(0, .start = -1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "empty",
                    cd_index_select(cd_zeros(CD_SHAPE(0, 2)), 0, index));
    cd_expect_error(s, CD_ERR_SHAPE, "(2) into a scalar",
                    cd_index_select(cd_zeros(CD_SCALAR), 0, index));
}

const op_cases cases_index_select = { samples, misuse };
