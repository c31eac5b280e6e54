/* What ops that reduce dimensions share. Their attributes begin with a cd_reduce_attributes;
 * `reduced` is a set of dimensions there and here, bit i for dimension i. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_REDUCTION_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_REDUCTION_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/reduce_internal.h"

/* For an op over one dimension. */
extern const cd_field cd_reduce_dim_fields[];
/* For an op over any dimensions, with a cd_reduce_dims_attributes. */
extern const cd_field cd_reduce_dims_fields[];

/* Every dimension of the shape. */
static inline unsigned cd_all_dims(cd_shape shape)
{
    return (1U << shape.ndim) - 1;
}

/* The set of dimensions that are counted from the front. */
static inline unsigned cd_dims_set(const cd_dims *dims)
{
    unsigned set = 0;
    for (int i = 0; i < dims->count; i++) set |= 1U << dims->dim[i];
    return set;
}

/* The shape without the reduced dimensions, or with keepdim with size 1 in their place. */
cd_shape cd_reduced_shape(cd_shape shape, unsigned reduced, bool keepdim);
/* infer: output 0 has x's dtype, and x's shape without these dimensions. */
void cd_infer_reduced(cd_call *call, unsigned reduced);
/* infer: the same for the one dimension of the attributes. False with an error when x has no
 * such. */
bool cd_infer_reduced_dim(cd_call *call);
/* infer: the same for the dimensions of a cd_reduce_dims_attributes. False with an error when x
 * does not have one, or one is given twice. */
bool cd_infer_reduced_dims(cd_call *call);
/* infer of sum and its like: the same, for x in the dtype of the attributes if there is one. */
void cd_infer_sum_dtype(cd_call *call);
/* infer of mean and its like, after that: whether x is converted to a floating dtype; false with an
 * error. */
bool cd_check_mean_dtype(const cd_call *call);
/* y with the reduced dimensions put back as size 1, if keepdim had not left them: so that y
 * broadcasts to x. */
cd_tensor *cd_op_restore_dims(cd_tensor *y, cd_shape x_shape, unsigned reduced);
/* The gradient dy in x's shape: each element of x gets that of the result that it went into. */
cd_tensor *cd_op_spread(cd_tensor *dy, cd_shape x_shape, unsigned reduced);
/* How many elements of x go into one of the result. */
double cd_reduced_count(const cd_shape *x, unsigned reduced);
/* For an op over all dimensions unless .by_dim is set: false with an error if only .dim is set. */
bool cd_check_by_dim(const char *name, bool by_dim, int dim);
/* .dtype is one, or left out; false with an error. */
bool cd_check_dtype_option(const char *name, cd_dtype dtype);
/* Calls an op over every dimension of x. */
cd_tensor *cd_op_reduce_all(const cd_op *op, cd_tensor *x, bool keepdim);
/* Calls an op over any dimensions. */
cd_tensor *cd_op_reduce_dims(const cd_op *op, const cd_dims_options *options);
/* Calls a sum or its like: `all` for all elements, `some` with dimensions or keepdim. Errors begin
 * with the name of `all`. */
cd_tensor *cd_op_reduce_sum(const cd_op *all, const cd_op *some, const cd_sum_options *options);
/* Calls the same over one dimension, which has no indices to give: an error if they are asked for.
 */
cd_tensor *cd_op_reduce_sum_dim(const cd_op *some, const cd_dim_options *options);
/* Calls an op over one dimension that has no indices to give: an error if they are asked for. */
cd_tensor *cd_op_reduce_dim(const cd_op *op, const cd_dim_options *options);
/* The dtype of a sum: int64 for integers and bool. */
cd_dtype cd_sum_type(cd_dtype dtype);

/* A shape as three dimensions: those before `dim` as one, dim itself, those after it as one. */
typedef struct cd_outer_size_inner {
    int64_t outer, size, inner;
} cd_outer_size_inner;
static inline cd_outer_size_inner cd_outer_size_inner_of(const cd_shape *shape, int dim)
{
    cd_outer_size_inner at = { 1, 1, 1 };
    int i = 0;
    for (; i < dim; i++) at.outer *= shape->dim[i];
    if (i < shape->ndim) at.size = shape->dim[i++];
    for (; i < shape->ndim; i++) at.inner *= shape->dim[i];
    return at;
}

/* How a kernel goes through x: kept dimensions first, then the reduced ones, with sizes and
 * strides. */
cd_reduce_shape cd_reduce_walk(const cd_layout *x, unsigned reduced);

/* infer of any and all: over the dimensions of a cd_reduce_dims_attributes; bool, uint8 for
 * uint8. */
bool cd_infer_truth(cd_call *call);

/* A reduction of core/cpu/ with one output. */
typedef void cd_reduce_kernel(cd_dtype dtype, const cd_reduce_shape *shape, const void *in,
                              void *out);
/* run: output 0 is what the kernel makes of input 0, over the reduced dimensions. */
void cd_run_reduce(const cd_launch *launch, cd_reduce_kernel *kernel);
/* run of sum and its like: the same by a kernel whose results are int64 for integers, brought to
 * the dtype of output 0. */
void cd_run_integers(const cd_launch *launch, cd_reduce_kernel *kernel);
/* The workspace of that: the int64 results, if output 0 has another dtype. */
size_t cd_integers_workspace(const cd_launch *launch);
/* run: output 0 is the sum of input 0 over the reduced dimensions. */
void cd_run_sum(const cd_launch *launch);
/* run: output 0 is the mean. */
void cd_run_mean(const cd_launch *launch);
/* The sum of all elements of x, for the kernels of losses. */
void cd_run_sum_of(const cd_array *x, const cd_array *out);
/* The mean of all elements of x. */
void cd_run_mean_of(const cd_array *x, const cd_array *out);

#endif
