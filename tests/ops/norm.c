/* Samples and bad calls of norm: see op_cases.h. */
#include "op_cases.h"

enum { DIM, KEEPDIM, POWER = 11 }; /* in p; or the dimensions, as dims_from reads them */

static cd_tensor *along(cd_tensor *const *in, const double *p)
{
    return cd_norm(in[0], .by_dim = true, .dim = (int)p[DIM], .keepdim = p[KEEPDIM] != 0,
                   .p = p[POWER]);
}

static cd_tensor *over_dims(cd_tensor *const *in, const double *p)
{
    return cd_norm(in[0], .dims = dims_from(p), .keepdim = p[KEEPDIM] != 0, .p = p[POWER]);
}

static cd_tensor *over_all(cd_tensor *const *in, const double *p)
{
    return cd_norm(in[0], .p = p[POWER], .keepdim = p[KEEPDIM] != 0);
}

static void samples(cd_samples *s)
{
    const double powers[] = { 1, 2, 3, 0.5, 1.5, -1, INFINITY, -INFINITY, CD_ZERO };
    cd_sample_dim(s, along);
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        const double power = powers[i];
        cd_sample(s, over_all, { cd_randn(CD_SHAPE(2, 3)) },
                  { [KEEPDIM] = i % 2 == 1, [POWER] = power });
        cd_sample(s, along, { cd_randn(CD_SHAPE(2, 3, 2)) },
                  { [DIM] = 1, [KEEPDIM] = i % 2 == 0, [POWER] = power });
        cd_sample(s, over_all, { cd_randn(CD_SCALAR) }, { [POWER] = power });
        cd_sample(s, over_dims, { cd_randn(CD_SHAPE(2, 3, 2)) },
                  { 2, i % 2 == 1, 2, 0, [POWER] = power });
    }
    cd_sample(s, over_all, { cd_randn(CD_SHAPE(0)) }, { [POWER] = 2 });
    cd_sample(s, over_all, { cd_randn(CD_SHAPE(1)) }, { [POWER] = 3 });
    cd_sample(s, over_all, { cd_t(cd_randn(CD_SHAPE(4, 3))) });
    cd_sample(s, along, { cd_randn(CD_SHAPE(0, 3)) }, { [DIM] = 1, [POWER] = INFINITY });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *empty = cd_zeros(CD_SHAPE(2, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_norm(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_norm(cd_arange(3)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_norm(x, .by_dim = true, .dim = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".by_dim", cd_norm(x, .dim = 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "both given",
                    cd_norm(x, .by_dim = true, .dims = CD_DIMS(0)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "given twice", cd_norm(x, .dims = CD_DIMS(0, 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_norm(empty, .p = INFINITY));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_norm(empty, .p = -1, .by_dim = true, .dim = 1));
}

const op_cases cases_norm = { samples, misuse };
