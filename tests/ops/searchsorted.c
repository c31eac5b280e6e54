/* Samples and bad calls of searchsorted: see op_cases.h. */
#include "op_cases.h"

/* p: whether right, and whether int32. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_searchsorted(in[0], in[1], .right = p[0] != 0, .out_int32 = p[1] != 0);
}

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_searchsorted(in[0], p[0]);
}

static cd_tensor *with_sorter(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_searchsorted(in[0], in[1], .sorter = in[2]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_tensor *four = R(4), *sorted = cd_msort(R(5)), *rows = cd_sort(R(2, 4), 1);
    cd_sample(s, call, { sorted, R(2, 3) }, { 0, 0 });
    cd_sample(s, call, { sorted, cd_randn(CD_SCALAR) }, { 1, 0 });
    cd_sample(s, call, { rows, R(2, 3) }, { 0, 1 });
    cd_sample(s, call, { rows, R(2, 0) }, { 0, 0 });
    cd_sample(s, call, { R(0), R(3) }, { 0, 0 });
    cd_sample(s, call, { cd_arange(6), cd_arange(3) }, { 1, 1 });
    cd_sample(s, call, { cd_arange(6), R(3) }, { 0, 0 });
    cd_sample(s, number, { sorted }, { 0.5 });
    cd_sample(s, with_sorter, { four, R(3), cd_argsort(four, -1) });
    cd_sample(s, with_sorter, { cd_neg(rows), R(2, 3), cd_argsort(cd_neg(rows), -1) });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *v = cd_zeros(CD_SHAPE(3));
    cd_tensor *three = cd_full(CD_SHAPE(3), 3, .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "sorted is NULL", cd_searchsorted(NULL, v));
    cd_expect_error(s, CD_ERR_ARGUMENT, "values is NULL", cd_searchsorted(v, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "(2x3) must be a vector", cd_searchsorted(x, v));
    cd_expect_error(s, CD_ERR_SHAPE, "values (scalar)", cd_searchsorted(x, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "(scalar) must be", cd_searchsorted(cd_sum(x), 1));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_searchsorted(cd_eq(v, 0), cd_eq(v, 0)));
    cd_expect_error(s, CD_ERR_DTYPE, "int32",
                    cd_searchsorted(v, 1, .sorter = cd_to(three, CD_I32)));
    cd_expect_error(s, CD_ERR_SHAPE, "sorter (3)", cd_searchsorted(x, x, .sorter = three));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 (at position 0",
                    cd_searchsorted(v, 1, .sorter = three));
    cd_tensor *far = cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE(INT32_MAX));
    cd_expect_error(s, CD_ERR_ARGUMENT, "less than 2147483647 sorted",
                    cd_searchsorted(far, 1, .out_int32 = true));
}

const op_cases cases_searchsorted = { samples, misuse };
