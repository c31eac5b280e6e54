/* What the largest and the smallest share: of everything or along one dimension, the value or where
 * it is. The kernel says which of the two it is. */
#include "autograd/extremes_internal.h"

bool cd_op_check_extremes(cd_old_call *call, const cd_tensor *x, unsigned reduced)
{
    char text[CD_SHAPE_TEXT];
    for (int i = 0; i < x->shape.ndim; i++) {
        if (!(reduced >> i & 1) || x->shape.dim[i] > 0) continue;
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "dimension %d of x (%s) is empty, and of nothing there is no largest or "
                          "smallest",
                          i, cd_shape_text(x->shape, text));
    }
    return true;
}

/* --- the value -------------------------------------------------------------------------------- */

cd_tensor *cd_op_extreme(const cd_op *op, cd_extreme_kernel *kernel, cd_tensor *x)
{
    cd_old_call call;
    if (!cd_op_begin(&call, op, x)) return NULL;
    const unsigned all = cd_all_dims(x->shape);
    if (!cd_op_check_extremes(&call, x, all)) return cd_op_end(&call);
    cd_tensor *y = cd_op_output(&call, x->dtype, CD_SCALAR);
    if (y) {
        cd_reduce_shape walk = cd_op_reduction(x, all);
        kernel(x->dtype, &walk, cd_tensor_data(x), cd_tensor_data(y), NULL);
    }
    cd_op_save(&call, x);
    cd_op_save_output(&call, 0);
    return cd_op_end(&call);
}

void cd_extreme_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, 0), *reached = cd_is_reached(x, cd_saved_value(node, 1));
    dx[0] = cd_where(reached, cd_div(dy[0], cd_sum(reached)), 0);
}

cd_tensor *cd_is_reached(cd_tensor *x, cd_tensor *y)
{
    return cd_add(cd_eq(x, y), cd_mul(cd_ne(x, x), cd_ne(y, y)));
}

/* --- along one dimension ---------------------------------------------------------------------- */

cd_tensor *cd_op_extreme_dim(const cd_op *op, cd_extreme_kernel *kernel,
                             const cd_dim_options *options)
{
    cd_old_call call;
    int dim;
    cd_tensor *x = options->x;
    if (!cd_check_dim_options(op->name, options, true, &dim) || !cd_op_begin(&call, op, x) ||
        !cd_op_check_extremes(&call, x, 1U << dim)) {
        return NULL;
    }
    cd_shape shape = cd_op_reduced_shape(x->shape, 1U << dim, options->keepdim);
    cd_tensor *y = cd_op_output(&call, x->dtype, shape);
    cd_tensor *index = cd_op_output(&call, CD_I64, shape);
    if (index) {
        cd_reduce_shape walk = cd_op_reduction(x, 1U << dim);
        kernel(x->dtype, &walk, cd_tensor_data(x), cd_tensor_data(y),
               (int64_t *)(void *)cd_tensor_data(index));
    }
    call.parameters.i[0] = dim;
    cd_op_save_output(&call, 1);
    return cd_op_end_both(&call, options->indices);
}

void cd_extreme_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    int dim = (int)node->parameters->i[0];
    cd_tensor *index = cd_op_restore_dim(cd_saved_value(node, 0), shape, dim);
    dx[0] = cd_gather_backward(cd_op_restore_dim(dy[0], shape, dim), dim, index, shape);
}

/* --- where it is ------------------------------------------------------------------------------ */

static cd_tensor *place(const cd_op *op, cd_extreme_kernel *kernel, cd_tensor *x, unsigned reduced,
                        bool keepdim)
{
    cd_old_call call;
    if (!cd_op_begin(&call, op, x) || !cd_op_check_extremes(&call, x, reduced)) return NULL;
    if (x->dtype == CD_BOOL) {
        (void)cd_op_fail(&call, CD_ERR_DTYPE, "is not defined for bool: convert with cd_to first");
        return cd_op_end(&call);
    }
    cd_shape shape = cd_op_reduced_shape(x->shape, reduced, keepdim);
    cd_tensor *index = cd_op_output(&call, CD_I64, shape);
    if (index) {
        cd_reduce_shape walk = cd_op_reduction(x, reduced);
        kernel(x->dtype, &walk, cd_tensor_data(x), NULL, (int64_t *)(void *)cd_tensor_data(index));
    }
    return cd_op_end(&call);
}

cd_tensor *cd_op_extreme_place(const cd_op *op, cd_extreme_kernel *kernel, cd_tensor *x)
{
    if (!cd_check_tensor(x, op->name, "x")) return NULL;
    return place(op, kernel, x, cd_all_dims(x->shape), false);
}

cd_tensor *cd_op_extreme_place_dim(const cd_op *op, cd_extreme_kernel *kernel,
                                   const cd_dim_options *options)
{
    int dim;
    if (!cd_check_dim_options(op->name, options, false, &dim)) return NULL;
    return place(op, kernel, options->x, 1U << dim, options->keepdim);
}
