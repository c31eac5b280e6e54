/* autograd/ops/copy_.c
 *
 *   x = y, in place          dy = dx, dx = 0
 *
 * y is broadcast to x's shape and converted to its dtype, and may overlap x. Saves nothing. */
#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    if (cd_wanted(node, 0)) dx[0] = cd_zeros(dy[0]->shape, .dtype = dy[0]->dtype);
    if (cd_wanted(node, 1)) dx[1] = dy[0];
}

cd_tensor *cd_copy_(cd_tensor *x, cd_tensor *y)
{
    cd_call call;
    cd_shape meet;
    cd_tensor *const inputs[2] = { x, y };
    if (!cd_op_begin_in_place(&call, &cd_op_copy_, 2, 2, inputs)) return NULL;
    if (!cd_shape_broadcast(x->shape, y->shape, &meet) || !cd_shape_equal(meet, x->shape)) {
        char text_x[CD_SHAPE_TEXT], text_y[CD_SHAPE_TEXT];
        (void)cd_op_fail(&call, CD_ERR_SHAPE, "y (%s) does not broadcast to x (%s)",
                         cd_shape_text(y->shape, text_y), cd_shape_text(x->shape, text_x));
        return cd_op_end(&call);
    }
    cd_tensor *from = y->storage == x->storage ? cd_op_copy(&call, y, y->dtype) : y;
    if (from && cd_op_before_write(&call)) cd_map_convert(x, from);
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_copy_(cd_clone(in[0]), in[1]);
}

/* The result is x itself, of which only a part is written. */
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
    cd_sample(s, call, { cd_arange(3), cd_full(CD_SHAPE(3), 2.5) }, .constant = 2);
    cd_sample(s, into_transposed,
              { cd_full(CD_SHAPE(2, 3), 1, .dtype = CD_I32),
                cd_full(CD_SHAPE(3, 2), 7, .dtype = CD_I32) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_copy_(NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 2 is NULL", cd_copy_(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_copy_(x, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_SHAPE, "4x2x3", cd_copy_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_copy_(leaf, cd_zeros(CD_SHAPE(2))));
}

const cd_op cd_op_copy_ = {
    .name = "copy_",
    .grad_fn = "CopyBackwards",
    .like = "x.copy_(y)",
    .formula = "x = y, in place, broadcast and converted",
    .gradient = "dy = dx, and 0 for what x was before",
    .dtypes = "all",
    .overwrites = true,
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
