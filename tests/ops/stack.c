/* Samples and bad calls of stack: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, and the number of tensors. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_stack((cd_tensors){ in, (int)p[1] }, (int)p[0]);
}

static void samples(cd_samples *s)
{
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 3) }, { 0, 2 });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 3), RANDOM(2, 3) }, { 1, 3 });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 3) }, { -1, 2 });
    cd_sample(s, call, { RANDOM(2, 3), RANDOM(2, 3) }, { -3, 2 });
    cd_sample(s, call, { RANDOM(3) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, { 0, 2 });
    cd_sample(s, call, { RANDOM(2, 0), RANDOM(2, 0) }, { 1, 2 });
    cd_sample(s, call, { RANDOM(1, 1), RANDOM(1, 1) }, { 2, 2 });
    cd_sample(s, call, { RANDOM(3), cd_arange(3) }, { 1, 2 });
    cd_sample(s, call, { RANDOM(2), RANDOM(2), RANDOM(2), RANDOM(2), RANDOM(2), RANDOM(2) },
              { 0, 6 });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), RANDOM(2, 3) }, { 1, 2 });
#undef RANDOM
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *full = cd_zeros(CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "array is NULL", cd_stack((cd_tensors){ NULL, 1 }, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "at least one", cd_stack((cd_tensors){ &x, 0 }, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "tensor 1 is NULL", cd_stack(CD_TENSORS(x, NULL), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 1 has shape 2x1",
                    cd_stack(CD_TENSORS(x, cd_zeros(CD_SHAPE(2, 1))), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 3", cd_stack(CD_TENSORS(x, x), 3));
    cd_expect_error(s, CD_ERR_SHAPE, "8 dimensions", cd_stack(CD_TENSORS(full), 0));
}

const op_cases cases_stack = { samples, misuse };
