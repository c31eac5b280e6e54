/* autograd/ops/norm.c
 *
 *   y = (sum |x|^p)^(1/p)          dx = dy x |x|^(p-2) / y^(p-1), 0 where y is 0
 *
 * For p = inf the largest |x|, for -inf the smallest: dx is dy sign(x), evenly shared by those that
 * reach y. For p = 1 dx is dy sign(x). For p = 0 it counts what is not 0, and has no gradient.
 *
 * Over everything, or along one dimension (.by_dim). Floating dtypes. The 2-norm of float32 is
 * computed in double, so it does not overflow (PyTorch's does, above 1.8e19). Over nothing it is 0,
 * but an error for a negative p and for inf. Saves x and y. */
#include "autograd/extremes_internal.h"

enum { BY_DIM, DIM }; /* in the parameters: i[], and p is d[0] */

/* --- the gradient ----------------------------------------------------------------------------- */

/* y or dy, so that it broadcasts to x: 0-d ones do. */
static cd_tensor *restored(const cd_node *node, cd_tensor *y)
{
    if (!node->parameters->i[BY_DIM]) return y;
    return cd_op_restore_dim(y, cd_edge_info(node->edge[0]).shape, (int)node->parameters->i[DIM]);
}

static cd_tensor *for_infinity(const cd_node *node, cd_tensor *x, cd_tensor *y, cd_tensor *dy)
{
    cd_tensor *reached = cd_is_reached(cd_abs(x), y);
    cd_tensor *count = node->parameters->i[BY_DIM]
                           ? cd_sum_dim(reached, (int)node->parameters->i[DIM], .keepdim = true)
                           : cd_sum(reached);
    return cd_mul(cd_sign(x), cd_where(reached, cd_div(dy, count), 0));
}

/* Written so that powers of 0 have exponents that are not negative, or are replaced, as PyTorch
 * does it. */
static cd_tensor *for_power(double p, cd_tensor *x, cd_tensor *y, cd_tensor *dy)
{
    if (p < 1) {
        cd_tensor *slope = cd_where(cd_eq(x, 0), 0, cd_pow(cd_abs(x), p - 1));
        return cd_mul(cd_mul(cd_mul(cd_sign(x), slope), dy), cd_pow(y, 1 - p));
    }
    cd_tensor *zero = cd_eq(y, 0);
    if (p == 2) return cd_where(zero, 0, cd_mul(x, cd_div(dy, y)));
    cd_tensor *scale = cd_where(zero, 0, cd_div(dy, cd_pow(y, p - 1)));
    if (p < 2) return cd_mul(cd_mul(cd_sign(x), cd_pow(cd_abs(x), p - 1)), scale);
    return cd_mul(cd_mul(x, cd_pow(cd_abs(x), p - 2)), scale);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const double p = node->parameters->d[0];
    cd_tensor *x = cd_saved_value(node, 0), *y = restored(node, cd_saved_value(node, 1));
    cd_tensor *with = restored(node, dy[0]);
    if (p == 0) return;
    if (p == 1) {
        dx[0] = cd_mul(cd_sign(x), with);
    } else {
        dx[0] = isinf(p) ? for_infinity(node, x, y, with) : for_power(p, x, y, with);
    }
}

/* --- the value -------------------------------------------------------------------------------- */

/* y = y^e, which a kernel reads as a tensor. */
static void raise(cd_old_call *call, cd_tensor *y, const cd_tensor *x, double e)
{
    cd_tensor *exponent = cd_op_operand(call, cd_operand_double(e), x->dtype);
    if (exponent) cd_map_2(CD_MAP_pow, y, x, exponent, NULL);
}

static void count_nonzero(cd_old_call *call, cd_tensor *y, const cd_tensor *x, unsigned reduced)
{
    cd_tensor *zero = cd_op_operand(call, cd_operand_double(0), x->dtype);
    cd_tensor *truth = cd_op_temporary(call, CD_BOOL, x->shape);
    cd_tensor *count = cd_op_temporary(call, CD_I64, y->shape);
    if (!count) return;
    cd_map_2(CD_MAP_ne, truth, x, zero, NULL);
    cd_reduce_shape walk = cd_op_reduction(truth, reduced);
    cd_cpu_sum(CD_BOOL, &walk, cd_tensor_data(truth), cd_tensor_data(count));
    cd_map_convert(y, count);
}

static void compute(cd_old_call *call, cd_tensor *y, const cd_tensor *x, unsigned reduced, double p)
{
    if (p == 0) {
        count_nonzero(call, y, x, reduced);
        return;
    }
    if (p == 2) {
        cd_reduce_shape walk = cd_op_reduction(x, reduced);
        cd_cpu_norm(x->dtype, &walk, cd_tensor_data(x), cd_tensor_data(y));
        return;
    }
    cd_tensor *sizes = cd_op_temporary(call, x->dtype, x->shape);
    if (!sizes) return;
    cd_map_1(CD_MAP_abs, sizes, x, NULL);
    cd_reduce_shape walk = cd_op_reduction(sizes, reduced);
    const char *in = cd_tensor_data(sizes);
    if (isinf(p)) {
        (p > 0 ? cd_cpu_max : cd_cpu_min)(x->dtype, &walk, in, cd_tensor_data(y), NULL);
        return;
    }
    if (p != 1) raise(call, sizes, sizes, p);
    if (!call->failed) cd_cpu_sum(x->dtype, &walk, in, cd_tensor_data(y));
    if (!call->failed && p != 1) raise(call, y, y, 1 / p);
}

cd_tensor *cd_norm_with(cd_norm_options options)
{
    cd_old_call call;
    cd_tensor *x = options.x;
    int dim = 0;
    /* 0 is the default, minus zero is 0. */
    const double p = options.p != 0 ? options.p : signbit(options.p) ? 0 : 2;
    if (!cd_check_tensor(x, "norm", "x") || !cd_op_begin(&call, &cd_op_norm, x) ||
        !cd_op_check_floating(&call, x->dtype)) {
        return NULL;
    }
    if (!cd_check_by_dim("norm", options.by_dim, options.dim) ||
        (options.by_dim && !cd_plain_dim("norm", x->shape.ndim, options.dim, &dim))) {
        return NULL;
    }
    const unsigned reduced = options.by_dim ? 1U << dim : cd_all_dims(x->shape);
    if ((p < 0 || isinf(p)) && !cd_op_check_extremes(&call, x, reduced)) return NULL;
    cd_tensor *y =
        cd_op_output(&call, x->dtype, cd_op_reduced_shape(x->shape, reduced, options.keepdim));
    if (y) compute(&call, y, x, reduced, p);
    call.parameters.i[BY_DIM] = options.by_dim;
    call.parameters.i[DIM] = dim;
    call.parameters.d[0] = p;
    cd_op_save(&call, x);
    cd_op_save_output(&call, 0);
    return cd_op_end(&call);
}

const cd_op cd_op_norm = {
    .name = "norm",
    .grad_fn = "LinalgVectorNormBackward0",
    .like = "torch.norm(x, p, dim)",
    .formula = "y = (sum |x|^p)^(1/p)",
    .gradient = "dx = dy x |x|^(p-2) / y^(p-1), 0 where y is 0",
    .dtypes = "floating",
    .backward = backward,
};
