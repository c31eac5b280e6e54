/* Samples and bad calls of chunk: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* Part p[2] of x, cut into p[0] parts along p[1]. */
static cd_tensor *part(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_chunk(in[0], (int64_t)p[0], (int)p[1]);
    return parts.count > 0 ? parts.tensor[(int)p[2]] : NULL;
}

static cd_tensor *product(cd_tensor *const *in, const double *p)
{
    cd_tensor *a, *b;
    if (!cd_unpack(cd_chunk(in[0], 2, (int)p[0]), &a, &b)) return NULL;
    return cd_mul(a, b);
}

static void samples(cd_samples *s)
{
    cd_sample(s, part, { RANDOM(5, 2) }, { 2, 0, 1 });
    cd_sample(s, part, { RANDOM(5, 2) }, { 4, 0, 2 });
    cd_sample(s, part, { RANDOM(2, 3) }, { 9, -1, 2 });
    cd_sample(s, part, { RANDOM(2, 0) }, { 3, 1, 2 });
    cd_sample(s, part, { cd_t(RANDOM(4, 3)) }, { 2, 1, 1 });
    cd_sample(s, part, { cd_arange(6) }, { 3, 0, 1 });
    cd_sample(s, product, { RANDOM(4, 2) }, { 0 });
    cd_sample(s, product, { RANDOM(3, 6) }, { -1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_chunk(NULL, 1, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 parts", cd_chunk(x, 0, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "-2 parts", cd_chunk(x, -2, 0).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_chunk(x, 1, 2).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_chunk(cd_zeros(CD_SCALAR), 1, 0).tensor);
}

const op_cases cases_chunk = { samples, misuse };
