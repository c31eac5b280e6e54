/* Samples and bad calls of cdist: see op_cases.h. */
#include "op_cases.h"

#include "autograd/distance_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_cdist(in[0], in[1], .p = p[0]);
}

static cd_tensor *by_mode(cd_tensor *const *in, const double *p)
{
    return cd_cdist(in[0], in[1], .mode = (cd_cdist_mode)p[0]);
}

static void samples(cd_samples *s)
{
    static const double powers[] = { CD_ZERO, 1, 1.5, 2, 3, INFINITY };
    for (int i = 0; i < 6; i++) {
        cd_sample(s, call, { RANDOM(2, 3), RANDOM(4, 3) }, { powers[i] });
        cd_sample(s, call, { RANDOM(2, 1, 2, 3), RANDOM(3, 1, 3) }, { powers[i] });
        cd_sample(s, call, { RANDOM(1, 19), RANDOM(1, 19) }, { powers[i] });
        cd_sample(s, call, { RANDOM(2, 0), RANDOM(2, 0) }, { powers[i] });
    }
    cd_sample(s, call, { RANDOM(0, 3), RANDOM(2, 3) });
    cd_sample(s, call, { RANDOM(2, 2, 3), RANDOM(2, 0, 3) });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), cd_t(RANDOM(3, 4)) });
    cd_sample(s, call, { RANDOM(30, 2), RANDOM(2, 2) });
    cd_sample(s, by_mode, { RANDOM(30, 2), RANDOM(2, 2) }, { CD_CDIST_DIFFERENCES });
    cd_sample(s, by_mode, { RANDOM(2, 3), RANDOM(4, 3) }, { CD_CDIST_PRODUCT });
    cd_sample(s, by_mode, { RANDOM(2, 1, 2, 3), RANDOM(3, 1, 3) }, { CD_CDIST_PRODUCT });
    cd_sample(s, by_mode, { RANDOM(2, 1, 2), RANDOM(2, 3, 2) }, { CD_CDIST_PRODUCT });
    cd_sample(s, by_mode, { RANDOM(2, 0), RANDOM(3, 0) }, { CD_CDIST_PRODUCT });
    cd_sample(s, by_mode, { RANDOM(1, 19), RANDOM(2, 19) }, { CD_CDIST_PRODUCT });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x1 is NULL", cd_cdist(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x2 is NULL", cd_cdist(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x1 (2x3) and x2 (3) must have 2 dimensions", cd_cdist(x, y));
    cd_expect_error(s, CD_ERR_SHAPE, "x1 (3) and x2 (2x3)", cd_cdist(y, x));
    cd_expect_error(s, CD_ERR_SHAPE, "the last of one size", cd_cdist(x, cd_t(x)));
    cd_expect_error(s, CD_ERR_SHAPE, "do not broadcast",
                    cd_cdist(cd_zeros(CD_SHAPE(2, 2, 3)), cd_zeros(CD_SHAPE(3, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "x2 float64", cd_cdist(x, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_cdist(cd_to(x, CD_I64), cd_to(x, CD_I64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p is -1", cd_cdist(x, x, .p = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".mode is 3", cd_cdist(x, x, .mode = (cd_cdist_mode)3));
    cd_expect_error(s, CD_ERR_SHAPE, "the last of one size",
                    cd_cdist(x, cd_t(x), .mode = CD_CDIST_PRODUCT));
    cd_expect_error(s, CD_ERR_ARGUMENT, "p is nan", cd_cdist(x, x, .p = NAN));
}

const op_cases cases_cdist = { samples, misuse };
