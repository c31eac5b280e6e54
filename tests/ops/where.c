/* Samples and bad calls of where: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_where(cd_gt(in[0], 0), in[1], in[2]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_where(cd_gt(in[0], 0), p[0], in[1]);
}

static cd_tensor *with_numbers(cd_tensor *const *in, const double *p)
{
    return cd_where(cd_gt(in[0], 0), p[0], p[1]);
}

/* The first input only decides which of the others is taken: it has no gradient. */
#define SAMPLE(call_, ...) cd_sample(s, call_, { __VA_ARGS__ }, { 1.5, -2 }, .constant = CD_SET(0))

static void samples(cd_samples *s)
{
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SCALAR));
    SAMPLE(call, cd_randn(CD_SHAPE(4, 1, 1)), cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(3)));
    SAMPLE(call, cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(2)), cd_randn(CD_SHAPE(2)));
    SAMPLE(call, cd_randn(CD_SHAPE(0)), cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)));
    SAMPLE(call, cd_randn(CD_SHAPE(1)), cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(1)));
    SAMPLE(call, cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)),
           cd_t(cd_randn(CD_SHAPE(3, 2))));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_arange(3), cd_randn(CD_SHAPE(3)));
    SAMPLE(with_number, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(with_numbers, cd_randn(CD_SHAPE(2, 3)));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *yes = cd_eq(x, 0);
    cd_expect_error(s, CD_ERR_ARGUMENT, "condition is NULL", cd_where(NULL, x, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", cd_where(yes, x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_where(x, x, x));
    cd_expect_error(s, CD_ERR_SHAPE, "2x4", cd_where(yes, x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300 is not among the numbers of uint8",
                    cd_where(yes, cd_to(x, CD_U8), 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300", cd_where(yes, 1e300, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "int32", cd_where(yes, 3000000000, cd_to(x, CD_I32)));
    cd_expect_error(s, CD_ERR_SHAPE, "condition (2x3)", cd_where(yes, cd_zeros(CD_SHAPE(4)), 0));
}

const op_cases cases_where = { samples, misuse };
