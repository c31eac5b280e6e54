/* Samples and bad calls of local_response_norm: see op_cases.h. */
#include "op_cases.h"

enum { SIZE, ALPHA, BETA, K }; /* in p */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_local_response_norm(in[0], (int64_t)p[SIZE], .alpha = p[ALPHA], .beta = p[BETA],
                                  .k = p[K]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 4, 3)) }, { 3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 4, 3)) }, { 2, 0.5, 0.3, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3, 2, 2)) }, { 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2, 2, 1, 2)) }, { 5, 2, 1.5, 0.5 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3, 2)) }, { 2, CD_ZERO, CD_ZERO, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3, 2)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 0)) }, { 2 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 2, 3)), 1, 2) }, { 2, 1 });
    cd_sample(s, call, { cd_view(cd_arange(12), CD_SHAPE(1, 4, 3)) }, { 2, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(1, 3, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_local_response_norm(NULL, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3x2) must be N x C x ...",
                    cd_local_response_norm(cd_ones(CD_SHAPE(3, 2)), 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int32", cd_local_response_norm(cd_to(x, CD_I32), 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "size is 0", cd_local_response_norm(x, 0));
}

const op_cases cases_local_response_norm = { samples, misuse };
