/* norm: the p-norm over any dimensions.
 *
 * For p = inf it is the largest |x|, and for -inf the smallest; the gradient, dy sign(x), is shared
 * evenly by the elements that reach it. For p = 0 it counts the elements that are not 0, and has no
 * gradient. Over nothing it is 0, but an error for inf and for a negative p. The 2-norm of float32
 * is computed in double, so that it does not overflow, as PyTorch's does above 1.8e19.
 *
 * Saves x and y. Kernels: cd_cpu_norm for p = 2; for other p maps of core/cpu/ and the sum, max or
 * min of core/cpu/reduce*.c. */
#include <math.h>

#include "autograd/families/min_max_internal.h"
#include "autograd/families/workspace_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = {
    CD_FIELD(cd_norm_attributes, p, REAL),
    { "dims", CD_FIELD_DIMS, offsetof(cd_norm_attributes, over.dims) },
    { "keepdim", CD_FIELD_BOOL, offsetof(cd_norm_attributes, over.reduce.keepdim) },
    CD_FIELDS_END
};

enum { SAVED_X, SAVED_Y };

/* --- the gradient ----------------------------------------------------------------------------- */

/* y or dy with the reduced dimensions put back, so that it broadcasts to x. */
static cd_tensor *restored(const cd_node *node, cd_tensor *y)
{
    const cd_norm_attributes *a = cd_attributes_of(node);
    return cd_op_restore_dims(y, node->input[0].shape, a->over.reduce.reduced);
}

static cd_tensor *infinity_gradient(const cd_node *node, cd_tensor *x, cd_tensor *y, cd_tensor *dy)
{
    const cd_norm_attributes *a = cd_attributes_of(node);
    cd_tensor *reached = cd_is_reached(cd_abs(x), y);
    cd_tensor *count = cd_sum(reached, .dims = a->over.dims, .keepdim = true);
    return cd_mul(cd_sign(x), cd_where(reached, cd_div(dy, count), 0));
}

/* Written as PyTorch does it, so that 0 is never raised to a negative power, or the result of that
 * is replaced. */
static cd_tensor *power_gradient(double p, cd_tensor *x, cd_tensor *y, cd_tensor *dy)
{
    if (p < 1) {
        cd_tensor *slope = cd_where(cd_eq(x, 0), 0, cd_pow(cd_abs(x), p - 1));
        return cd_mul(cd_mul(cd_mul(cd_sign(x), slope), dy), cd_pow(y, 1 - p));
    }
    cd_tensor *zero = cd_eq(y, 0);
    if (p == 2) return cd_mul(dy, cd_where(zero, 0, cd_div(x, y)));
    cd_tensor *scale = cd_where(zero, 0, cd_div(dy, cd_pow(y, p - 1)));
    if (p < 2) return cd_mul(cd_mul(cd_sign(x), cd_pow(cd_abs(x), p - 1)), scale);
    return cd_mul(cd_mul(x, cd_pow(cd_abs(x), p - 2)), scale);
}

static void norm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_norm_attributes *a = cd_attributes_of(node);
    const double p = a->p;
    cd_tensor *x = cd_saved_value(node, SAVED_X);
    cd_tensor *y = restored(node, cd_saved_value(node, SAVED_Y)), *g = restored(node, dy[0]);
    if (p == 0) return;
    if (p == 1) {
        dx[0] = cd_mul(cd_sign(x), g);
    } else {
        dx[0] = isinf(p) ? infinity_gradient(node, x, y, g) : power_gradient(p, x, y, g);
    }
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool norm_infer(cd_call *call)
{
    cd_norm_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_floating(call, x->dtype) || !cd_infer_reduced_dims(call)) return false;
    const bool needs_elements = a->p < 0 || isinf(a->p);
    return !needs_elements || cd_check_not_empty(call, x, a->over.reduce.reduced);
}

/* --- run -------------------------------------------------------------------------------------- */

/* The workspace. There is none for p = 2. For p = 0 it has which elements are not 0, and their
 * counts; for any other p |x|, and then |x|^p. */
typedef struct parts {
    cd_layout elements_layout, counts_layout;
    cd_array elements, counts;
} parts;

static void take_parts(const cd_launch *launch, cd_work *work, parts *p)
{
    const cd_norm_attributes *a = launch->attributes;
    const cd_layout *x = launch->in[0].layout;
    if (a->p == 2) return;
    p->elements_layout = cd_layout_row_major(a->p == 0 ? CD_BOOL : x->dtype, x->shape);
    p->elements = cd_work_take(work, &p->elements_layout);
    if (a->p != 0) return;
    p->counts_layout = cd_layout_row_major(CD_I64, launch->out[0].layout->shape);
    p->counts = cd_work_take(work, &p->counts_layout);
}

static size_t norm_workspace(const cd_launch *launch)
{
    parts p;
    cd_work work = { NULL, 0 };
    take_parts(launch, &work, &p);
    return work.bytes;
}

static void count_nonzero(const cd_launch *launch, const parts *p, unsigned reduced)
{
    cd_cpu_apply_number(CD_MAP_ne, &p->elements, &launch->in[0], 0);
    const cd_reduce_shape walk = cd_reduce_walk(&p->elements_layout, reduced);
    cd_cpu_sum(CD_BOOL, &walk, p->elements.data, p->counts.data);
    cd_cpu_convert(&launch->out[0], &p->counts);
}

/* For any p but 0 and 2. */
static void sum_powers(const cd_launch *launch, const parts *part, unsigned reduced, double p)
{
    const cd_array *x = &launch->in[0], *y = &launch->out[0], *sizes = &part->elements;
    const cd_dtype dtype = x->layout->dtype;
    cd_cpu_apply(CD_MAP_abs, sizes, 1, x);
    const cd_reduce_shape walk = cd_reduce_walk(&part->elements_layout, reduced);
    if (isinf(p)) {
        (p > 0 ? cd_cpu_max : cd_cpu_min)(dtype, &walk, sizes->data, y->data, NULL);
        return;
    }
    if (p != 1) cd_cpu_apply_number(CD_MAP_pow, sizes, sizes, p);
    cd_cpu_sum(dtype, &walk, sizes->data, y->data);
    if (p != 1) cd_cpu_apply_number(CD_MAP_pow, y, y, 1 / p);
}

static void norm_run(const cd_launch *launch)
{
    const cd_norm_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    if (a->p == 2) {
        const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->over.reduce.reduced);
        cd_cpu_norm(x->layout->dtype, &walk, x->data, launch->out[0].data);
        return;
    }
    parts p;
    cd_work work = { launch->workspace, 0 };
    take_parts(launch, &work, &p);
    if (a->p == 0) {
        count_nonzero(launch, &p, a->over.reduce.reduced);
    } else {
        sum_powers(launch, &p, a->over.reduce.reduced, a->p);
    }
}

/* --- the call --------------------------------------------------------------------------------- */

cd_tensor *cd_norm_with(cd_norm_options options)
{
    if (!cd_check_by_dim("norm", options.by_dim, options.dim)) return NULL;
    if (options.by_dim && options.dims.count != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "norm: .by_dim and .dims were both given");
        return NULL;
    }
    if (options.by_dim) options.dims = CD_DIMS(options.dim);
    cd_norm_attributes a = { .over = { .reduce.keepdim = options.keepdim, .dims = options.dims },
                             .p = cd_option_or(options.p, 2) };
    return cd_op_with(&cd_op_norm, &a, options.x);
}

const cd_op cd_op_norm = {
    .name = "norm",
    .grad_fn = "LinalgVectorNormBackward0",
    .like = "torch.norm(x, p, dim)",
    .formula = "y = (sum |x|^p)^(1/p)",
    .gradient = "dx = dy x |x|^(p-2) / y^(p-1), 0 where y is 0",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .save = { [SAVED_X] = { CD_INPUT, 0 }, [SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_norm_attributes, fields),
    .infer = norm_infer,
    .cpu = { .workspace = norm_workspace, .run = norm_run },
    .backward = norm_backward,
};
