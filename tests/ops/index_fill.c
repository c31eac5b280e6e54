/* Samples and bad calls of index_fill: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension and the value. */
static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_index_fill(in[0], (int)p[0], in[1], p[1]);
}

static cd_tensor *tensor(cd_tensor *const *in, const double *p)
{
    return cd_index_fill(in[0], (int)p[0], in[1], in[2]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_index_fill_(cd_clone(in[0]), (int)p[0], in[1], p[1]);
}

static cd_tensor *tensor_in_place(cd_tensor *const *in, const double *p)
{
    return cd_index_fill_(cd_clone(in[0]), (int)p[0], in[1], in[2]);
}

static const int64_t indices[] = { 1, 0, -1, 1 };

#define INDEX(n_)   cd_from_array(indices, CD_SHAPE(n_), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, number, { RANDOM(5), INDEX(3) }, { 0, 1.5 });
    cd_sample(s, number, { RANDOM(3, 4), INDEX(1) }, { 0, 2 });
    cd_sample(s, number, { RANDOM(2, 1, 1, 1, 1, 1, 1, 3), cd_full(CD_SCALAR, 2, .dtype = CD_I64) },
              { -1, 0 });
    cd_sample(s, number, { RANDOM(3, 2), INDEX(0) }, { 0, 1 });
    /* Its work is a product when rows and index are both grown for threads. So it comes behind the
     * samples that suffice there, of which the one along this dimension has an index that cannot be
     * grown. */
    cd_sample(s, number, { RANDOM(2, 3), INDEX(4) }, { -1, 0 });
    cd_sample(s, number, { RANDOM(3, 0), INDEX(2) }, { 0, 1 });
    cd_sample(s, number, { cd_randn(CD_SCALAR), cd_zeros(CD_SCALAR, .dtype = CD_I64) }, { 0, 7 });
    cd_sample(s, number, { cd_arange(4), INDEX(3) }, { 0, 9 });
    cd_sample(s, tensor, { RANDOM(3, 2), INDEX(3), cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, tensor, { cd_t(RANDOM(3, 4)), INDEX(2), cd_randn(CD_SCALAR) }, { 1 });
    cd_sample(s, in_place, { RANDOM(3, 2), INDEX(2) }, { 0, 3 });
    cd_sample(s, tensor_in_place, { RANDOM(3, 2), INDEX(1), cd_randn(CD_SCALAR) }, { 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_index_fill(NULL, 0, index, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_index_fill(x, 0, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "value is NULL", cd_index_fill(x, 0, index, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_index_fill_(x, 2, index, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "value has shape 2x3", cd_index_fill(x, 0, index, x));
    cd_expect_error(s, CD_ERR_DTYPE, "int32, and must be int64",
                    cd_index_fill(x, 0, cd_to(index, CD_I32), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "it must be -2 to 1",
                    cd_index_fill_(x, 0, cd_arange(3, .start = 1), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300", cd_index_fill(cd_to(x, CD_U8), 0, index, 300));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_index_fill_(leaf, 0, index, 1));
}

const op_cases cases_index_fill = { samples, misuse };
