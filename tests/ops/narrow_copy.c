/* Samples and bad calls of narrow_copy: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_narrow_copy(in[0], (int)p[0], (int64_t)p[1], (int64_t)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(5) }, { 0, 1, 3 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 1, 0, 2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { -1, -2, 2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { 0, 1, 0 });
    cd_sample(s, call, { RANDOM(0, 3) }, { 1, 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) }, { 0, 1, 2 });
    cd_sample(s, call, { RANDOM(1) }, { 0, 0, 1 });
    cd_sample(s, call, { cd_arange(5) }, { 0, 2, 2 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "narrow", NULL };
    s->names = names;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_narrow_copy(NULL, 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "length 4", cd_narrow_copy(x, 1, 0, 4));
}

const op_cases cases_narrow_copy = { samples, misuse };
