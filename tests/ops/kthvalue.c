/* Samples and bad calls of kthvalue: see op_cases.h. */
#include "op_cases.h"

/* p: k, the dimension, and keepdim. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_kthvalue(in[0], (int64_t)p[0], (int)p[1], .keepdim = p[2] != 0);
}

static cd_tensor *indices(cd_tensor *const *in, const double *p)
{
    cd_tensor *where = NULL;
    (void)cd_kthvalue(in[0], (int64_t)p[0], (int)p[1], .indices = &where);
    return where;
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(5)) }, { 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 40)) }, { 40, -1, true });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 5, 3)) }, { 2, 1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 4))) }, { 3, 0, true });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1, 0 });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(3, 0)) }, { 2, 0 });
    cd_sample(s, call, { cd_randint(0, 9, CD_SHAPE(7)) }, { 4, 0 });
    cd_sample(s, call, { cd_to(cd_randint(0, 9, CD_SHAPE(7)), CD_U8) }, { 7, 0 });
    cd_sample(s, indices, { cd_randint(0, 3, CD_SHAPE(2, 9)) }, { 5, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_kthvalue(NULL, 1, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_kthvalue(x, 1, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "k is 0, and must be 1 to 3", cd_kthvalue(x, 0, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "k is 3, and must be 1 to 2", cd_kthvalue(x, 3, 0));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_kthvalue(cd_eq(x, 0), 1, 0));
}

const op_cases cases_kthvalue = { samples, misuse };
