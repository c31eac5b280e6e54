/* Samples and bad calls of vecdot: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_vecdot(in[0], in[1], .dims = CD_DIMS((int)p[0]));
}

static cd_tensor *standard(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_vecdot(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, standard, { RANDOM(3), RANDOM(3) });
    cd_sample(s, standard, { RANDOM(2, 3), RANDOM(3) });
    cd_sample(s, standard, { RANDOM(2, 3), RANDOM(2, 1) });
    cd_sample(s, standard, { RANDOM(2, 0), RANDOM(2, 0) });
    cd_sample(s, standard, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 3) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(3) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3, 2), cd_movedim(RANDOM(3, 2, 2), CD_SHAPE(0), CD_SHAPE(1)) },
              { -2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_vecdot(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_vecdot(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "a (2x3) and b (2x2) do not broadcast",
                    cd_vecdot(x, cd_zeros(CD_SHAPE(2, 2))));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_vecdot(x, x, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "2 dimensions", cd_vecdot(x, x, .dims = CD_DIMS(0, 1)));
    cd_expect_error(s, CD_ERR_DTYPE, "b float64", cd_vecdot(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "one floating dtype", cd_vecdot(cd_arange(3), cd_arange(3)));
}

const op_cases cases_vecdot = { samples, misuse };
