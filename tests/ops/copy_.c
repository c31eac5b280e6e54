/* Samples and bad calls of copy_: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_copy_(cd_clone(in[0]), in[1]);
}

/* Into a tensor that is not contiguous. */
static cd_tensor *into_transposed(cd_tensor *const *in, const double *p)
{
    (void)p;
    CD_NO_GRAD();
    return cd_copy_(cd_t(cd_clone(in[0])), in[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_t(cd_randn(CD_SHAPE(3, 2))) });
    cd_sample(s, call, { cd_arange(3), cd_full(CD_SHAPE(3), 2.5) }, .constant = CD_SET(1));
    cd_sample(s, into_transposed,
              { cd_full(CD_SHAPE(2, 3), 1, .dtype = CD_I32),
                cd_full(CD_SHAPE(3, 2), 7, .dtype = CD_I32) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_copy_(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "y is NULL", cd_copy_(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_copy_(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_copy_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_copy_(leaf, cd_zeros(CD_SHAPE(2))));
}

const op_cases cases_copy_ = { samples, misuse };
