/* autograd/ops/reshape.c
 *
 *   y = x's elements, row by row, in another shape          dx = dy in x's shape
 *
 * Made of other ops: a view where x's memory allows, else a view of a contiguous copy. cd_flatten
 * is the reshape that joins neighbouring dimensions. */
#include "autograd/ops_internal.h"

cd_tensor *cd_reshape_for(const char *what, cd_tensor *x, cd_shape shape)
{
    int64_t stride[CD_MAX_DIMS];
    if (!cd_check_tensor(x, what, "input") || !cd_infer_shape(what, x, shape, &shape)) return NULL;
    if (cd_view_strides(x, shape, stride)) return cd_view(x, shape);
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_unsafe_view(cd_clone(x), shape));
}

cd_tensor *cd_reshape(cd_tensor *x, cd_shape shape)
{
    return cd_reshape_for("reshape", x, shape);
}

static cd_tensor *to_matrix(cd_tensor *const *in, const double *p)
{
    return cd_reshape(in[0], CD_SHAPE((int64_t)p[0], (int64_t)p[1]));
}

static cd_tensor *of_transposed(cd_tensor *const *in, const double *p)
{
    return cd_reshape(cd_t(in[0]), CD_SHAPE((int64_t)p[0], (int64_t)p[1]));
}

static void samples(cd_samples *s)
{
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(2, 6)) }, { 3, 4 });
    cd_sample(s, to_matrix, { cd_t(cd_randn(CD_SHAPE(2, 6))) }, { 3, -1 });
    cd_sample(s, to_matrix, { cd_randn(CD_SCALAR) }, { 1, 1 });
    cd_sample(s, to_matrix, { cd_transpose(cd_randn(CD_SHAPE(0, 3, 2)), 1, 2) }, { 5, 0 });
    cd_sample(s, to_matrix, { cd_expand(cd_randn(CD_SHAPE(3, 1)), CD_SHAPE(3, 4)) }, { 2, 6 });
    cd_sample(s, to_matrix, { cd_randn(CD_SHAPE(1)) }, { 1, 1 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(4, 3)) }, { 6, 2 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(3, 4)) }, { -1, 12 });
    cd_sample(s, of_transposed, { cd_randn(CD_SHAPE(0, 4)) }, { 2, 0 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_reshape(NULL, CD_SHAPE(1)));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_reshape(x, CD_SHAPE(5, 5)));
    cd_expect_error(s, CD_ERR_SHAPE, "only one", cd_reshape(x, CD_SHAPE(-1, -1)));
}

const cd_op cd_op_reshape = {
    .name = "reshape",
    .like = "torch.reshape(x, shape)",
    .formula = "y = x in another shape; a view where memory allows",
    .gradient = "that of view, or of clone and unsafe_view",
    .dtypes = "all",
    .composed = true,
    .samples = samples,
    .misuse = misuse,
};
