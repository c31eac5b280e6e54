/* Samples and bad calls of sort: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, and whether descending. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_sort(in[0], (int)p[0], .descending = p[1] != 0);
}

static cd_tensor *stable(cd_tensor *const *in, const double *p)
{
    return cd_sort(in[0], (int)p[0], .stable = true);
}

static cd_tensor *indices(cd_tensor *const *in, const double *p)
{
    cd_tensor *where = NULL;
    (void)cd_sort(in[0], (int)p[0], .descending = p[1] != 0, .indices = &where);
    return where;
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 40)) }, { -1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 5, 3)) }, { 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 2)) }, { -2, 1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 4))) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 1, 0 });
    cd_sample(s, call, { cd_arange(50) }, { 0, 1 });
    cd_sample(s, call, { cd_eq(cd_arange(5), 2) }, { 0, 0 });
    cd_sample(s, stable, { cd_randn(CD_SHAPE(2, 3)) }, { 1 });
    cd_sample(s, indices, { cd_randn(CD_SHAPE(2, 30)) }, { 1, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_sort(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_sort(x, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension -3", cd_sort(x, -3, .stable = true));
    cd_tensor *far = cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE(INT64_C(1) << 33));
    cd_expect_error(s, CD_ERR_ARGUMENT, "8589934592 elements", cd_sort(far, 0));
}

const op_cases cases_sort = { samples, misuse };
