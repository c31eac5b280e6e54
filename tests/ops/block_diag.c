/* Samples and bad calls of block_diag: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *one(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_block_diag(CD_TENSORS(in[0]));
}

static cd_tensor *two(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_block_diag(CD_TENSORS(in[0], in[1]));
}

static cd_tensor *three(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_block_diag(CD_TENSORS(in[0], in[1], in[2]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, one, { RANDOM(2, 3) });
    cd_sample(s, one, { cd_randn(CD_SCALAR) });
    cd_sample(s, two, { RANDOM(2, 3), RANDOM(1, 2) });
    cd_sample(s, two, { RANDOM(3), cd_randn(CD_SCALAR) });
    cd_sample(s, two, { RANDOM(0), RANDOM(2, 2) });
    cd_sample(s, two, { RANDOM(0, 3), RANDOM(2, 1) });
    cd_sample(s, two, { cd_t(RANDOM(2, 3)), RANDOM(2) });
    cd_sample(s, two, { cd_arange(3), RANDOM(1, 2) });
    cd_sample(s, two, { cd_arange(3), cd_gt(RANDOM(1, 2), 0) });
    cd_sample(s, three, { RANDOM(1, 2), RANDOM(2, 1), RANDOM(2) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_block_diag(CD_TENSORS(x, NULL)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "block_diag", cd_block_diag((cd_tensors){ .count = 0 }));
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 1 has shape 1x2x3",
                    cd_block_diag(CD_TENSORS(x, cd_zeros(CD_SHAPE(1, 2, 3)))));
    cd_tensor *huge = cd_expand(cd_zeros(CD_SHAPE(1, 1)), CD_SHAPE(1, INT64_MAX / 8));
    cd_tensor *many[9];
    for (int k = 0; k < 9; k++) many[k] = huge;
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_block_diag((cd_tensors){ many, 9 }));
}

const op_cases cases_block_diag = { samples, misuse };
