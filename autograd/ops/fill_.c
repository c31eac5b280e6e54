/* autograd/ops/fill_.c
 *
 *   x = value, in place          dx = 0
 *
 * The value is converted to x's dtype, in whose range it must be. Saves nothing. */
#include "autograd/op_internal.h"
#include "core/dtype_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
}

cd_tensor *cd_fill_(cd_tensor *x, double value)
{
    cd_call call;
    cd_tensor *const inputs[1] = { x };
    if (!cd_op_begin_in_place(&call, &cd_op_fill_, 1, 1, inputs)) return NULL;
    if (!cd_dtype_takes(x->dtype, value)) {
        (void)cd_op_fail(&call, CD_ERR_ARGUMENT, "%g is not among the numbers of %s", value,
                         cd_dtype_name(x->dtype));
        return cd_op_end(&call);
    }
    cd_tensor *converted = cd_op_operand(&call, cd_operand_double(value), x->dtype);
    if (converted && cd_op_before_write(&call)) {
        cd_map_0(CD_MAP_fill, x, cd_tensor_data(converted));
    }
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_fill_(cd_clone(in[0]), p[0]);
}

static cd_tensor *in_a_transposed_copy(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_fill_(cd_t(cd_clone(in[0])), p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 1.5 });
    cd_sample(s, call, { cd_arange(3) }, { -2.5 });
    cd_sample(s, in_a_transposed_copy, { cd_full(CD_SHAPE(2, 3), 1, .dtype = CD_I32) }, { 7 });
}

static void misuse(cd_samples *s)
{
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_fill_(NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "int64", cd_fill_(cd_arange(2), NAN));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300", cd_fill_(cd_zeros(CD_SCALAR, .dtype = CD_U8), 300));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_fill_(leaf, 1));
}

const cd_op cd_op_fill_ = {
    .name = "fill_",
    .grad_fn = "FillBackward2",
    .like = "x.fill_(value)",
    .formula = "x = value, in place",
    .gradient = "dx = 0",
    .dtypes = "all",
    .overwrites = true,
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
