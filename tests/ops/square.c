/* Samples and bad calls of square: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_square(in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_square_(cd_clone(in[0]));
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
    cd_sample(s, call, { cd_arange(3) });
    cd_sample(s, call, { cd_eq(cd_arange(3), 1) });
    cd_sample(s, in_place, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "square_", NULL };
    s->names = names;
    cd_misuse_in_place(s, cd_square_);
    cd_expect_error(s, CD_ERR_DTYPE, "in place, is bool", cd_square_(cd_eq(cd_arange(3), 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_square(NULL));
}

const op_cases cases_square = { samples, misuse };
