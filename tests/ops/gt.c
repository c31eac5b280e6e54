/* Samples and bad calls of gt: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_gt(in[0], in[1]);
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_gt(in[0], p[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_gt_(cd_clone(in[0]), in[1]);
}

static cd_tensor *number_in_place(cd_tensor *const *in, const double *p)
{
    return cd_gt_(cd_clone(in[0]), p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_compare(s, tensors, with_number);
    cd_sample_compare_in_place(s, in_place, number_in_place);
}

static void misuse(cd_samples *s)
{
    cd_misuse_compare(s, cd_gt_with);
    cd_misuse_compare_in_place(s, cd_gt_with_);
}

const op_cases cases_gt = { samples, misuse };
