/* Samples and bad calls of cosine_similarity: see op_cases.h. */
#include "op_cases.h"

#include "autograd/distance_ops.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cosine_similarity(in[0], in[1], .eps = p[0]);
}

static cd_tensor *first(cd_tensor *const *in, const double *p)
{
    return cd_cosine_similarity(in[0], in[1], .dims = CD_DIMS(0), .eps = p[0]);
}

static void samples(cd_samples *s)
{
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3)), *y = cd_randn(CD_SHAPE(2, 3));
    cd_sample(s, call, { x, y });
    cd_sample(s, call, { x, y }, { CD_ZERO });
    cd_sample(s, first, { x, y });
    cd_sample(s, first, { cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, first, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { x, cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 1, 3)), cd_randn(CD_SHAPE(4, 1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)), cd_randn(CD_SHAPE(2, 0)) });
    cd_sample(s, call, { x, cd_add(cd_arange(3), 1) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *whole = cd_ones(CD_SHAPE(2, 3), .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x2 is NULL", cd_cosine_similarity(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x1 (2x3) and x2 (3x2)",
                    cd_cosine_similarity(x, cd_ones(CD_SHAPE(3, 2))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_cosine_similarity(whole, whole));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_cosine_similarity(x, x, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "2 dimensions",
                    cd_cosine_similarity(x, x, .dims = CD_DIMS(0, 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300", cd_cosine_similarity(x, x, .eps = 1e300));
}

const op_cases cases_cosine_similarity = { samples, misuse };
