/* What ops that reduce dimensions share. Their attributes begin with a cd_reduce_attributes;
 * `reduced` is a set of dimensions there and here, bit i for dimension i. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_REDUCTION_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_REDUCTION_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/reduce_internal.h"

/* For an op over one dimension. */
extern const cd_field cd_reduce_dim_fields[];

/* Every dimension of the shape. */
static inline unsigned cd_all_dims(cd_shape shape)
{
    return (1U << shape.ndim) - 1;
}

/* The shape without the reduced dimensions, or with keepdim with size 1 in their place. */
cd_shape cd_reduced_shape(cd_shape shape, unsigned reduced, bool keepdim);
/* infer: output 0 has x's dtype, and x's shape without these dimensions. */
void cd_infer_reduced(cd_call *call, unsigned reduced);
/* infer: the same for the one dimension of the attributes. False with an error when x has no
 * such. */
bool cd_infer_reduced_dim(cd_call *call);
/* y with the reduced dimension put back as size 1, if keepdim had not left it: so that y broadcasts
 * to x. */
cd_tensor *cd_op_restore_dim(cd_tensor *y, cd_shape x_shape, int dim);
/* For an op over all dimensions unless .by_dim is set: false with an error if only .dim is set. */
bool cd_check_by_dim(const char *name, bool by_dim, int dim);
/* Calls an op over every dimension of x. */
cd_tensor *cd_op_reduce_all(const cd_op *op, cd_tensor *x);
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

/* run: output 0 is the sum of input 0 over the reduced dimensions. */
void cd_run_sum(const cd_launch *launch);
/* run: output 0 is the mean. */
void cd_run_mean(const cd_launch *launch);
/* The sum of all elements of x, for the kernels of losses. */
void cd_run_sum_of(const cd_array *x, const cd_array *out);
/* The mean of all elements of x. */
void cd_run_mean_of(const cd_array *x, const cd_array *out);

#endif
