/* Samples and bad calls of fliplr and flipud: FLIP is one of them, which needs LEAST, a text, and
 * which a tensor of shape SMALLER lacks. Included by each of their files. */
#ifndef CANDELA_TESTS_OPS_FLIPS_H
#define CANDELA_TESTS_OPS_FLIPS_H

#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return FLIP(in[0]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    CD_SCOPE();
    cd_sample(s, call, { R(2, 3) });
    cd_sample(s, call, { R(3, 1) });
    cd_sample(s, call, { R(1, 4) });
    cd_sample(s, call, { R(2, 3, 2) });
    cd_sample(s, call, { R(0, 2) });
    cd_sample(s, call, { R(2, 0) });
    cd_sample(s, call, { cd_t(R(2, 3)) });
    cd_sample(s, call, { cd_view(cd_arange(6), CD_SHAPE(2, 3)) });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", FLIP(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, LEAST " dimensions or more", FLIP(cd_zeros(SMALLER)));
}

#endif
