/* Samples and bad calls of nan_to_num: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_nan_to_num(in[0]);
}

static cd_tensor *all(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_nan_to_num(cd_div(in[0], cd_mul(in[0], 0)), .nan = 1, .posinf = 2, .neginf = CD_ZERO);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_nan_to_num_(cd_clone(in[0]), .nan = -1);
}

static cd_tensor *change(cd_tensor *x)
{
    return cd_nan_to_num_(x);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample_unary(s, in_place, false);
    cd_sample(s, all, { cd_arange(3) });
    cd_sample(s, call, { cd_arange(3) });
    cd_sample(s, call, { cd_eq(cd_arange(3), 1) });
    cd_sample(s, in_place, { cd_arange(3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, change);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_nan_to_num(NULL));
}

const op_cases cases_nan_to_num = { samples, misuse };
