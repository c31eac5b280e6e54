/* Samples and bad calls of hsplit: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* Part p[1] of x, cut into p[0] parts. */
static cd_tensor *part(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_hsplit(in[0], (int64_t)p[0]);
    return parts.count > 0 ? parts.tensor[(int)p[1]] : NULL;
}

/* Part p[0] of x, cut before index 1. */
static cd_tensor *part_at(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_hsplit_at(in[0], CD_SIZES(1));
    return parts.count > 0 ? parts.tensor[(int)p[0]] : NULL;
}

static void samples(cd_samples *s)
{
    cd_sample(s, part, { RANDOM(2, 4) }, { 2, 0 });
    cd_sample(s, part, { RANDOM(2, 4) }, { 4, 3 });
    cd_sample(s, part, { RANDOM(6) }, { 2, 1 });
    cd_sample(s, part, { RANDOM(3, 2, 2) }, { 2, 1 });
    cd_sample(s, part, { cd_eq(RANDOM(2, 4), 0) }, { 2, 0 });
    cd_sample(s, part_at, { RANDOM(2, 4) }, { 0 });
    cd_sample(s, part_at, { RANDOM(6) }, { 1 });
    cd_sample(s, part_at, { RANDOM(3, 2, 2) }, { 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *low = cd_zeros(CD_SCALAR), *x = cd_zeros(CD_SHAPE(4, 3));
    const cd_sizes absent = { NULL, 2 };
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_hsplit(NULL, 1).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_hsplit_at(NULL, CD_SIZES(1)).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 parts", cd_hsplit(x, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "-1 parts", cd_hsplit(x, -1).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1 of x (4x3)", cd_hsplit(x, 2).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "1 dimensions", cd_hsplit(low, 1).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "1 dimensions", cd_hsplit_at(low, CD_SIZES(1)).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "list of indices", cd_hsplit_at(x, absent).tensor);
}

const op_cases cases_hsplit = { samples, misuse };
