/* Samples and bad calls of nanquantile: see op_cases.h. */
#include "op_cases.h"

/* parameters: the dimension, keepdim, q, the interpolation. */
static cd_tensor *along(cd_tensor *const *in, const double *p)
{
    return cd_nanquantile(in[0], p[2], .dims = CD_DIMS((int)p[0]), .keepdim = p[1] != 0,
                          .interpolation = (cd_interpolation)p[3]);
}

static cd_tensor *over_all(cd_tensor *const *in, const double *p)
{
    return cd_nanquantile(in[0], p[2], .keepdim = p[1] != 0,
                          .interpolation = (cd_interpolation)p[3]);
}

static void samples(cd_samples *s)
{
    cd_sample_dim(s, along);
    for (int how = CD_QUANTILE_LINEAR; how <= CD_QUANTILE_NEAREST; how++) {
        cd_tensor *x = cd_randn(CD_SHAPE(2, 5, 3));
        cd_sample(s, along, { x }, { 1, true, 0.3, how });
        cd_sample(s, along, { cd_transpose(x, 0, 2) }, { 1, false, 0.75, how });
        cd_sample(s, over_all, { x }, { 0, how % 2 == 1, 0.6, how });
    }
    cd_sample(s, over_all, { cd_randn(CD_SCALAR) }, { 0, true, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *empty = cd_zeros(CD_SHAPE(2, 0)), *n = cd_arange(2);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_nanquantile(NULL, 0.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_nanquantile(NULL, 0.5, .dims = CD_DIMS(0)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "q is 1.5", cd_nanquantile(x, 1.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "q is nan", cd_nanquantile(x, fabs((double)NAN)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "these are 2",
                    cd_nanquantile(x, 0.5, .dims = CD_DIMS(0, 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".interpolation is 9",
                    cd_nanquantile(x, 0.5, .interpolation = (cd_interpolation)9));
    cd_tensor *q = cd_full(CD_SHAPE(2), 0.5);
    cd_expect_error(s, CD_ERR_ARGUMENT, "q is NULL", cd_nanquantile(x, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_nanquantile(NULL, q));
    cd_expect_error(s, CD_ERR_ARGUMENT, "an element of q", cd_nanquantile(x, cd_add(q, 0.6)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "an element of q", cd_nanquantile(x, cd_sub(q, 0.6)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "an element of q",
                    cd_nanquantile(x, cd_mul(q, (double)NAN)));
    cd_expect_error(s, CD_ERR_DTYPE, "x is float32 and q float64",
                    cd_nanquantile(x, cd_to(q, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "x is int64 and q int64", cd_nanquantile(n, n));
    cd_expect_error(s, CD_ERR_SHAPE, "q (1x2) must be 0-d or a vector",
                    cd_nanquantile(x, cd_unsqueeze(q, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "at most 8",
                    cd_nanquantile(cd_zeros(CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1)), q, .keepdim = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".interpolation is 9",
                    cd_nanquantile(x, q, .interpolation = (cd_interpolation)9));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_nanquantile(x, q, .dims = CD_DIMS(-3)));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x0) is empty",
                    cd_nanquantile(empty, q, .dims = CD_DIMS(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x0) is empty", cd_nanquantile(empty, q));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_nanquantile(x, 0.5, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_nanquantile(empty, 0.5, .dims = CD_DIMS(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "empty", cd_nanquantile(empty, 0.5));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_nanquantile(cd_arange(3), 0.5));
}

const op_cases cases_nanquantile = { samples, misuse };
