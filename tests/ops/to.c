/* Samples and bad calls of to: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_to(in[0], (cd_dtype)p[0]);
}

static cd_tensor *copy(cd_tensor *const *in, const double *p)
{
    return cd_to(in[0], (cd_dtype)p[0], .copy = true);
}

static cd_tensor *as_other(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_to(in[0], CD_DTYPE_DEFAULT, .other = in[1]);
}

static void samples(cd_samples *s)
{
    for (int dtype = CD_F32; dtype <= CD_BOOL; dtype++) {
        cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { dtype });
    }
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))) }, { CD_F64 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 1)) }, { CD_F64 });
    cd_sample(s, copy, { cd_randn(CD_SHAPE(2, 3)) }, { CD_DTYPE_DEFAULT });
    cd_sample(s, copy, { cd_t(cd_randn(CD_SHAPE(2, 3))) }, { CD_F64 });
    cd_sample(s, as_other, { cd_randn(CD_SHAPE(2, 3)), cd_arange(2) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_to(NULL, CD_F64));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".other gives dtype and device",
                    cd_to(cd_zeros(CD_SHAPE(2)), CD_F64, .other = cd_arange(3)));
    cd_expect_error(
        s, CD_ERR_ARGUMENT, ".other gives dtype and device",
        cd_to(cd_zeros(CD_SHAPE(2)), CD_DTYPE_DEFAULT, .other = cd_arange(3), .device = CD_META));
    cd_expect_error(s, CD_ERR_DTYPE, "no dtype", cd_to(cd_zeros(CD_SHAPE(2)), (cd_dtype)77));
}

const op_cases cases_to = { samples, misuse };
