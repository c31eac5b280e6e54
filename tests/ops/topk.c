/* Samples and bad calls of topk: see op_cases.h. */
#include "op_cases.h"

/* p: k. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_topk(in[0], (int64_t)p[0]);
}

static cd_tensor *smallest(cd_tensor *const *in, const double *p)
{
    return cd_topk(in[0], (int64_t)p[0], .smallest = true);
}

/* p: k and the dimension. */
static cd_tensor *by_dim(cd_tensor *const *in, const double *p)
{
    return cd_topk(in[0], (int64_t)p[0], .by_dim = true, .dim = (int)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 6)) }, { 6 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1 });
    cd_sample(s, by_dim, { cd_randn(CD_SHAPE(2, 5, 3)) }, { 3, 1 });
    cd_sample(s, by_dim, { cd_randn(CD_SHAPE(4, 2)) }, { 2, -2 });
    cd_sample(s, by_dim, { cd_t(cd_randn(CD_SHAPE(3, 4))) }, { 2, 0 });
    cd_sample(s, call, { cd_arange(5) }, { 2 });
    cd_sample(s, smallest, { cd_randn(CD_SHAPE(2, 6)) }, { 4 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_topk(NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "k is 4", cd_topk(x, 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "k is -1", cd_topk(x, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_topk(x, 1, .by_dim = true, .dim = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".by_dim", cd_topk(x, 1, .dim = -2));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_topk(cd_eq(x, 0), 1));
}

const op_cases cases_topk = { samples, misuse };
