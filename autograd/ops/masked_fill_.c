/* autograd/ops/masked_fill_.c
 *
 *   x = value where the mask is true, in place          x[mask] = value
 *
 * Rules and gradient are masked_fill's, but that the mask broadcasts to x. Mask and value may
 * overlap x. */
#include "autograd/masks_internal.h"

static const cd_op of_tensor = {
    .name = "masked_fill_",
    .grad_fn = "MaskedFillBackward1",
    .backward = cd_masked_fill_backward,
};

cd_tensor *cd_masked_fill_with_(cd_tensor *x, cd_tensor *mask, cd_operand value)
{
    cd_call call;
    cd_shape shape;
    cd_tensor *const inputs[3] = { x, mask, cd_operand_input(value) };
    const cd_op *op = value.kind == CD_OPERAND_TENSOR ? &of_tensor : &cd_op_masked_fill_;
    if (!cd_ok() || !cd_check_tensor(x, "masked_fill_", "x") ||
        !cd_check_tensor(mask, "masked_fill_", "mask") ||
        !cd_check_operand(value, "masked_fill_", "value") ||
        !cd_op_begin_in_place(&call, op, 2, 3, inputs)) {
        return NULL;
    }
    if (!cd_op_check_mask(&call, x, mask, &shape)) return cd_op_end(&call);
    cd_tensor *filling = cd_op_mask_value(&call, x, value);
    cd_tensor *where = mask->storage == x->storage ? cd_op_copy(&call, mask, CD_BOOL) : mask;
    cd_op_save(&call, mask);
    if (filling && where && cd_op_before_write(&call)) {
        cd_map_3(CD_MAP_where, x, where, filling, x, NULL);
    }
    return cd_op_end(&call);
}

/* in[1] is where the mask is true: above 0. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_masked_fill_(cd_clone(in[0]), cd_gt(in[1], 0), p[0]);
}

static cd_tensor *with_tensor(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_fill_(cd_clone(in[0]), cd_gt(in[1], 0), in[2]);
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_masked_fill_(cd_t(cd_clone(in[0])), cd_gt(in[1], 0), p[0]);
}

#define SAMPLE(call_, ...) cd_sample(s, call_, { __VA_ARGS__ }, { 1.5 }, .constant = 2)

static void samples(cd_samples *s)
{
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(call, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(call, cd_randn(CD_SHAPE(4, 2, 3)), cd_randn(CD_SHAPE(2, 1)));
    SAMPLE(call, cd_randn(CD_SHAPE(3)), cd_randn(CD_SCALAR));
    SAMPLE(call, cd_randn(CD_SCALAR), cd_randn(CD_SCALAR));
    SAMPLE(call, cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(call, cd_randn(CD_SHAPE(1, 1)), cd_randn(CD_SHAPE(1)));
    SAMPLE(call, cd_arange(4), cd_randn(CD_SHAPE(4)));
    SAMPLE(with_tensor, cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SCALAR));
    cd_sample(s, in_a_transposed_copy, { cd_randn(CD_SHAPE(3, 2)), cd_randn(CD_SHAPE(2, 3)) },
              { -2 }, .constant = 3);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_masked_fill_(NULL, mask, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mask is NULL", cd_masked_fill_(x, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "value is NULL", cd_masked_fill_(x, mask, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is float32", cd_masked_fill_(x, x, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "in place", cd_masked_fill_(cd_zeros(CD_SHAPE(3)), mask, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "shape 2x3", cd_masked_fill_(x, mask, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300", cd_masked_fill_(cd_to(x, CD_U8), mask, 300));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_masked_fill_(leaf, mask, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "cd_clone",
                    cd_masked_fill_(cd_expand(cd_zeros(CD_SHAPE(3)), CD_SHAPE(2, 3)), mask, 1));
}

const cd_op cd_op_masked_fill_ = {
    .name = "masked_fill_",
    .grad_fn = "MaskedFillBackward0",
    .like = "x.masked_fill_(mask, value), x[mask] = value",
    .formula = "x = value where the mask is true, in place",
    .gradient = "dx = dy, but 0 where the mask is true; dvalue = the sum of dy where it is true",
    .dtypes = "all; the mask is bool",
    .backward = cd_masked_fill_backward,
    .samples = samples,
    .misuse = misuse,
};
