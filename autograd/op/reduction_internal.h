/* What ops share that reduce dimensions: their attributes are a cd_reduce_attributes. */
#ifndef CANDELA_AUTOGRAD_OP_REDUCTION_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_REDUCTION_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/cpu/reduce_internal.h"

/* The fields of those that reduce one dimension. */
extern const cd_field cd_reduce_dim_fields[];

/* Every dimension of the shape. */
static inline unsigned cd_all_dims(cd_shape shape)
{
    return (1U << shape.ndim) - 1;
}

/* The shape without those dimensions, or with size 1 in their place. */
cd_shape cd_reduced_shape(cd_shape shape, unsigned reduced, bool keepdim);
/* Output 0 is of x's dtype, without these dimensions; and without the one that the attributes name,
 * which there must be. */
void cd_infer_reduced(cd_call *call, unsigned reduced);
bool cd_infer_reduced_dim(cd_call *call);
/* The reduced dimension put back with size 1, where it is not there any more. */
cd_tensor *cd_op_restore_dim(cd_tensor *y, cd_shape x_shape, int dim);
/* For ops over everything unless .by_dim is set: a .dim without it is a mistake. */
bool cd_check_by_dim(const char *name, bool by_dim, int dim);
/* Calls an op over every dimension of x. */
cd_tensor *cd_op_reduce_all(const cd_op *op, cd_tensor *x);
/* Calls an op over one dimension that has no indices to give: an error if they are asked for. */
cd_tensor *cd_op_reduce_dim(const cd_op *op, const cd_dim_options *options);
/* The dtype of a sum: int64 for integers and bool. */
cd_dtype cd_sum_type(cd_dtype dtype);

/* The shape as three dimensions, of which the middle one is `dim`. */
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

/* How a kernel walks x when the dimensions whose bits are set in `reduced` are reduced. */
cd_reduce_shape cd_reduce_walk(const cd_layout *x, unsigned reduced);

/* Output 0 is the sum of input 0; the mean. */
void cd_run_sum(const cd_launch *launch);
void cd_run_mean(const cd_launch *launch);
/* The sum and the mean of all of x. */
void cd_run_sum_of(const cd_argument *x, const cd_argument *out);
void cd_run_mean_of(const cd_argument *x, const cd_argument *out);

#endif
