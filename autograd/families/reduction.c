/* What ops that reduce dimensions share. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/families/reduction_internal.h"
#include "core/cpu/elementwise_internal.h"

const cd_field cd_reduce_dim_fields[] = { CD_FIELD(cd_reduce_attributes, dim, DIM),
                                          CD_FIELD(cd_reduce_attributes, keepdim, BOOL),
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

cd_tensor *cd_op_restore_dim(cd_tensor *y, cd_shape x_shape, int dim)
{
    return y && y->shape.ndim < x_shape.ndim ? cd_unsqueeze(y, dim) : y;
}

/* --- the calls -------------------------------------------------------------------------------- */

cd_tensor *cd_op_reduce_all(const cd_op *op, cd_tensor *x)
{
    cd_reduce_attributes a = { .dim = 0 };
    return cd_op_with(op, &a, x);
}

cd_tensor *cd_op_reduce_dim(const cd_op *op, const cd_dim_options *options)
{
    if (options->indices) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .indices was given, and there are none", op->name);
        return NULL;
    }
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
    double count = 1;
    for (int i = 0; i < x->layout->shape.ndim; i++) {
        if (reduced >> i & 1) count *= (double)x->layout->shape.dim[i];
    }
    sum(x, reduced, out);
    cd_cpu_apply_number(CD_MAP_div, out, out, count);
}

void cd_run_sum(const cd_launch *launch)
{
    const cd_reduce_attributes *a = launch->attributes;
    sum(&launch->in[0], a->reduced, &launch->out[0]);
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
