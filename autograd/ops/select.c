/* autograd/ops/select.c
 *
 *   y = x at one index of dimension dim, without dim          dx = dy there, 0 elsewhere
 *
 * A view; a negative index counts from the back. Keeps dim and index in i[0..1]. */
#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int64_t *i = node->parameters.i;
    dx[0] = cd_select_backward(dy[0], cd_input_shape(node, 0), (int)i[0], i[1]);
}

static bool place(const char *what, const cd_tensor *x, int dim, int *plain, int64_t *index)
{
    char text[CD_SHAPE_TEXT];
    if (x->shape.ndim == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: a scalar has no dimension to select from", what);
    }
    if (!cd_plain_dim(what, x->shape.ndim, dim, plain)) return false;
    int64_t size = x->shape.dim[*plain];
    if (*index < -size || *index >= size) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: index %lld is out of range for dimension %d of a tensor of shape %s "
                       "(size %lld)",
                       what, (long long)*index, *plain, cd_shape_text(x->shape, text),
                       (long long)size);
    }
    if (*index < 0) *index += size;
    return true;
}

cd_tensor *cd_select_for(const char *what, cd_tensor *x, int dim, int64_t index)
{
    cd_call call;
    int plain = 0;
    if (!cd_check_tensor(x, what, "input") || !place(what, x, dim, &plain, &index)) return NULL;
    if (!cd_op_begin(&call, &cd_op_select, x)) return NULL;
    cd_shape shape = { .ndim = 0 };
    int64_t stride[CD_MAX_DIMS];
    for (int i = 0; i < x->shape.ndim; i++) {
        if (i == plain) continue;
        stride[shape.ndim] = x->stride[i];
        shape.dim[shape.ndim++] = x->shape.dim[i];
    }
    call.parameters.i[0] = plain;
    call.parameters.i[1] = index;
    (void)cd_op_output_view(&call, x, shape, stride, x->offset + index * x->stride[plain]);
    return cd_op_end(&call);
}

cd_tensor *cd_select(cd_tensor *x, int dim, int64_t index)
{
    return cd_select_for("select", x, dim, index);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_select(in[0], (int)p[0], (int64_t)p[1]);
}

static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    return cd_select(cd_select(in[0], 0, (int64_t)p[0]), 0, (int64_t)p[1]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 1, -1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)) }, { -2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { 0, -3 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 0, 1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 4))) }, { 0, 2 });
    cd_sample(s, twice, { cd_randn(CD_SHAPE(3, 4)) }, { 1, -2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_select(NULL, 0, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "index 4", cd_select(x, 0, 4));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_select(x, 1, -7));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_select(x, 2, 0));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_select(cd_zeros(CD_SCALAR), 0, 0));
}

const cd_op cd_op_select = {
    .name = "select",
    .grad_fn = "SelectBackward0",
    .like = "torch.select(x, dim, index)",
    .formula = "y = x at one index of a dimension; a view",
    .gradient = "dx = dy there, 0 elsewhere",
    .dtypes = "all",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
