/* Samples and bad calls of unflatten: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_unflatten(in[0], (int)p[0], shape_from(p + 1));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(6) }, { 0, 2, 2, 3 });
    cd_sample(s, call, { RANDOM(2, 6) }, { 1, 2, 3, -1 });
    cd_sample(s, call, { RANDOM(4, 3) }, { 0, 2, -1, 2 });
    cd_sample(s, call, { RANDOM(4, 3) }, { -2, 3, 2, 1, 2 });
    cd_sample(s, call, { RANDOM(0, 3) }, { 0, 2, 0, 5 });
    cd_sample(s, call, { RANDOM(3) }, { 0, 1, 3 });
    cd_sample(s, call, { RANDOM(1, 1) }, { 1, 2, 1, 1 });
    cd_sample(s, call, { cd_arange(6) }, { 0, 2, 2, 3 });
    cd_sample(s, call, { RANDOM(0, 3) }, { 0, 2, -1, 5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_unflatten(NULL, 0, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_unflatten(x, 2, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_unflatten(cd_zeros(CD_SCALAR), 0, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x2 do not multiply", cd_unflatten(x, 1, CD_SHAPE(2, 2)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1 of x, 3", cd_unflatten(x, 1, CD_SHAPE(-1, 2)));
    cd_expect_error(s, CD_ERR_SHAPE, "-1x-1", cd_unflatten(x, 1, CD_SHAPE(-1, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "0 sizes", cd_unflatten(x, 1, CD_SCALAR));
    cd_expect_error(s, CD_ERR_SHAPE, "2147483647 sizes",
                    cd_unflatten(x, 1, (cd_shape){ .ndim = INT32_MAX }));
    cd_expect_error(s, CD_ERR_SHAPE, "8 sizes",
                    cd_unflatten(x, 1, CD_SHAPE(3, 1, 1, 1, 1, 1, 1, 1)));
}

const op_cases cases_unflatten = { samples, misuse };
