/* Samples and bad calls of arange: see op_cases.h. */
#include "op_cases.h"

enum { START, END, STEP, DTYPE }; /* in p */

static cd_tensor *floating(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_arange(p[END], .start = p[START], .step = p[STEP], .dtype = (cd_dtype)p[DTYPE]);
}

static cd_tensor *whole(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_arange((int64_t)p[END], .start = p[START], .step = p[STEP],
                     .dtype = (cd_dtype)p[DTYPE]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, floating, { NULL }, { [START] = 0, [END] = 3 });
    cd_sample(s, floating, { NULL }, { [START] = 1, [END] = -1, [STEP] = -0.75, [DTYPE] = CD_F64 });
    cd_sample(s, floating, { NULL }, { [START] = 0.1, [END] = 40, [STEP] = 0.3 });
    cd_sample(s, floating, { NULL }, { [START] = 2, [END] = 2 });
    cd_sample(s, whole, { NULL }, { [START] = 0, [END] = 5 });
    cd_sample(s, whole, { NULL }, { [START] = 3, [END] = 0, [STEP] = -1 });
    cd_sample(s, whole, { NULL }, { [START] = 0, [END] = 256, [STEP] = 5, [DTYPE] = CD_U8 });
    cd_sample(s, whole, { NULL }, { [START] = -7, [END] = 100, [STEP] = 3, [DTYPE] = CD_I32 });
    cd_sample(s, whole, { NULL }, { [START] = 0, [END] = 0 });
    cd_sample(s, whole, { NULL }, { [START] = 0, [END] = 3, [STEP] = 0.5 });
    cd_sample(s, floating, { NULL },
              { [START] = -5.9, [END] = 0.3, [STEP] = 1.2, [DTYPE] = CD_I32 });
}

static void misuse(cd_samples *s)
{
    const cd_operand tensor = CD_OPERAND(cd_zeros(CD_SHAPE(1)));
    const cd_operand none = cd_operand_tensor(NULL);
    cd_expect_error(s, CD_ERR_ARGUMENT, "the end must be a number",
                    cd_arange_with((cd_arange_options){ .end = tensor }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "the end must be a number",
                    cd_arange_with((cd_arange_options){ .end = none }));
    cd_expect_error(s, CD_ERR_DTYPE, "no range of bool", cd_arange(2, .dtype = CD_BOOL));
    cd_expect_error(s, CD_ERR_DTYPE, "99 is no dtype", cd_arange(2, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_ARGUMENT, "steps of -1 do not lead from 0 to 3",
                    cd_arange(3, .step = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to inf by steps of 1 is no range: all must be finite",
                    cd_arange((double)INFINITY));
    cd_expect_error(s, CD_ERR_ARGUMENT, "too many numbers", cd_arange(1.0, .step = 1e-30));
    cd_expect_error(s, CD_ERR_ARGUMENT, "the step is 0", cd_arange(3, .step = CD_ZERO));
    cd_expect_error(s, CD_ERR_ARGUMENT, "must be int64s",
                    cd_arange(3, .start = -1e300, .step = 1e299, .dtype = CD_I64));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to 257 does not fit in uint8",
                    cd_arange(257, .dtype = CD_U8));
    cd_expect_error(s, CD_ERR_SHAPE, "9223372036854775807", cd_arange(INT64_MAX));
    cd_expect_error(s, CD_ERR_DTYPE, "only floating", cd_arange(2, .requires_grad = true));
}

const op_cases cases_arange = { samples, misuse };
