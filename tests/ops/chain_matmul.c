/* Samples and bad calls of chain_matmul: see op_cases.h. */
#define PRODUCT cd_chain_matmul
#include "ops/matrix_chains.h"

static cd_tensor *one(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_chain_matmul(CD_TENSORS(in[0]));
}

static void samples(cd_samples *s)
{
    sample_matrices(s);
    cd_sample(s, one, { RANDOM(2, 3) });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "multi_dot", NULL };
    s->names = names;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "no tensor", cd_chain_matmul((cd_tensors){ NULL, 2 }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_chain_matmul(CD_TENSORS(x, NULL)));
    cd_expect_error(s, CD_ERR_SHAPE, "tensors 0 (2x3) and 1 (2x3) cannot be multiplied",
                    cd_chain_matmul(CD_TENSORS(x, x)));
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 1 has shape 3, and must be a matrix",
                    cd_chain_matmul(CD_TENSORS(x, cd_zeros(CD_SHAPE(3)))));
}

const op_cases cases_chain_matmul = { samples, misuse };
