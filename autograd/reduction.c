/* What ops share that reduce dimensions. */
#include "autograd/op_internal.h"

/* The dimensions that stay come first: the kernel's order. */
cd_reduce_shape cd_op_reduction(const cd_tensor *x, unsigned reduced)
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

cd_shape cd_op_reduced_shape(cd_shape shape, unsigned reduced, bool keepdim)
{
    cd_shape result = { .ndim = 0 };
    for (int i = 0; i < shape.ndim; i++) {
        bool gone = reduced >> i & 1;
        if (!gone || keepdim) result.dim[result.ndim++] = gone ? 1 : shape.dim[i];
    }
    return result;
}

cd_dtype cd_op_sum_type(cd_dtype dtype)
{
    return cd_dtype_is_floating(dtype) ? dtype : CD_I64;
}

cd_tensor *cd_op_output_sum(cd_old_call *call, cd_tensor *x, unsigned reduced, bool keepdim)
{
    cd_shape shape = cd_op_reduced_shape(x->shape, reduced, keepdim);
    cd_tensor *y = cd_op_output(call, cd_op_sum_type(x->dtype), shape);
    if (!y) return NULL;
    cd_reduce_shape walk = cd_op_reduction(x, reduced);
    cd_cpu_sum(x->dtype, &walk, cd_tensor_data(x), cd_tensor_data(y));
    return y;
}

bool cd_op_check_floating(cd_old_call *call, cd_dtype dtype)
{
    return cd_dtype_is_floating(dtype) ||
           cd_op_fail(call, CD_ERR_DTYPE,
                      "is not defined for %s: convert with cd_to(x, CD_F32) first",
                      cd_dtype_name(dtype));
}

void cd_op_output_mean(cd_old_call *call, cd_tensor *x, unsigned reduced, bool keepdim)
{
    double count = 1;
    for (int i = 0; i < x->shape.ndim; i++) {
        if (reduced >> i & 1) count *= (double)x->shape.dim[i];
    }
    if (!cd_op_check_floating(call, x->dtype)) return;
    cd_tensor *y = cd_op_output_sum(call, x, reduced, keepdim);
    cd_tensor *divisor = cd_op_operand(call, cd_operand_double(count), x->dtype);
    if (divisor) cd_map_2(CD_MAP_div, y, y, divisor, NULL);
}

cd_lanes cd_lanes_of(cd_shape shape, int dim)
{
    cd_lanes lanes = { 1, 1, 1 };
    for (int i = 0; i < shape.ndim; i++) {
        *(i < dim ? &lanes.outer : i == dim ? &lanes.n : &lanes.inner) *= shape.dim[i];
    }
    return lanes;
}

bool cd_check_by_dim(const char *name, bool by_dim, int dim)
{
    return by_dim || dim == 0 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .dim is %d, and is only looked at with .by_dim = true",
                   name, dim);
}

bool cd_check_dim_options(const char *name, const cd_dim_options *options, bool has_indices,
                          int *dim)
{
    if (!cd_check_tensor(options->x, name, "x") ||
        !cd_plain_dim(name, options->x->shape.ndim, options->dim, dim)) {
        return false;
    }
    return has_indices || !options->indices ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .indices was given, and there are none", name);
}
