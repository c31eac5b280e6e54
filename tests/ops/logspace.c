/* Samples and bad calls of logspace: see op_cases.h. */
#include "op_cases.h"

enum { START, END, STEPS, BASE, DTYPE }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_logspace(p[START], p[END], (int64_t)p[STEPS], .base = p[BASE],
                       .dtype = (cd_dtype)p[DTYPE]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { NULL }, { [START] = 0, [END] = 1, [STEPS] = 5 });
    cd_sample(s, call, { NULL }, { [START] = 1, [END] = -1, [STEPS] = 4, [DTYPE] = CD_F64 });
    cd_sample(s, call, { NULL }, { [START] = 3, [END] = 9, [STEPS] = 1, [BASE] = 2 });
    cd_sample(s, call, { NULL }, { [START] = 3, [END] = 9, [STEPS] = 0 });
    cd_sample(s, call, { NULL }, { [START] = 0.7, [END] = 2.9, [STEPS] = 4, [DTYPE] = CD_I64 });
    cd_sample(s, call, { NULL },
              { [START] = -2, [END] = 2, [STEPS] = 5, [BASE] = 2, [DTYPE] = CD_I32 });
    cd_sample(s, call, { NULL },
              { [START] = 0, [END] = 7, [STEPS] = 8, [BASE] = 2, [DTYPE] = CD_U8 });
    cd_sample(s, call, { NULL }, { [START] = -1, [END] = 1, [STEPS] = 3, [BASE] = 0.5 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_DTYPE, "no range of bool", cd_logspace(0, 1, 2, .dtype = CD_BOOL));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_logspace(0, 1, 2, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_ARGUMENT, "there cannot be -1 steps", cd_logspace(0, 1, -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to nan is no range of float32",
                    cd_logspace(0, (double)NAN, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to 1e+300 is no range of int64",
                    cd_logspace(0, 1e300, 3, .dtype = CD_I64));
    cd_expect_error(s, CD_ERR_ARGUMENT, "start is NULL", cd_logspace(NULL, 1, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "end (1) must be a number or a 0-d tensor",
                    cd_logspace(0, cd_ones(CD_SHAPE(1)), 3));
    cd_expect_error(s, CD_ERR_SHAPE, "9223372036854775807", cd_logspace(0, 1, INT64_MAX));
    cd_expect_error(s, CD_ERR_DTYPE, "only floating",
                    cd_logspace(0, 1, 2, .dtype = CD_I64, .requires_grad = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".base is 1e+300", cd_logspace(0, 1, 2, .base = 1e300));
}

const op_cases cases_logspace = { samples, misuse };
