/* Samples and bad calls of tril_indices and triu_indices: INDICES is one of them. Included by each
 * of their files. */
#ifndef CANDELA_TESTS_OPS_TRIANGLE_INDICES_H
#define CANDELA_TESTS_OPS_TRIANGLE_INDICES_H

#include "op_cases.h"

/* p: rows, columns, offset, dtype. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    return INDICES((int64_t)p[0], (int64_t)p[1], .offset = (int64_t)p[2], .dtype = (cd_dtype)p[3]);
}

static void samples(cd_samples *s)
{
    for (int rows = 0; rows < 5; rows += 2) {
        for (int columns = 0; columns < 5; columns += 2) {
            for (int offset = -5; offset < 6; offset++) {
                cd_sample(s, call, { NULL }, { rows, columns, offset });
            }
        }
    }
    cd_sample(s, call, { NULL }, { 3, 7, 2, CD_I32 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 rows", INDICES(-1, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 columns", INDICES(3, -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "counted", INDICES(INT64_MAX, 2));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", INDICES(2, 2, .dtype = CD_F32));
    cd_expect_error(s, CD_ERR_DTYPE, "uint8", INDICES(2, 2, .dtype = CD_U8));
}

#endif
