/* What ops share that reduce dimensions. */
#include "autograd/op/call_internal.h"
#include "autograd/op/reduction_internal.h"
#include "core/cpu/reduce_internal.h"

/* --- infer ------------------------------------------------------------------------------------ */

cd_shape cd_reduced_shape(cd_shape shape, unsigned reduced, bool keepdim)
{
    cd_shape result = { .ndim = 0 };
    for (int i = 0; i < shape.ndim; i++) {
        bool gone = reduced >> i & 1;
        if (!gone || keepdim) result.dim[result.ndim++] = gone ? 1 : shape.dim[i];
    }
    return result;
}

void cd_infer_reduced(cd_call *call, unsigned reduced)
{
    cd_reduce_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    a->reduced = reduced;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = cd_reduced_shape(x->shape, reduced, a->keepdim);
}

bool cd_infer_reduced_dim(cd_call *call)
{
    cd_reduce_attributes *a = call->launch.attributes;
    if (!cd_plain_dim(call->name, call->in[0].tensor->shape.ndim, a->dim, &a->dim)) return false;
    cd_infer_reduced(call, 1U << a->dim);
    return true;
}

cd_dtype cd_sum_type(cd_dtype dtype)
{
    return cd_dtype_is_floating(dtype) ? dtype : CD_I64;
}

bool cd_refuse_indices(const char *name, cd_tensor **indices)
{
    return !indices || cd_fail(CD_ERR_ARGUMENT, "%s: .indices was given, and there are none", name);
}

cd_tensor *cd_op_restore_dim(cd_tensor *y, cd_shape x_shape, int dim)
{
    return y && y->shape.ndim < x_shape.ndim ? cd_unsqueeze(y, dim) : y;
}

/* --- run -------------------------------------------------------------------------------------- */

/* The dimensions that stay come first: the kernel's order. */
static cd_reduce_shape walk_of(const cd_layout *x, unsigned reduced)
{
    cd_reduce_shape walk = { .kept = 0 };
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

void cd_run_sum(const cd_launch *launch)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_argument *x = &launch->in[0];
    cd_reduce_shape walk = walk_of(x->layout, a->reduced);
    cd_cpu_sum(x->layout->dtype, &walk, x->data, launch->out[0].data);
}
