/* What median, nanmedian and mode share, and what quantile and nanquantile do. */
#include "autograd/families/order_internal.h"

#include "autograd/families/indexing_internal.h"
#include "autograd/ops_internal.h"

#include "core/dtype_internal.h"
#include "core/memory_internal.h"

static bool check_not_bool(const cd_call *call)
{
    return call->in[0].tensor->dtype != CD_BOOL ||
           cd_refuse(call, CD_ERR_DTYPE, "is not defined for bool: convert with cd_to first");
}

bool cd_infer_median(cd_call *call)
{
    cd_infer_reduced(call, cd_all_dims(call->in[0].tensor->shape));
    return check_not_bool(call);
}

bool cd_infer_median_dim(cd_call *call)
{
    return cd_infer_min_max_dim(call) && check_not_bool(call);
}

static size_t workspace(const cd_launch *launch, cd_order_statistic what)
{
    return cd_cpu_order_bytes(what, launch->in[0].layout->numel);
}

size_t cd_median_workspace(const cd_launch *launch)
{
    return workspace(launch, CD_MEDIAN);
}

size_t cd_mode_workspace(const cd_launch *launch)
{
    return workspace(launch, CD_MODE);
}

/* The median of nothing is NaN, or the least integer; that of one dimension was refused. */
static void put_nothing(const cd_array *y)
{
    const cd_dtype dtype = y->layout->dtype;
    if (cd_is_floating(dtype)) {
        cd_put_real(dtype, y->data, 0, (double)NAN);
    } else {
        const cd_operand least = cd_operand_signed(cd_integer_ranges[dtype].min);
        cd_operand_store(&least, dtype, y->data);
    }
}

void cd_run_order(const cd_launch *launch, cd_order_statistic what)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    if (x->layout->numel == 0) {
        put_nothing(y);
        return;
    }
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
    cd_cpu_order(what, 0, x->layout->dtype, &walk, x->data, y->data,
                 launch->outputs > 1 ? launch->out[1].data : NULL, launch->workspace);
}

/* --- quantiles -------------------------------------------------------------------------------- */

const cd_field cd_quantile_fields[] = {
    CD_FIELD(cd_quantile_attributes, q, REAL),
    { "dim", CD_FIELD_DIM, offsetof(cd_quantile_attributes, reduce.dim) },
    { "keepdim", CD_FIELD_BOOL, offsetof(cd_quantile_attributes, reduce.keepdim) },
    CD_FIELD(cd_quantile_attributes, interpolation, INTEGER),
    CD_FIELDS_END
};

/* The order of the names that core/cpu/ has for them. */
_Static_assert((int)CD_QUANTILE_LINEAR == CD_ON_LINE && (int)CD_QUANTILE_LOWER == CD_BELOW &&
                   (int)CD_QUANTILE_HIGHER == CD_ABOVE && (int)CD_QUANTILE_MIDPOINT == CD_MIDDLE &&
                   (int)CD_QUANTILE_NEAREST == CD_NEARER,
               "cd_interpolation and the kernel disagree");

bool cd_infer_quantile(cd_call *call)
{
    const cd_quantile_attributes *a = call->launch.attributes;
    if (!cd_infer_min_max_dim(call) || !cd_check_floating(call, call->out[0].dtype)) return false;
    call->out[CD_QUANTILE_ABOVE] = call->out[CD_QUANTILE_BELOW];
    call->out[CD_QUANTILE_WEIGHT] = call->out[0];
    if (!(a->q >= 0 && a->q <= 1)) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "q is %g, and must be from 0 to 1", a->q);
    }
    return (a->interpolation >= CD_ON_LINE && a->interpolation <= CD_NEARER) ||
           cd_refuse(call, CD_ERR_ARGUMENT, ".interpolation is %lld, which is none",
                     (long long)a->interpolation);
}

void cd_run_quantile(const cd_launch *launch, bool ignore_nan)
{
    const cd_quantile_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    const cd_quantile what = { .q = a->q,
                               .interpolation = (int)a->interpolation,
                               .ignore_nan = ignore_nan,
                               .below = launch->out[CD_QUANTILE_BELOW].data,
                               .above = launch->out[CD_QUANTILE_ABOVE].data,
                               .weight = launch->out[CD_QUANTILE_WEIGHT].data };
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduce.reduced);
    cd_cpu_quantile(&what, x->layout->dtype, &walk, x->data, y->data, launch->workspace);
}

/* The element above has `weight` of the gradient, the one below the rest. */
void cd_quantile_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    cd_tensor *part[3], *g = cd_op_restore_dims(dy[0], shape, a->reduced);
    for (int k = 0; k < 3; k++) {
        part[k] = cd_op_restore_dims(cd_saved_value(node, k), shape, a->reduced);
    }
    cd_tensor *upper = cd_mul(g, part[2]);
    dx[0] = cd_add(cd_gather_backward(cd_sub(g, upper), a->dim, part[0], shape),
                   cd_gather_backward(upper, a->dim, part[1], shape));
}

/* Of all elements, it is that of x as a vector, for which the shape of the result is restored. */
static cd_tensor *of_all(const cd_op *op, cd_quantile_attributes *a, cd_tensor *x)
{
    if (!cd_check_tensor(x, op->name, "x")) return NULL;
    const cd_scope scope = cd_scope_begin();
    const bool keepdim = a->reduce.keepdim;
    const cd_shape ones = cd_reduced_shape(x->shape, cd_all_dims(x->shape), true);
    a->reduce.keepdim = false;
    cd_tensor *y = cd_op_with(op, a, cd_reshape(x, CD_SHAPE(-1)));
    return cd_ops_end(scope, keepdim && y ? cd_view(y, ones) : y);
}

/* --- quantiles by a tensor q: made of other ops, as in PyTorch -------------------------------- */

/* Whether x and q, and the number of dimensions of the result, are right. Reads q. */
static bool check_q(const char *name, const cd_quantile_options *o, int kept)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *x = o->x, *q = o->q.tensor;
    if (q->dtype != x->dtype || !cd_is_floating(x->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "%s: x is %s and q %s: both must be of one floating dtype",
                       name, cd_dtype_name(x->dtype), cd_dtype_name(q->dtype));
    }
    if (q->shape.ndim > 1 || kept + q->shape.ndim > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: q (%s) must be 0-d or a vector, and the result have at most %d "
                       "dimensions",
                       name, cd_sizes_text(&q->shape, text), CD_MAX_DIMS);
    }
    if ((unsigned)o->interpolation > CD_QUANTILE_NEAREST) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .interpolation is %d, which is none", name,
                       (int)o->interpolation);
    }
    cd_tensor *within = cd_mul(cd_ge(o->q.tensor, 0), cd_le(o->q.tensor, 1));
    const bool all = within && cd_item(cd_all(within)) != 0;
    return cd_ok() &&
           (all || cd_fail(CD_ERR_ARGUMENT, "%s: an element of q is not from 0 to 1", name));
}

/* The ranks q (n - 1) of the rows, rows x 1 or 1 x q, broadcast to rows x q. `sorted` has NaN at
 * the end: a row with NaN has the rank of one, or, with ignore_nan, as many elements less. */
static cd_tensor *ranks_of(cd_tensor *sorted, cd_tensor *q, bool ignore_nan)
{
    if (!sorted) return NULL;
    const int64_t last = sorted->shape.dim[1] - 1;
    cd_tensor *is_nan = cd_isnan(sorted);
    if (ignore_nan) {
        cd_tensor *holes =
            cd_sum(is_nan, .dims = CD_DIMS(1), .keepdim = true, .dtype = sorted->dtype);
        cd_tensor *ranks = cd_mul(q, cd_sub((double)last, holes));
        return cd_where(cd_lt(ranks, 0), 0, ranks);
    }
    return cd_where(cd_any(is_nan, .dims = CD_DIMS(1), .keepdim = true), (double)last,
                    cd_mul(q, (double)last));
}

/* The quantiles of each row, rows x q. */
static cd_tensor *of_rows(cd_tensor *rows, const cd_quantile_options *o, bool ignore_nan)
{
    cd_tensor *sorted = cd_sort(rows, 1);
    cd_tensor *ranks = ranks_of(sorted, cd_reshape(o->q.tensor, CD_SHAPE(1, -1)), ignore_nan);
    if (o->interpolation == CD_QUANTILE_LOWER) ranks = cd_floor(ranks);
    if (o->interpolation == CD_QUANTILE_HIGHER) ranks = cd_ceil(ranks);
    if (o->interpolation == CD_QUANTILE_NEAREST) ranks = cd_round(ranks);
    cd_tensor *below = cd_to(ranks, CD_I64), *lower = cd_gather(sorted, 1, below);
    if (o->interpolation != CD_QUANTILE_LINEAR && o->interpolation != CD_QUANTILE_MIDPOINT) {
        return lower;
    }
    cd_tensor *upper = cd_gather(sorted, 1, cd_to(cd_ceil(ranks), CD_I64));
    if (o->interpolation == CD_QUANTILE_MIDPOINT) return cd_lerp(lower, upper, 0.5);
    return cd_lerp(lower, upper, cd_sub(ranks, below));
}

/* The shape with one more dimension in front. */
static cd_shape with_front(cd_shape shape, int64_t size)
{
    cd_shape wide = { .ndim = shape.ndim + 1, .dim = { size } };
    for (int i = 0; i < shape.ndim; i++) wide.dim[i + 1] = shape.dim[i];
    return wide;
}

static cd_tensor *by_tensor(const char *name, const cd_quantile_options *o, bool ignore_nan)
{
    const bool all = o->dims.count == 0;
    int dim = 0;
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o->x, name, "x") || !cd_check_tensor(o->q.tensor, name, "q") ||
        !cd_check_same_device(name, "x", o->x, "q", o->q.tensor) ||
        (!all && !cd_wrap_dim(name, o->x->shape.ndim, o->dims.dim[0], &dim))) {
        return NULL;
    }
    const cd_shape shape = o->x->shape;
    const unsigned reduced = all || shape.ndim == 0 ? cd_all_dims(shape) : 1u << dim;
    cd_shape result = cd_reduced_shape(shape, reduced, o->keepdim);
    if (!check_q(name, o, result.ndim)) return NULL;
    const int64_t n = all || shape.ndim == 0 ? o->x->numel : shape.dim[dim];
    if (n == 0) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: x (%s) is empty where it is reduced", name,
                      cd_sizes_text(&shape, text));
        return NULL;
    }
    cd_tensor *x = all ? o->x : cd_movedim(o->x, CD_SHAPE(dim), CD_SHAPE(-1));
    cd_tensor *y = of_rows(cd_reshape(x, CD_SHAPE(o->x->numel / n, n)), o, ignore_nan);
    if (o->q.tensor->shape.ndim == 1) result = with_front(result, o->q.tensor->numel);
    return cd_reshape(cd_t(y), result);
}

cd_tensor *cd_quantile_call(const cd_op *op, const cd_quantile_options *options)
{
    cd_quantile_attributes a = { .reduce.keepdim = options->keepdim,
                                 .q = options->q.number,
                                 .interpolation = (int64_t)options->interpolation };
    if (options->dims.count < 0 || options->dims.count > 1) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "%s: it is of all elements, or along one dimension, and these are %d",
                      op->name, options->dims.count);
        return NULL;
    }
    if (options->q.kind == CD_OPERAND_TENSOR) {
        const cd_scope scope = cd_scope_begin();
        return cd_ops_end(scope, by_tensor(op->name, options, op == &cd_op_nanquantile));
    }
    if (options->dims.count == 0) return of_all(op, &a, options->x);
    a.reduce.dim = options->dims.dim[0];
    return cd_op_with(op, &a, options->x);
}
