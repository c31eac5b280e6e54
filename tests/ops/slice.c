/* Samples and bad calls of slice: see op_cases.h. */
#include "op_cases.h"

enum { DIM, FROM, TO, STEP }; /* in p; a TO of INFINITY is INT64_MAX */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    int64_t to = isinf(p[TO]) ? INT64_MAX : (int64_t)p[TO];
    return cd_slice(in[0], (int)p[DIM], (int64_t)p[FROM], to, (int64_t)p[STEP]);
}

static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_slice(cd_slice(in[0], 0, 1, INT64_MAX, 2), 1, 0, -1, 2);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(5, 3)) },
              { [DIM] = 0, [FROM] = 1, [TO] = 3, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5, 3)) },
              { [DIM] = -1, [FROM] = -2, [TO] = INFINITY, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(5, 3)) },
              { [DIM] = 0, [FROM] = 0, [TO] = 5, [STEP] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(7)) },
              { [DIM] = 0, [FROM] = 1, [TO] = INFINITY, [STEP] = 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(7)) }, { [DIM] = 0, [FROM] = 3, [TO] = 2, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(7)) },
              { [DIM] = 0, [FROM] = -100, [TO] = 100, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2)) },
              { [DIM] = 0, [FROM] = 0, [TO] = 1, [STEP] = 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2)) },
              { [DIM] = 0, [FROM] = 0, [TO] = 1, [STEP] = 9 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 4))) },
              { [DIM] = 0, [FROM] = 1, [TO] = 4, [STEP] = 2 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(4, 5)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_slice(NULL, 0, 0, 1, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "step is 0", cd_slice(x, 0, 0, 1, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "step is -1", cd_slice(x, 0, 0, 1, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_slice(x, 2, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_slice(cd_zeros(CD_SCALAR), 0, 0, 1, 1));
}

const op_cases cases_slice = { samples, misuse };
