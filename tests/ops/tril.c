/* Samples and bad calls of tril: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the diagonal. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_tril(in[0], (int64_t)p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_tril_(cd_clone(in[0]), (int64_t)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3, 3) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 5) }, { 2 });
    cd_sample(s, call, { RANDOM(4, 3) }, { -2 });
    cd_sample(s, call, { RANDOM(2, 2, 3) }, { -9 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 9 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 0 });
    cd_sample(s, call, { cd_t(RANDOM(3, 4)) }, { 1 });
    cd_sample(s, call, { cd_ones(CD_SHAPE(2, 3), .dtype = CD_BOOL) }, { 0 });
    cd_sample(s, in_place, { RANDOM(2, 3, 3) }, { 1 });
    cd_sample(s, in_place, { RANDOM(4, 3) }, { -1 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_tril(NULL, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 3,", cd_tril(cd_zeros(CD_SHAPE(3)), 0));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf",
                    cd_tril_(cd_zeros(CD_SHAPE(2, 2), .requires_grad = true), 0));
}

const op_cases cases_tril = { samples, misuse };
