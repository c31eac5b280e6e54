/* What max and min, max_dim and min_dim, argmax and argmin, argmax_dim and argmin_dim share. */
#ifndef CANDELA_AUTOGRAD_EXTREMES_INTERNAL_H
#define CANDELA_AUTOGRAD_EXTREMES_INTERNAL_H

#include "autograd/op_internal.h"

/* cd_cpu_max or cd_cpu_min. */
typedef void cd_extreme_kernel(cd_dtype dtype, const cd_reduce_shape *shape, const void *in,
                               void *out, int64_t *indices);

/* There is an extreme over these dimensions: none of them is empty. */
bool cd_op_check_extremes(cd_old_call *call, const cd_tensor *x, unsigned reduced);

/* The whole of each of them. NaN wins over all numbers; of equal ones the first counts for indices.
 */
cd_tensor *cd_op_extreme(const cd_op *op, cd_extreme_kernel *kernel, cd_tensor *x);
cd_tensor *cd_op_extreme_dim(const cd_op *op, cd_extreme_kernel *kernel,
                             const cd_dim_options *options);
cd_tensor *cd_op_extreme_place(const cd_op *op, cd_extreme_kernel *kernel, cd_tensor *x);
cd_tensor *cd_op_extreme_place_dim(const cd_op *op, cd_extreme_kernel *kernel,
                                   const cd_dim_options *options);
/* Over everything all equal ones share the gradient evenly; along a dimension the first has it. */
void cd_extreme_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
void cd_extreme_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* As bool: where x is y, an extreme of it that broadcasts; NaN is NaN here. */
cd_tensor *cd_is_reached(cd_tensor *x, cd_tensor *y);

#endif
