/* autograd/ops/scatter_add_.c
 *
 *   x[.., index[.., j, ..], ..] += src[.., j, ..] along one dimension, in place
 *
 * Rules and gradient are scatter_add's. index and src may overlap x. */
#include "autograd/indexing_internal.h"

cd_tensor *cd_scatter_add_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src)
{
    cd_call call;
    int along;
    cd_tensor *const inputs[3] = { x, index, src };
    if (!cd_op_begin_in_place(&call, &cd_op_scatter_add_, 3, 3, inputs) ||
        !cd_plain_dim("scatter_add_", x->shape.ndim, dim, &along)) {
        return NULL;
    }
    cd_tensor *at = cd_op_checked_scatter(&call, x, along, index, src);
    cd_tensor *from = src->storage == x->storage ? cd_op_copy(&call, src, src->dtype) : src;
    call.parameters.i[0] = along;
    if (cd_tracks(src)) cd_op_save(&call, index);
    if (at && from && cd_op_before_write(&call)) cd_scatter_into(x, along, at, from);
    return cd_op_end(&call);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_scatter_add_(cd_clone(in[0]), (int)p[0], in[1], in[2]);
}

static cd_tensor *into_transposed(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_scatter_add_(cd_t(cd_clone(in[0])), (int)p[0], in[1], in[2]);
}

static cd_tensor *into_itself(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    cd_tensor *x = cd_clone(in[0]);
    return cd_scatter_add_(x, (int)p[0], in[1], x);
}

static const int64_t places[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

static void samples(cd_samples *s)
{
#define INDEX(...)  cd_from_array(places, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { RANDOM(3), INDEX(5), RANDOM(5) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 6), RANDOM(2, 6) }, { -1 });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(3, 1), RANDOM(4, 2) }, { 0 });
    cd_sample(s, call, { RANDOM(1, 3), INDEX(1, 1), RANDOM(1, 1) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 0), RANDOM(2, 0) }, { 1 });
    cd_sample(s, call, { RANDOM(0, 3), INDEX(0, 2), RANDOM(0, 2) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(2), .dtype = CD_I32), RANDOM(3) });
    cd_sample(s, call, { cd_arange(3), INDEX(4), cd_arange(4) });
    cd_sample(s, into_transposed, { RANDOM(3, 2), INDEX(2, 4), RANDOM(2, 4) }, { 1 },
              .constant = 7);
    cd_sample(s, into_itself, { RANDOM(3, 2), INDEX(3, 2) }, { 0 }, .constant = 1);
#undef INDEX
#undef RANDOM
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 1 is NULL", cd_scatter_add_(NULL, 1, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 3 is NULL", cd_scatter_add_(x, 1, index, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_scatter_add_(x, 2, index, x));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2)",
                    cd_scatter_add_(x, 1, index, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "src is float64",
                    cd_scatter_add_(x, 1, index, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to 2", cd_scatter_add_(x, 1, far, x));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_scatter_add_(leaf, 1, index, x));
}

const cd_op cd_op_scatter_add_ = {
    .name = "scatter_add_",
    .grad_fn = "ScatterAddBackward0",
    .like = "x.scatter_add_(dim, index, src)",
    .formula = "x, with src added in place where the index says, along one dimension",
    .gradient = "dx = dy, dsrc = dy gathered by the index",
    .dtypes = "all; x and src of one, the index int64 or int32",
    .backward = cd_scatter_add_backward,
    .samples = samples,
    .misuse = misuse,
};
