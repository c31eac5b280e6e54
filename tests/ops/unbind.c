/* Samples and bad calls of unbind: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* x at index p[1] of dimension p[0]. */
static cd_tensor *part(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_unbind(in[0], (int)p[0]);
    return parts.count > 0 ? parts.tensor[(int)p[1]] : NULL;
}

/* The product of the first two; the others have no gradient. */
static cd_tensor *product(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_unbind(in[0], (int)p[0]);
    return parts.count > 1 ? cd_mul(parts.tensor[0], parts.tensor[1]) : NULL;
}

static void samples(cd_samples *s)
{
    cd_sample(s, part, { RANDOM(5, 2) }, { 0, 4 });
    cd_sample(s, part, { RANDOM(2, 3, 2) }, { 1, 2 });
    cd_sample(s, part, { RANDOM(2, 3) }, { -1, 0 });
    cd_sample(s, part, { RANDOM(2, 0) }, { 0, 1 });
    cd_sample(s, part, { RANDOM(1) }, { 0, 0 });
    cd_sample(s, part, { cd_t(RANDOM(4, 3)) }, { 1, 3 });
    cd_sample(s, part, { cd_arange(6) }, { 0, 1 });
    cd_sample(s, product, { RANDOM(4, 2) }, { 0 });
    cd_sample(s, product, { RANDOM(3, 6) }, { -1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_unbind(NULL, 0).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_unbind(x, 2).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_unbind(cd_zeros(CD_SCALAR), 0).tensor);
}

const op_cases cases_unbind = { samples, misuse };
