/* Samples and bad calls of nonzero: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_nonzero(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randint(0, 3, CD_SHAPE(2, 3, 4)) });
    cd_sample(s, call, { cd_to(cd_randint(0, 2, CD_SHAPE(7)), CD_F32) });
    cd_sample(s, call, { cd_eq(cd_randint(0, 2, CD_SHAPE(3, 3)), 1) });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(0, 3)) });
    cd_sample(s, call, { cd_ones(CD_SCALAR) });
    cd_sample(s, call, { cd_zeros(CD_SCALAR) });
    cd_sample(s, call, { cd_t(cd_to(cd_randint(0, 2, CD_SHAPE(3, 4)), CD_U8)) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_nonzero(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_nonzero_as_tuple(NULL).tensor);
}

const op_cases cases_nonzero = { samples, misuse };
