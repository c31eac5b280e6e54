/* What ops that reduce dimensions share. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/reduction_internal.h"
#include "autograd/families/workspace_internal.h"
#include "core/cpu/elementwise_internal.h"

const cd_field cd_reduce_dim_fields[] = { CD_FIELD(cd_reduce_attributes, dim, DIM),
                                          CD_FIELD(cd_reduce_attributes, keepdim, BOOL),
                                          CD_FIELDS_END };

const cd_field cd_reduce_dims_fields[] = { CD_FIELD(cd_reduce_dims_attributes, dims, DIMS),
                                           { "keepdim", CD_FIELD_BOOL,
                                             offsetof(cd_reduce_dims_attributes, reduce.keepdim) },
                                           CD_FIELDS_END };

/* --- infer ------------------------------------------------------------------------------------ */

static void reduce(const cd_shape *x, unsigned reduced, bool keepdim, cd_shape *y)
{
    y->ndim = 0;
    for (int i = 0; i < x->ndim; i++) {
        bool gone = reduced >> i & 1;
        if (!gone || keepdim) y->dim[y->ndim++] = gone ? 1 : x->dim[i];
    }
}

cd_shape cd_reduced_shape(cd_shape shape, unsigned reduced, bool keepdim)
{
    cd_shape result;
    reduce(&shape, reduced, keepdim, &result);
    return result;
}

void cd_infer_reduced(cd_call *call, unsigned reduced)
{
    cd_reduce_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    a->reduced = reduced;
    call->out[0].dtype = x->dtype;
    reduce(&x->shape, reduced, a->keepdim, &call->out[0].shape);
}

bool cd_infer_reduced_dim(cd_call *call)
{
    cd_reduce_attributes *a = call->launch.attributes;
    if (!cd_wrap_dim(call->name, call->in[0].tensor->shape.ndim, a->dim, &a->dim)) return false;
    cd_infer_reduced(call, 1U << a->dim);
    return true;
}

/* Replaces no dimension by all. False with an error when there are too many. */
static bool complete_dims(const cd_call *call, int ndim, cd_dims *dims)
{
    if (dims->count < 0 || dims->count > CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "%d dimensions were given, and there are at most %d", dims->count,
                         CD_MAX_DIMS);
    }
    if (dims->count > 0) return true;
    dims->count = ndim;
    for (int i = 0; i < ndim; i++) dims->dim[i] = i;
    return true;
}

bool cd_infer_reduced_dims(cd_call *call)
{
    cd_reduce_dims_attributes *a = call->launch.attributes;
    const int ndim = call->in[0].tensor->shape.ndim;
    unsigned reduced = 0;
    if (!complete_dims(call, ndim, &a->dims)) return false;
    for (int i = 0; i < a->dims.count; i++) {
        int *dim = &a->dims.dim[i];
        if (!cd_wrap_dim(call->name, ndim, *dim, dim)) return false;
        if (reduced >> *dim & 1) {
            return cd_refuse(call, CD_ERR_ARGUMENT, "dimension %d is given twice", *dim);
        }
        reduced |= 1U << *dim;
    }
    cd_infer_reduced(call, reduced);
    return true;
}

void cd_infer_sum_dtype(cd_call *call)
{
    const cd_reduce_dims_attributes *a = call->launch.attributes;
    const cd_dtype dtype = a->dtype;
    if (dtype != CD_DTYPE_DEFAULT) call->need[0].dtype = dtype;
    call->out[0].dtype = dtype != CD_DTYPE_DEFAULT ? dtype : cd_sum_type(call->out[0].dtype);
}

bool cd_check_mean_dtype(const cd_call *call)
{
    const cd_dtype needed = call->need[0].dtype;
    return cd_check_floating(call, needed ? needed : call->in[0].tensor->dtype);
}

bool cd_infer_truth(cd_call *call)
{
    if (!cd_infer_reduced_dims(call)) return false;
    if (call->out[0].dtype != CD_U8) call->out[0].dtype = CD_BOOL;
    return true;
}

cd_dtype cd_sum_type(cd_dtype dtype)
{
    return cd_dtype_is_floating(dtype) ? dtype : CD_I64;
}

bool cd_check_by_dim(const char *name, bool by_dim, int dim)
{
    return by_dim || dim == 0 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .dim is %d, and is only looked at with .by_dim = true",
                   name, dim);
}

/* --- gradients -------------------------------------------------------------------------------- */

cd_tensor *cd_op_restore_dims(cd_tensor *y, cd_shape x_shape, unsigned reduced)
{
    if (!y || y->shape.ndim == x_shape.ndim) return y;
    for (int i = 0; i < x_shape.ndim; i++) {
        if (reduced >> i & 1) y = cd_unsqueeze(y, i);
    }
    return y;
}

cd_tensor *cd_op_spread(cd_tensor *dy, cd_shape x_shape, unsigned reduced)
{
    const bool scalar = dy && dy->shape.ndim == 0;
    return cd_expand(scalar ? dy : cd_op_restore_dims(dy, x_shape, reduced), x_shape);
}

double cd_reduced_count(const cd_shape *x, unsigned reduced)
{
    double count = 1;
    for (int i = 0; i < x->ndim; i++) {
        if (reduced >> i & 1) count *= (double)x->dim[i];
    }
    return count;
}

/* --- the calls -------------------------------------------------------------------------------- */

cd_tensor *cd_op_reduce_all(const cd_op *op, cd_tensor *x, bool keepdim)
{
    cd_reduce_attributes a = { .keepdim = keepdim };
    return cd_op_with(op, &a, x);
}

cd_tensor *cd_op_reduce_dims(const cd_op *op, const cd_dims_options *options)
{
    cd_reduce_dims_attributes a = { .reduce.keepdim = options->keepdim, .dims = options->dims };
    return cd_op_with(op, &a, options->x);
}

cd_tensor *cd_op_reduce_sum(const cd_op *all, const cd_op *some, const cd_sum_options *options)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(options->x);
    const bool whole = options->dims.count == 0 && !options->keepdim;
    cd_reduce_dims_attributes a = { .reduce.keepdim = options->keepdim,
                                    .dims = options->dims,
                                    .dtype = options->dtype };
    if (!cd_check_dtype_option(all->name, options->dtype)) return NULL;
    cd_call_begin(&call, whole ? all : some, &in, 1);
    call.name = all->name;
    call.launch.attributes = &a;
    return cd_call_run(&call);
}

bool cd_check_dtype_option(const char *name, cd_dtype dtype)
{
    return dtype == CD_DTYPE_DEFAULT || cd_dtype_size(dtype) > 0 ||
           cd_fail(CD_ERR_DTYPE, "%s: .dtype is %d, which is no dtype", name, (int)dtype);
}

static bool check_no_indices(const cd_op *op, const cd_dim_options *options)
{
    return !options->indices ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .indices was given, and there are none", op->name);
}

cd_tensor *cd_op_reduce_sum_dim(const cd_op *some, const cd_dim_options *options)
{
    const cd_dims_options one = { .x = options->x,
                                  .dims = { .count = 1, .dim = { options->dim } },
                                  .keepdim = options->keepdim };
    return check_no_indices(some, options) ? cd_op_reduce_dims(some, &one) : NULL;
}

cd_tensor *cd_op_reduce_dim(const cd_op *op, const cd_dim_options *options)
{
    if (!check_no_indices(op, options)) return NULL;
    cd_reduce_attributes a = { .dim = options->dim, .keepdim = options->keepdim };
    return cd_op_with(op, &a, options->x);
}

/* --- run -------------------------------------------------------------------------------------- */

/* Kept dimensions come first, as the kernels expect. */
cd_reduce_shape cd_reduce_walk(const cd_layout *x, unsigned reduced)
{
    cd_reduce_shape walk;
    walk.kept = walk.reduced = 0;
    int64_t bytes = (int64_t)cd_dtype_size(x->dtype);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (int i = 0; i < x->shape.ndim; i++) {
            if ((reduced >> i & 1) != pass) continue;
            int d = walk.kept + walk.reduced;
            walk.size[d] = x->shape.dim[i];
            walk.stride[d] = x->stride[i] * bytes;
            if (pass == 0) walk.kept++;
            if (pass == 1) walk.reduced++;
        }
    }
    return walk;
}

static inline void sum(const cd_array *x, unsigned reduced, const cd_array *out)
{
    cd_reduce_shape walk = cd_reduce_walk(x->layout, reduced);
    cd_cpu_sum(x->layout->dtype, &walk, x->data, out->data);
}

/* The sum divided by how many elements went into each, in the dtype of x. */
static void mean(const cd_array *x, unsigned reduced, const cd_array *out)
{
    sum(x, reduced, out);
    cd_cpu_apply_number(CD_MAP_div, out, out, cd_reduced_count(&x->layout->shape, reduced));
}

void cd_run_reduce(const cd_launch *launch, cd_reduce_kernel *kernel)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
    kernel(x->layout->dtype, &walk, x->data, launch->out[0].data);
}

/* Takes the int64 results as a part of the workspace, unless output 0 has their dtype. */
static cd_array take_integers(const cd_launch *launch, cd_work *work, cd_layout *layout)
{
    const cd_array *y = &launch->out[0];
    const cd_dtype dtype = cd_sum_type(launch->in[0].layout->dtype);
    if (y->layout->dtype == dtype) return *y;
    *layout = cd_layout_row_major(dtype, y->layout->shape);
    return cd_work_take(work, layout);
}

size_t cd_integers_workspace(const cd_launch *launch)
{
    cd_layout layout;
    cd_work work = { NULL, 0 };
    (void)take_integers(launch, &work, &layout);
    return work.bytes;
}

void cd_run_integers(const cd_launch *launch, cd_reduce_kernel *kernel)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    cd_layout layout;
    cd_work work = { launch->workspace, 0 };
    const cd_array to = take_integers(launch, &work, &layout);
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
    kernel(x->layout->dtype, &walk, x->data, to.data);
    if (to.data != y->data) cd_cpu_convert(y, &to);
}

void cd_run_sum(const cd_launch *launch)
{
    cd_run_integers(launch, cd_cpu_sum);
}

void cd_run_mean(const cd_launch *launch)
{
    const cd_reduce_attributes *a = launch->attributes;
    mean(&launch->in[0], a->reduced, &launch->out[0]);
}

void cd_run_sum_of(const cd_array *x, const cd_array *out)
{
    sum(x, cd_all_dims(x->layout->shape), out);
}

void cd_run_mean_of(const cd_array *x, const cd_array *out)
{
    mean(x, cd_all_dims(x->layout->shape), out);
}
