#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_eye((int64_t)p[0], .columns = (int64_t)p[1], .dtype = (cd_dtype)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { NULL }, { 3 });
    cd_sample(s, call, { NULL }, { 1 });
    cd_sample(s, call, { NULL }, { 0 });
    cd_sample(s, call, { NULL }, { 0, 4 });
    cd_sample(s, call, { NULL }, { 2, 5, CD_F64 });
    cd_sample(s, call, { NULL }, { 5, 2, CD_I32 });
    cd_sample(s, call, { NULL }, { 4, 4, CD_BOOL });
    cd_sample(s, call, { NULL }, { 300, 300, CD_I64 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_SHAPE, "size -1 of dimension 0", cd_eye(-1));
    cd_expect_error(s, CD_ERR_SHAPE, "size -3 of dimension 1", cd_eye(2, .columns = -3));
    cd_expect_error(s, CD_ERR_SHAPE, "more elements", cd_eye(INT64_MAX));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_eye(2, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_DTYPE, "only floating",
                    cd_eye(2, .dtype = CD_I64, .requires_grad = true));
}

const op_cases cases_eye = { samples, misuse };
