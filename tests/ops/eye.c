/* Samples and bad calls of eye: see op_cases.h. */
#include "op_cases.h"

enum { ROWS, COLUMNS, DTYPE, NO_COLUMNS }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_eye((int64_t)p[ROWS], .columns = (int64_t)p[COLUMNS], .dtype = (cd_dtype)p[DTYPE],
                  .no_columns = p[NO_COLUMNS] != 0);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { NULL }, { [ROWS] = 3 });
    cd_sample(s, call, { NULL }, { [ROWS] = 1 });
    cd_sample(s, call, { NULL }, { [ROWS] = 0 });
    cd_sample(s, call, { NULL }, { [ROWS] = 0, [COLUMNS] = 4 });
    cd_sample(s, call, { NULL }, { [ROWS] = 3, [NO_COLUMNS] = 1 });
    cd_sample(s, call, { NULL }, { [ROWS] = 2, [COLUMNS] = 5, [DTYPE] = CD_F64 });
    cd_sample(s, call, { NULL }, { [ROWS] = 5, [COLUMNS] = 2, [DTYPE] = CD_I32 });
    cd_sample(s, call, { NULL }, { [ROWS] = 4, [COLUMNS] = 4, [DTYPE] = CD_BOOL });
    cd_sample(s, call, { NULL }, { [ROWS] = 300, [COLUMNS] = 300, [DTYPE] = CD_I64 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_SHAPE, "size -1 of dimension 0", cd_eye(-1));
    cd_expect_error(s, CD_ERR_SHAPE, "size -3 of dimension 1", cd_eye(2, .columns = -3));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".columns is 2, and .no_columns says there are none",
                    cd_eye(2, .columns = 2, .no_columns = true));
    cd_expect_error(s, CD_ERR_SHAPE, "more elements", cd_eye(INT64_MAX));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_eye(2, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_DTYPE, "only floating",
                    cd_eye(2, .dtype = CD_I64, .requires_grad = true));
}

const op_cases cases_eye = { samples, misuse };
