/* Samples and bad calls of bitwise_not: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bitwise_not(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bitwise_not_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_view(cd_arange(6), CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_to(cd_arange(4), CD_U8) });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(2, 0), .dtype = CD_I32) });
    cd_sample(s, call, { cd_gt(cd_arange(4), 1) });
    cd_sample(s, call, { cd_full(CD_SCALAR, -3, .dtype = CD_I64) });
    cd_sample(s, call, { cd_t(cd_view(cd_arange(6), CD_SHAPE(2, 3))) });
    cd_sample(s, in_place, { cd_arange(3) });
    cd_sample(s, in_place, { cd_gt(cd_arange(4), 1) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_bitwise_not(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_bitwise_not_(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_bitwise_not(cd_ones(CD_SHAPE(2))));
}

const op_cases cases_bitwise_not = { samples, misuse };
