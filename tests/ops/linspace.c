#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_linspace(p[0], p[1], (int64_t)p[2], .dtype = (cd_dtype)p[3]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { NULL }, { 0, 1, 5 });
    cd_sample(s, call, { NULL }, { 1, -1, 4, CD_F64 });
    cd_sample(s, call, { NULL }, { 3, 9, 1 });
    cd_sample(s, call, { NULL }, { 3, 9, 0 });
    cd_sample(s, call, { NULL }, { 0.7, 5.9, 4, CD_I64 });
    cd_sample(s, call, { NULL }, { -0.7, 5.9, 1, CD_I32 });
    cd_sample(s, call, { NULL }, { 255, 0, 3, CD_U8 });
    cd_sample(s, call, { NULL }, { -3, 3, 1000 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_DTYPE, "no range of bool", cd_linspace(0, 1, 2, .dtype = CD_BOOL));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_linspace(0, 1, 2, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_ARGUMENT, "there cannot be -1 steps", cd_linspace(0, 1, -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to nan is no range of float32",
                    cd_linspace(0, (double)NAN, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to 256 is no range of uint8",
                    cd_linspace(0, 256, 3, .dtype = CD_U8, .requires_grad = true));
    cd_expect_error(s, CD_ERR_SHAPE, "9223372036854775807", cd_linspace(0, 1, INT64_MAX));
    cd_expect_error(s, CD_ERR_DTYPE, "only floating",
                    cd_linspace(0, 1, 2, .dtype = CD_I64, .requires_grad = true));
}

const op_cases cases_linspace = { samples, misuse };
