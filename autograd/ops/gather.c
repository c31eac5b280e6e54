/* autograd/ops/gather.c
 *
 *   y[.., j, ..] = x[.., index[.., j, ..], ..] along one dimension
 *   dx = zeros, with dy added where its elements came from
 *
 * index is int64 with x's dimensions and x's sizes but along that one. Saves index. */
#include "core/cpu/gather_internal.h"

#include "autograd/op_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *index = cd_saved_value(node, 0);
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    dx[0] = cd_gather_backward(dy[0], (int)node->parameters.i[0], index, shape);
}

/* --- the gradient, an op itself: its own gradient is to gather -------------------------------- */

static void backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_gather(dy[0], (int)node->parameters.i[0], cd_saved_value(node, 0));
}

static const cd_op gather_backward_op = {
    .name = "gather_backward",
    .grad_fn = "ScatterAddBackward0",
    .like = "torch.zeros(shape).scatter_add(dim, index, dy)",
    .formula = "dx = zeros, with dy added where its elements came from",
    .gradient = "ddy = ddx gathered",
    .dtypes = "floating",
    .backward = backward_backward,
};

cd_tensor *cd_gather_backward(cd_tensor *dy, int dim, cd_tensor *index, cd_shape shape)
{
    cd_call call;
    if (!cd_op_begin(&call, &gather_backward_op, dy, index)) return NULL;
    cd_tensor *from = cd_op_contiguous(&call, dy), *at = cd_op_contiguous(&call, index);
    cd_tensor *dx = cd_op_output(&call, dy->dtype, shape);
    if (dx) {
        cd_lanes x = cd_lanes_of(shape, dim), y = cd_lanes_of(index->shape, dim);
        cd_cpu_scatter_add(dy->dtype, x.outer, x.n, x.inner, y.n, cd_tensor_data(from),
                           (const int64_t *)(const void *)cd_tensor_data(at), cd_tensor_data(dx));
    }
    call.parameters.i[0] = dim;
    cd_op_save(&call, index);
    return cd_op_end(&call);
}

/* --- the op ----------------------------------------------------------------------------------- */

static bool check_shapes(cd_call *call, const cd_tensor *x, int dim, const cd_tensor *index)
{
    if (index->dtype != CD_I64) {
        return cd_op_fail(call, CD_ERR_DTYPE, "the index is %s, and must be int64",
                          cd_dtype_name(index->dtype));
    }
    bool fits = index->shape.ndim == x->shape.ndim;
    for (int i = 0; i < x->shape.ndim && fits; i++) {
        fits = i == dim || index->shape.dim[i] == x->shape.dim[i];
    }
    char text_x[CD_SHAPE_TEXT], text_index[CD_SHAPE_TEXT];
    return fits || cd_op_fail(call, CD_ERR_SHAPE,
                              "the index (%s) must have x's shape (%s) but along dimension %d",
                              cd_shape_text(index->shape, text_index),
                              cd_shape_text(x->shape, text_x), dim);
}

static bool check_range(cd_call *call, const int64_t *index, int64_t count, int64_t n)
{
    for (int64_t i = 0; i < count; i++) {
        if (index[i] >= 0 && index[i] < n) continue;
        return cd_op_fail(
            call, CD_ERR_ARGUMENT,
            "index %lld (at place %lld) is out of bounds: the dimension has size %lld",
            (long long)index[i], (long long)i, (long long)n);
    }
    return true;
}

cd_tensor *cd_gather(cd_tensor *x, int dim, cd_tensor *index)
{
    cd_call call;
    int along;
    if (!cd_op_begin(&call, &cd_op_gather, x, index) ||
        !cd_plain_dim("gather", x->shape.ndim, dim, &along)) {
        return NULL;
    }
    if (!check_shapes(&call, x, along, index)) return cd_op_end(&call);
    cd_lanes from = cd_lanes_of(x->shape, along), to = cd_lanes_of(index->shape, along);
    cd_tensor *whole = cd_op_contiguous(&call, x), *at = cd_op_contiguous(&call, index);
    if (!at) return cd_op_end(&call);
    const int64_t *places = (const int64_t *)(const void *)cd_tensor_data(at);
    if (!check_range(&call, places, index->numel, from.n)) return cd_op_end(&call);
    cd_tensor *y = cd_op_output(&call, x->dtype, index->shape);
    if (y) {
        cd_cpu_gather(x->dtype, from.outer, from.n, from.inner, to.n, cd_tensor_data(whole), places,
                      cd_tensor_data(y));
    }
    call.parameters.i[0] = along;
    cd_op_save(&call, index);
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_gather(in[0], (int)p[0], in[1]);
}

static const int64_t places[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

static void samples(cd_samples *s)
{
#define INDEX(...) cd_from_array(places, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)), INDEX(5) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), INDEX(2, 1) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2)), INDEX(4, 2) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 2)), INDEX(2, 3, 2) }, { -2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), INDEX(2, 0) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), INDEX(0, 2) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SCALAR, .dtype = CD_I64) }, { 0 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_t(INDEX(4, 2)) }, { 1 });
    cd_sample(s, call, { cd_eq(cd_arange(3), 1), INDEX(4) }, { 0 });
#undef INDEX
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_gather(x, 1, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_gather(x, 2, index));
    cd_expect_error(s, CD_ERR_SHAPE, "2x1", cd_gather(x, 0, index));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_gather(x, 1, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3", cd_gather(x, 1, far));
}

const cd_op cd_op_gather = {
    .name = "gather",
    .grad_fn = "GatherBackward0",
    .like = "torch.gather(x, dim, index)",
    .formula = "y = the elements of x that the index names, along one dimension",
    .gradient = "dx = zeros, with dy added where its elements came from",
    .dtypes = "all; the index is int64",
    .backward = backward,
    .samples = samples,
    .misuse = misuse,
};
