/* cosine_similarity: the cosine of the angle between vectors along a dimension. Made of other ops.
 *
 * As in PyTorch each operand is divided by its own norm first, which neither overflows nor
 * underflows as the product of the norms would. A norm below eps counts as eps, but has the
 * gradient of the norm. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/distance_ops.h"
#include "autograd/ops_internal.h"

/* Whether both broadcast, and in which floating dtype. False with an error. */
static bool check(const cd_cosine_similarity_options *o, cd_shape *shape, cd_dtype *dtype)
{
    const char *name = "cosine_similarity";
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o->x1, name, "x1") || !cd_check_tensor(o->x2, name, "x2") ||
        !cd_check_same_device(name, "x1", o->x1, "x2", o->x2)) {
        return false;
    }
    const cd_operand both[2] = { cd_operand_tensor(o->x1), cd_operand_tensor(o->x2) };
    *dtype = cd_result_type(both, 2);
    if (!cd_dtype_is_floating(*dtype)) {
        return cd_fail(CD_ERR_DTYPE, "%s: x1 and x2 are promoted to %s, which must be floating",
                       name, cd_dtype_name(*dtype));
    }
    if (!cd_shape_broadcast(o->x1->shape, o->x2->shape, shape)) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: x1 (%s) and x2 (%s) do not broadcast: aligned at the last dimension, "
                       "sizes must be equal or 1",
                       name, cd_sizes_text(&o->x1->shape, left),
                       cd_sizes_text(&o->x2->shape, right));
    }
    return true;
}

/* x in this shape, divided by its norm. */
static cd_tensor *unit(cd_tensor *x, cd_shape shape, cd_dtype dtype, cd_dims dims, double eps)
{
    x = cd_expand(cd_dtype_is_floating(x->dtype) ? x : cd_to(x, dtype), shape);
    cd_tensor *norm = cd_clone(cd_norm(x, .dims = dims, .keepdim = true));
    {
        CD_NO_GRAD();
        norm = cd_clamp_min_(norm, eps);
    }
    return cd_div(x, norm);
}

cd_tensor *cd_cosine_similarity_with(cd_cosine_similarity_options o)
{
    CD_CALLED("cosine_similarity");
    cd_shape shape;
    cd_dtype dtype;
    int dim = 0;
    if (!check(&o, &shape, &dtype)) return NULL;
    if (o.dims.count == 0) o.dims = CD_DIMS(1);
    if (o.dims.count != 1) {
        (void)cd_fail(CD_ERR_ARGUMENT, "cosine_similarity: %d dimensions, and it must be one",
                      o.dims.count);
        return NULL;
    }
    if (!cd_wrap_dim("cosine_similarity", shape.ndim, o.dims.dim[0], &dim)) return NULL;
    const double eps = cd_option_or(o.eps, 1e-8);
    cd_scope scope = cd_scope_begin();
    cd_tensor *a = unit(o.x1, shape, dtype, o.dims, eps);
    cd_tensor *b = unit(o.x2, shape, dtype, o.dims, eps);
    return cd_ops_end(scope, cd_sum(cd_mul(a, b), .dims = o.dims));
}

const cd_op cd_op_cosine_similarity = {
    .name = "cosine_similarity",
    .like = "torch.nn.functional.cosine_similarity(x1, x2, dim, eps)",
    .formula = "y = sum of x1 / max(|x1|, eps) times x2 / max(|x2|, eps)",
    .gradient = "that of norm, div, mul and sum",
    .dtypes = "floating; integers beside floating ones",
    .composed = true,
};
