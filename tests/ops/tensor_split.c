/* Samples and bad calls of tensor_split: see op_cases.h. */
#include <limits.h>

#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* Part p[2] of x, cut into p[0] parts along p[1]. */
static cd_tensor *part(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_tensor_split(in[0], (int64_t)p[0], (int)p[1]);
    return parts.count > 0 ? parts.tensor[(int)p[2]] : NULL;
}

/* Part p[0] of x, cut along p[1] before indices 2, 1, 9 and -1. */
static cd_tensor *part_at(cd_tensor *const *in, const double *p)
{
    cd_tensors parts = cd_tensor_split_at(in[0], CD_SIZES(2, 1, 9, -1), (int)p[1]);
    return parts.count > 0 ? parts.tensor[(int)p[0]] : NULL;
}

/* Each part has a history of its own, which a change in place continues. */
static cd_tensor *changed(cd_tensor *const *in, const double *p)
{
    (void)p;
    cd_tensor *x = cd_clone(in[0]);
    cd_tensors parts = cd_tensor_split(x, 2, 0);
    return parts.count == 2 && cd_mul_(parts.tensor[0], 3) ? x : NULL;
}

static void samples(cd_samples *s)
{
    cd_sample(s, part, { RANDOM(5, 2) }, { 2, 0, 0 });
    cd_sample(s, part, { RANDOM(5, 2) }, { 3, 0, 2 });
    cd_sample(s, part, { RANDOM(2, 3) }, { 5, -1, 4 });
    cd_sample(s, part, { RANDOM(2, 0) }, { 3, 1, 2 });
    cd_sample(s, part, { cd_t(RANDOM(4, 3)) }, { 2, 1, 1 });
    cd_sample(s, part, { cd_arange(6) }, { 3, 0, 1 });
    for (int k = 0; k < 5; k++) cd_sample(s, part_at, { RANDOM(4, 2) }, { k, 0 });
    cd_sample(s, changed, { RANDOM(5, 2) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3));
    const int64_t zero = 0;
    const cd_sizes absent = { NULL, 2 }, negative = { NULL, -1 }, too_many = { &zero, INT_MAX };
    cd_tensor *huge = cd_expand(cd_zeros(CD_SHAPE(1), .dtype = CD_I64), CD_SHAPE(1LL << 32));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_tensor_split(NULL, 1, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 parts", cd_tensor_split(x, 0, 0).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_tensor_split(x, 1, 2).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_tensor_split(cd_zeros(CD_SCALAR), 1, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_tensor_split_at(NULL, CD_SIZES(1), 0).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_tensor_split_at(x, CD_SIZES(1), 2).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "list of indices", cd_tensor_split_at(x, absent, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "one less", cd_tensor_split_at(x, too_many, 0).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "fewer than 2147483647",
                    cd_tensor_split_by(x, huge, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_tensor_split_by(NULL, x, 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "indices is NULL", cd_tensor_split_by(x, NULL, 0).tensor);
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_tensor_split_by(x, x, 0).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "1x2",
                    cd_tensor_split_by(x, cd_view(cd_arange(2), CD_SHAPE(1, 2)), 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 parts",
                    cd_tensor_split_by(x, cd_select(cd_arange(2), 0, 0), 0).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "list of indices",
                    cd_tensor_split_at(x, negative, 0).tensor);
}

const op_cases cases_tensor_split = { samples, misuse };
