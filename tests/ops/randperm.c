/* Samples and bad calls of randperm: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    cd_generator *g = cd_generator_new(3);
    return g ? cd_randperm((int64_t)p[0], .generator = g) : NULL;
}

static void samples(cd_samples *s)
{
    static const int64_t sizes[] = { 0, 1, 2, 3, 10, 100, 623, 5000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        cd_sample(s, call, { NULL }, { (double)sizes[i] });
    }
}

static void misuse(cd_samples *s)
{
    cd_generator *wrong = (cd_generator *)(void *)cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "no permutation of -1 numbers", cd_randperm(-1));
    cd_expect_error(s, CD_ERR_SHAPE, "9223372036854775807", cd_randperm(INT64_MAX));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator", cd_randperm(3, .generator = wrong));
}

const op_cases cases_randperm = { samples, misuse };
