#include "op_cases.h"

static cd_tensor *along(cd_tensor *const *in, const double *p)
{
    return cd_norm(in[0], .by_dim = true, .dim = (int)p[0], .keepdim = p[1] != 0, .p = p[2]);
}

static cd_tensor *over_all(cd_tensor *const *in, const double *p)
{
    return cd_norm(in[0], .p = p[0], .keepdim = p[1] != 0);
}

static void samples(cd_samples *s)
{
    const double powers[] = { 1, 2, 3, 0.5, 1.5, -1, INFINITY, -INFINITY, CD_ZERO };
    cd_sample_dim(s, along);
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        CD_SCOPE();
        cd_sample(s, over_all, { cd_randn(CD_SHAPE(2, 3)) }, { powers[i], i % 2 == 1 });
        cd_sample(s, along, { cd_randn(CD_SHAPE(2, 3, 2)) }, { 1, i % 2 == 0, powers[i] });
        cd_sample(s, over_all, { cd_randn(CD_SCALAR) }, { powers[i] });
    }
    cd_sample(s, over_all, { cd_randn(CD_SHAPE(0)) }, { 2 });
    cd_sample(s, over_all, { cd_randn(CD_SHAPE(1)) }, { 3 });
    cd_sample(s, over_all, { cd_t(cd_randn(CD_SHAPE(4, 3))) });
    cd_sample(s, along, { cd_randn(CD_SHAPE(0, 3)) }, { 1, 0, INFINITY });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *empty = cd_zeros(CD_SHAPE(2, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_norm(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_norm(cd_arange(3)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_norm(x, .by_dim = true, .dim = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".by_dim", cd_norm(x, .dim = 1));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_norm(empty, .p = INFINITY));
    cd_expect_error(s, CD_ERR_SHAPE, "2x0", cd_norm(empty, .p = -1, .by_dim = true, .dim = 1));
}

const op_cases cases_norm = { samples, misuse };
