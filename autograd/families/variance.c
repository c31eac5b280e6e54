/* What var, std, var_mean and std_mean share. */
#include "autograd/families/variance_internal.h"

#include "autograd/ops_internal.h"

const cd_field cd_var_fields[] = {
    { "dims", CD_FIELD_DIMS, offsetof(cd_var_attributes, over.dims) },
    { "keepdim", CD_FIELD_BOOL, offsetof(cd_var_attributes, over.reduce.keepdim) },
    CD_FIELD(cd_var_attributes, correction, REAL),
    CD_FIELDS_END
};

/* --- the gradient ----------------------------------------------------------------------------- */

/* 2 dy (x - mean) / (n - correction). With a divisor of 0 or less PyTorch's is infinite, or NaN
 * where x is equal to the mean, if the variance is that of all elements and no dimensions were
 * named; else it follows the formula. dy broadcasts to x. */
static cd_tensor *var_gradient(cd_tensor *x, cd_tensor *dy, const cd_var_attributes *a)
{
    const double n = cd_reduced_count(&x->shape, a->over.reduce.reduced);
    cd_tensor *mean = cd_mean(x, .dims = a->over.dims, .keepdim = true);
    const bool whole = a->whole || x->shape.ndim == 0;
    if (whole && n <= a->correction) {
        return cd_mul(dy, cd_where(cd_eq(x, mean), (double)NAN, (double)INFINITY));
    }
    return cd_mul(cd_mul(dy, 2 / (n - a->correction)), cd_sub(x, mean));
}

/* dx = the gradient of the variance, with dy its gradient, plus that of the mean; either may be
 * NULL. */
static void gradient(cd_node *node, cd_tensor *dy, cd_tensor *dmean, cd_tensor **dx)
{
    const cd_var_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    const unsigned reduced = a->over.reduce.reduced;
    if (dy) {
        cd_tensor *x = cd_saved_value(node, CD_VAR_SAVED_X);
        dy = cd_op_restore_dims(dy, shape, reduced);
        dx[0] = x && dy ? var_gradient(x, dy, a) : NULL;
    }
    if (dmean) {
        cd_tensor *share = cd_div(dmean, cd_reduced_count(&shape, reduced));
        cd_tensor *spread = cd_op_spread(share, shape, reduced);
        dx[0] = dy ? cd_add(dx[0], spread) : spread;
    }
}

void cd_var_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    gradient(node, dy[0], node->outputs > 1 ? dy[1] : NULL, dx);
}

void cd_std_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *dvar = NULL;
    if (dy[0]) {
        cd_tensor *y = cd_saved_value(node, CD_VAR_SAVED_Y);
        dvar = cd_where(cd_eq(y, 0), 0, cd_div(dy[0], cd_mul(y, 2)));
        if (!dvar) return;
    }
    gradient(node, dvar, node->outputs > 1 ? dy[1] : NULL, dx);
}

/* --- infer and run ---------------------------------------------------------------------------- */

bool cd_infer_var(cd_call *call)
{
    if (!cd_infer_reduced_dims(call) || !cd_check_floating(call, call->out[0].dtype)) return false;
    call->out[1].dtype = call->out[0].dtype;
    call->out[1].shape = call->out[0].shape;
    return true;
}

static void run(const cd_launch *launch, bool root)
{
    const cd_var_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->over.reduce.reduced);
    const cd_spread spread = { .correction = a->correction, .root = root };
    cd_cpu_var(x->layout->dtype, &walk, x->data, launch->out[0].data,
               launch->outputs > 1 ? launch->out[1].data : NULL, &spread);
}

void cd_run_var(const cd_launch *launch)
{
    run(launch, false);
}

void cd_run_std(const cd_launch *launch)
{
    run(launch, true);
}

/* --- the calls -------------------------------------------------------------------------------- */

static cd_var_attributes attributes_of(cd_dims dims, bool keepdim, double correction)
{
    return (cd_var_attributes){ .over = { .reduce.keepdim = keepdim, .dims = dims },
                                .whole = dims.count == 0,
                                .correction = cd_option_or(correction, 1) };
}

cd_tensor *cd_var_call(const cd_op *op, const cd_var_options *options)
{
    cd_var_attributes a = attributes_of(options->dims, options->keepdim, options->correction);
    return cd_op_with(op, &a, options->x);
}

cd_tensor *cd_var_mean_call(const cd_op *op, const cd_var_mean_options *options)
{
    cd_var_attributes a = attributes_of(options->dims, options->keepdim, options->correction);
    return cd_op_with_second(op, &a, options->x, options->mean, "mean");
}
