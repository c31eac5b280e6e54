/* Samples and bad calls of squeeze_dims: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the dimensions, as shape_from takes them. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_squeeze_dims(in[0], shape_from(p));
}

static cd_tensor *all(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_squeeze_all(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(1, 3, 1) }, { 2, 0, 2 });
    cd_sample(s, call, { RANDOM(1, 3, 1) }, { 2, 1, -1 });
    cd_sample(s, call, { RANDOM(1, 1) }, { 2, 1, 0 });
    cd_sample(s, call, { RANDOM(1, 3) }, { 0 });
    cd_sample(s, call, { RANDOM(1, 0) }, { 1, 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 1, 0 });
    cd_sample(s, call, { cd_permute(RANDOM(3, 1, 2), CD_SHAPE(2, 1, 0)) }, { 1, 1 });
    cd_sample(s, all, { RANDOM(1, 3, 1, 2) });
    cd_sample(s, all, { RANDOM(1, 1) });
    cd_sample(s, all, { cd_randn(CD_SCALAR) });
    cd_sample(s, all, { cd_zeros(CD_SHAPE(1, 3), .dtype = CD_I64) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_squeeze_dims(NULL, CD_SHAPE(0)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_squeeze_all(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_squeeze_dims(x, CD_SHAPE(0, 2)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1 is given twice",
                    cd_squeeze_dims(x, CD_SHAPE(1, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "9 dimensions", cd_squeeze_dims(x, (cd_shape){ .ndim = 9 }));
}

const op_cases cases_squeeze_dims = { samples, misuse };
