/* Samples of chains of matrices for multi_dot and chain_matmul: PRODUCT is one of them. Included by
 * each of their files. */
#ifndef CANDELA_TESTS_OPS_MATRIX_CHAINS_H
#define CANDELA_TESTS_OPS_MATRIX_CHAINS_H

#include "op_cases.h"

#include "autograd/product_ops.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static cd_tensor *two(cd_tensor *const *in, const double *p)
{
    (void)p;
    return PRODUCT(CD_TENSORS(in[0], in[1]));
}

static cd_tensor *three(cd_tensor *const *in, const double *p)
{
    (void)p;
    return PRODUCT(CD_TENSORS(in[0], in[1], in[2]));
}

static cd_tensor *five(cd_tensor *const *in, const double *p)
{
    (void)p;
    return PRODUCT(CD_TENSORS(in[0], in[1], in[2], in[3], in[4]));
}

static void sample_matrices(cd_samples *s)
{
    cd_sample(s, two, { RANDOM(2, 3), RANDOM(3, 4) });
    cd_sample(s, three, { RANDOM(1, 3), RANDOM(3, 2), RANDOM(2, 4) });
    cd_sample(s, three, { RANDOM(4, 3), RANDOM(3, 2), RANDOM(2, 1) });
    cd_sample(s, three, { RANDOM(2, 0), RANDOM(0, 3), RANDOM(3, 2) });
    cd_sample(s, five, { RANDOM(3, 2), RANDOM(2, 4), RANDOM(4, 1), RANDOM(1, 3), RANDOM(3, 2) });
    cd_sample(s, five,
              { RANDOM(1, 3), RANDOM(3, 2), RANDOM(2, 2), cd_t(RANDOM(4, 2)), RANDOM(4, 1) });
    cd_sample(s, two, { cd_view(cd_arange(4), CD_SHAPE(2, 2)), cd_eye(2, .dtype = CD_I64) });
}

#endif
