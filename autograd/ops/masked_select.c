/* autograd/ops/masked_select.c
 *
 *   y = the elements of x where the mask is true, row by row          y = x[mask]
 *   dx = zeros, with dy where the mask is true
 *
 * x and the mask, which is bool, broadcast; y is a vector. Saves the mask. */
#include "autograd/masks_internal.h"
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *zeros = cd_zeros(cd_input_shape(node, 0), .dtype = dy[0]->dtype);
    dx[0] = cd_masked_scatter(zeros, cd_saved_value(node, 0), dy[0]);
}

cd_tensor *cd_masked_select(cd_tensor *x, cd_tensor *mask)
{
    cd_call call;
    cd_shape shape;
    if (!cd_op_begin(&call, &cd_op_masked_select, x, mask)) return NULL;
    if (!cd_op_check_mask(&call, x, mask, &shape)) return cd_op_end(&call);
    cd_tensor *from = cd_op_stretch(&call, x, shape), *where = cd_op_stretch(&call, mask, shape);
    if (!from || !where) return cd_op_end(&call);
    const uint8_t *chosen = (const uint8_t *)cd_tensor_data(where);
    int64_t count = cd_cpu_mask_count(chosen, where->numel);
    cd_tensor *y = cd_op_output(&call, x->dtype, CD_SHAPE(count));
    if (y) cd_cpu_masked_select(y->dtype, chosen, count, cd_tensor_data(from), cd_tensor_data(y));
    cd_op_save(&call, mask);
    return cd_op_end(&call);
}

/* in[1] is where the mask is true: above 0. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_masked_select(in[0], cd_gt(in[1], 0));
}

#define SAMPLE(...) cd_sample(s, call, { __VA_ARGS__ }, .constant = 2)

static void samples(cd_samples *s)
{
    SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SHAPE(2, 1)), cd_randn(CD_SHAPE(4, 1, 3)));
    SAMPLE(cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SHAPE(3)), cd_ones(CD_SCALAR));
    SAMPLE(cd_randn(CD_SHAPE(3)), cd_zeros(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SCALAR), cd_ones(CD_SCALAR));
    SAMPLE(cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(3)));
    SAMPLE(cd_randn(CD_SHAPE(1, 1)), cd_ones(CD_SHAPE(1)));
    SAMPLE(cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)));
    SAMPLE(cd_to(cd_arange(4), CD_U8), cd_randn(CD_SHAPE(4)));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mask = cd_eq(x, 0);
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 1 is NULL", cd_masked_select(NULL, mask));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 2 is NULL", cd_masked_select(x, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is int64", cd_masked_select(x, cd_to(mask, CD_I64)));
    cd_expect_error(s, CD_ERR_SHAPE, "mask (2x3)", cd_masked_select(cd_arange(2), mask));
}

const cd_op cd_op_masked_select = {
    .name = "masked_select",
    .grad_fn = "MaskedSelectBackward0",
    .like = "torch.masked_select(x, mask), x[mask]",
    .formula = "y = the elements of x where the mask is true, row by row",
    .gradient = "dx = zeros, with dy where the mask is true",
    .dtypes = "all; the mask is bool",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
