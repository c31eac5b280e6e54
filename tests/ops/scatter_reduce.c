/* Samples and bad calls of scatter_reduce: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, the reduction, exclude_self; here and below. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_scatter_reduce(in[0], (int)p[0], in[1], in[2], (cd_reduce_how)p[1],
                             .exclude_self = p[2] != 0);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_scatter_reduce_(cd_clone(in[0]), (int)p[0], in[1], in[2], (cd_reduce_how)p[1],
                              .exclude_self = p[2] != 0);
}

static const int64_t indices[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

#define INDEX(...)  cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples_of(cd_samples *s, double how, double exclude)
{
    cd_sample(s, call, { RANDOM(3), INDEX(5), RANDOM(5) }, { 0, how, exclude });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 6), RANDOM(2, 6) }, { -1, how, exclude });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(4, 2), RANDOM(4, 2) }, { 0, how, exclude });
    cd_sample(s, call, { RANDOM(2, 3, 2), INDEX(2, 3, 1), RANDOM(2, 4, 2) }, { 1, how, exclude });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 0), RANDOM(2, 0) }, { 1, how, exclude });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), cd_t(INDEX(4, 2)), cd_t(RANDOM(4, 2)) },
              { 1, how, exclude });
    cd_sample(s, in_place, { RANDOM(3, 2), INDEX(3, 1), RANDOM(4, 2) }, { 0, how, exclude });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(2), .dtype = CD_I32), RANDOM(3) },
              { 0, how, exclude });
    cd_sample(s, call, { cd_arange(3), INDEX(5), cd_arange(5) }, { 0, how, exclude });
    cd_sample(s, call, { cd_arange(3, .dtype = CD_I32), INDEX(5), cd_arange(5, .dtype = CD_I32) },
              { 0, how, exclude });
    cd_sample(s, call, { cd_arange(3, .dtype = CD_U8), INDEX(5), cd_arange(5, .dtype = CD_U8) },
              { 0, how, exclude });
    if (how == CD_REDUCE_MEAN) return;
    cd_sample(s, call, { cd_gt(RANDOM(3), 0), INDEX(5), cd_gt(RANDOM(5), 0) }, { 0, how, exclude });
}

static void samples(cd_samples *s)
{
    for (int how = CD_REDUCE_SUM; how <= CD_REDUCE_AMIN; how++) {
        samples_of(s, how, 0);
        samples_of(s, how, 1);
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_tensor *tall = cd_zeros(CD_SHAPE(3, 1), .dtype = CD_I64);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true), *truth = cd_eq(x, 0);
#define PROD CD_REDUCE_PROD
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_scatter_reduce(NULL, 1, index, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_scatter_reduce(x, 1, NULL, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "src is NULL", cd_scatter_reduce(x, 1, index, NULL, PROD));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_scatter_reduce(x, 2, index, x, PROD));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2x3)", cd_scatter_reduce(x, 1, tall, x, PROD));
    cd_expect_error(s, CD_ERR_DTYPE, "index is float32", cd_scatter_reduce(x, 1, x, x, PROD));
    cd_expect_error(s, CD_ERR_DTYPE, "src is float64",
                    cd_scatter_reduce(x, 1, index, cd_to(x, CD_F64), PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 (at position 0)",
                    cd_scatter_reduce(x, 1, far, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "5 is no reduction",
                    cd_scatter_reduce(x, 1, index, x, (cd_reduce_how)5));
    cd_expect_error(s, CD_ERR_DTYPE, "mean of bool",
                    cd_scatter_reduce(truth, 1, index, truth, CD_REDUCE_MEAN));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_scatter_reduce_(leaf, 1, index, x, PROD));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_scatter_reduce_(NULL, 1, index, x, PROD));
}

const op_cases cases_scatter_reduce = { samples, misuse };
