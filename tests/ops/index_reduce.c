/* Samples and bad calls of index_reduce: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, the reduction, exclude_self; here and below. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_index_reduce(in[0], (int)p[0], in[1], in[2], (cd_reduce_how)p[1],
                           .exclude_self = p[2] != 0);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_index_reduce_(cd_clone(in[0]), (int)p[0], in[1], in[2], (cd_reduce_how)p[1],
                            .exclude_self = p[2] != 0);
}

static const int64_t indices[] = { 2, 0, 1, 2, 0 };

#define INDEX(n_)   cd_from_array(indices, CD_SHAPE(n_), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples_of(cd_samples *s, double how, double exclude)
{
    cd_sample(s, call, { RANDOM(3), INDEX(5), RANDOM(5) }, { 0, how, exclude });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(4), RANDOM(4, 2) }, { 0, how, exclude });
    cd_sample(s, call, { RANDOM(2, 4), INDEX(2), RANDOM(2, 2) }, { -1, how, exclude });
    cd_sample(s, call, { RANDOM(2, 3, 2), INDEX(5), RANDOM(2, 5, 2) }, { 1, how, exclude });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(0), RANDOM(2, 0) }, { 1, how, exclude });
    cd_sample(s, call, { RANDOM(0, 3), INDEX(2), RANDOM(0, 2) }, { 1, how, exclude });
    cd_sample(s, call,
              { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(1), .dtype = CD_I32), cd_randn(CD_SCALAR) },
              { 0, how, exclude });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), INDEX(5), cd_t(RANDOM(5, 2)) }, { 1, how, exclude });
    cd_sample(s, call, { cd_arange(3), INDEX(5), cd_arange(5) }, { 0, how, exclude });
    cd_sample(s, call, { cd_arange(3, .dtype = CD_U8), INDEX(5), cd_arange(5, .dtype = CD_U8) },
              { 0, how, exclude });
    cd_sample(s, in_place, { RANDOM(3, 2), INDEX(3), RANDOM(3, 2) }, { 0, how, exclude });
}

static void samples(cd_samples *s)
{
    for (int how = CD_REDUCE_PROD; how <= CD_REDUCE_AMIN; how++) {
        samples_of(s, how, 0);
        samples_of(s, how, 1);
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_tensor *low = cd_sub(index, 1), *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_tensor *truth = cd_eq(x, 0);
#define PROD CD_REDUCE_PROD
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_index_reduce(NULL, 0, index, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_index_reduce(x, 0, NULL, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "source is NULL", cd_index_reduce(x, 0, index, NULL, PROD));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_index_reduce(x, 2, index, x, PROD));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3, and must have 2x2",
                    cd_index_reduce(x, 1, index, x, PROD));
    cd_expect_error(s, CD_ERR_SHAPE, "a vector",
                    cd_index_reduce(x, 0, cd_view(index, CD_SHAPE(2, 1)), x, PROD));
    cd_expect_error(s, CD_ERR_DTYPE, "index is float32",
                    cd_index_reduce(x, 0, cd_zeros(CD_SHAPE(2)), x, PROD));
    cd_expect_error(s, CD_ERR_DTYPE, "source is float64",
                    cd_index_reduce(x, 0, index, cd_to(x, CD_F64), PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -1 (at position 0)",
                    cd_index_reduce(x, 0, low, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "it is index_add",
                    cd_index_reduce(x, 0, index, x, CD_REDUCE_SUM));
    cd_expect_error(s, CD_ERR_ARGUMENT, "5 is no reduction",
                    cd_index_reduce(x, 0, index, x, (cd_reduce_how)5));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_index_reduce(truth, 0, index, truth, PROD));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_index_reduce_(leaf, 0, index, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_index_reduce_(NULL, 0, index, x, PROD));
}

const op_cases cases_index_reduce = { samples, misuse };
