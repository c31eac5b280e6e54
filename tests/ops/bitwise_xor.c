/* Samples and bad calls of bitwise_xor: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bitwise_xor(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_bitwise_xor(in[0], (int)p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_bitwise_xor((int)p[0], in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_bitwise_xor_(cd_clone(in[0]), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample_integers(s, tensors, in_place);
    cd_sample(s, with_number, { cd_arange(6) }, { 3 });
    cd_sample(s, number_first, { cd_arange(6) }, { 5 });
    cd_sample(s, tensors, { cd_gt(cd_arange(4), 1), cd_eq(cd_arange(4), 3) });
    cd_sample(s, in_place, { cd_gt(cd_arange(4), 1), cd_eq(cd_arange(4), 3) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_integers(s, cd_bitwise_xor_with, cd_bitwise_xor_with_);
}

const op_cases cases_bitwise_xor = { samples, misuse };
