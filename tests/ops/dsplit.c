/* Samples and bad calls of dsplit: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* Part p[1] of x, cut into p[0] parts. */
static cd_tensor *part(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_dsplit(in[0], (int64_t)p[0]);
    return parts.count > 0 ? parts.tensor[(int)p[1]] : NULL;
}

/* Part p[0] of x, cut before index 1. */
static cd_tensor *part_at(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_dsplit_at(in[0], CD_SIZES(1));
    return parts.count > 0 ? parts.tensor[(int)p[0]] : NULL;
}

static void samples(cd_samples *s)
{
    cd_sample(s, part, { RANDOM(1, 2, 4) }, { 2, 0 });
    cd_sample(s, part, { RANDOM(1, 2, 4) }, { 4, 3 });
    cd_sample(s, part, { RANDOM(2, 1, 2) }, { 2, 1 });
    cd_sample(s, part, { RANDOM(2, 1, 4, 2) }, { 2, 1 });
    cd_sample(s, part, { cd_eq(RANDOM(1, 2, 4), 0) }, { 2, 0 });
    cd_sample(s, part_at, { RANDOM(1, 2, 4) }, { 0 });
    cd_sample(s, part_at, { RANDOM(2, 1, 2) }, { 1 });
    cd_sample(s, part_at, { RANDOM(2, 1, 4, 2) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *low = cd_zeros(CD_SHAPE(4, 2)), *x = cd_zeros(CD_SHAPE(2, 2, 3));
    const cd_sizes absent = { NULL, 2 };
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_dsplit(NULL, 1).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_dsplit_at(NULL, CD_SIZES(1)).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 parts", cd_dsplit(x, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 parts", cd_dsplit(x, -1).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2 of x (2x2x3)", cd_dsplit(x, 2).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "3 dimensions", cd_dsplit(low, 1).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "3 dimensions", cd_dsplit_at(low, CD_SIZES(1)).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "list of indices", cd_dsplit_at(x, absent).tensor);
}

const op_cases cases_dsplit = { samples, misuse };
