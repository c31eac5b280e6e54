/* Samples and bad calls of slice_backward: see op_cases.h. */
#include "op_cases.h"

enum { ROWS, COLUMNS, DIM, FROM, TO, STEP }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const cd_shape shape = CD_SHAPE((int64_t)p[ROWS], (int64_t)p[COLUMNS]);
    return cd_slice_backward(in[0], shape, (int)p[DIM], (int64_t)p[FROM], (int64_t)p[TO],
                             (int64_t)p[STEP]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [ROWS] = 4, [COLUMNS] = 3, [DIM] = 0, [FROM] = 1, [TO] = 3, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [ROWS] = 4, [COLUMNS] = 3, [DIM] = 0, [FROM] = 1, [TO] = 4, [STEP] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2)) },
              { [ROWS] = 2, [COLUMNS] = 3, [DIM] = 1, [FROM] = 0, [TO] = 3, [STEP] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1)) },
              { [ROWS] = 1, [COLUMNS] = 1, [DIM] = 0, [FROM] = 0, [TO] = 1, [STEP] = 9 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) },
              { [ROWS] = 2, [COLUMNS] = 3, [DIM] = 0, [FROM] = 1, [TO] = 1, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) },
              { [ROWS] = 4, [COLUMNS] = 0, [DIM] = 0, [FROM] = 1, [TO] = 3, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [ROWS] = 3, [COLUMNS] = 3, [DIM] = 0, [FROM] = 0, [TO] = 2, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 3)) },
              { [ROWS] = 3, [COLUMNS] = 3, [DIM] = 0, [FROM] = 0, [TO] = 3, [STEP] = 1 });
}

static void misuse(cd_samples *s)
{
    const cd_shape shape = CD_SHAPE(2, 3), huge = CD_SHAPE(INT64_MAX, 3);
    cd_tensor *dy = cd_zeros(CD_SHAPE(1, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_slice_backward(NULL, shape, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_slice_backward(dy, huge, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 2x3", cd_slice_backward(dy, shape, 0, 0, 2, 1));
}

const op_cases cases_slice_backward = { samples, misuse };
