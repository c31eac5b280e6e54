/* Samples and bad calls of unfold_dim: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: dimension, size and step. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_unfold_dim(in[0], (int)p[0], (int64_t)p[1], (int64_t)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(5) }, { 0, 3, 1 });
    cd_sample(s, call, { RANDOM(3, 7) }, { 1, 2, 3 });
    cd_sample(s, call, { RANDOM(4, 3) }, { 0, 2, 2 });
    cd_sample(s, call, { RANDOM(2, 5, 2) }, { -2, 2, 1 });
    cd_sample(s, call, { RANDOM(3, 2) }, { 1, 0, 1 });
    cd_sample(s, call, { RANDOM(3, 2) }, { 1, 2, 1000 });
    cd_sample(s, call, { RANDOM(0, 3) }, { 1, 2, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { 0, 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(3, 4)) }, { 0, 2, 1 });
    cd_sample(s, call, { cd_arange(6) }, { 0, 2, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_unfold_dim(NULL, 0, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_unfold_dim(x, 2, 1, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "size 4 do not fit into dimension 1 of x (2x3)",
                    cd_unfold_dim(x, 1, 4, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "size -1", cd_unfold_dim(x, 1, -1, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "step is 0", cd_unfold_dim(x, 1, 1, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "at most 8",
                    cd_unfold_dim(cd_zeros(CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1)), 0, 1, 1));
}

const op_cases cases_unfold_dim = { samples, misuse };
