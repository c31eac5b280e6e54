/* Samples and bad calls of polygamma: see op_cases.h. */
#include <limits.h>

#include "op_cases.h"

static cd_tensor *first(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_polygamma(1, in[0]);
}

static cd_tensor *third(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_polygamma(3, in[0]);
}

static cd_tensor *none(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_polygamma(0, in[0]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_polygamma_(cd_clone(in[0]), 2);
}

static cd_tensor *second_in_place(cd_tensor *x)
{
    return cd_polygamma_(x, 2);
}

static void samples(cd_samples *s)
{
    cd_sample_unary_in(s, first, cd_domain_above_one);
    cd_sample(s, third, { cd_domain_above_one(cd_randn(CD_SHAPE(2, 3))) });
    cd_sample(s, none, { cd_domain_above_one(cd_randn(CD_SHAPE(2, 3))) });
    cd_sample_unary_in(s, in_place, cd_domain_above_one);
    cd_sample(s, first, { cd_add(cd_arange(3), 1) });
}

static void misuse(cd_samples *s)
{
    cd_misuse_in_place(s, second_in_place);
    cd_expect_error(s, CD_ERR_DTYPE, "in place, is int64", cd_polygamma_(cd_arange(3), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1", cd_polygamma(-1, cd_ones(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "as large", cd_polygamma(INT_MAX, cd_ones(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_polygamma(1, NULL));
}

const op_cases cases_polygamma = { samples, misuse };
