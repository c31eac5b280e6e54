/* What max and min, max_dim and min_dim, argmax and argmin, argmax_dim and argmin_dim share. NaN
 * wins over all numbers; of equal ones the first counts for indices. */
#ifndef CANDELA_AUTOGRAD_OP_MIN_MAX_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_MIN_MAX_INTERNAL_H

#include "autograd/op/reduction_internal.h"

/* There is an extreme over these dimensions: none of them is empty. */
bool cd_check_not_empty(const cd_call *call, const cd_tensor *x, unsigned reduced);

/* The value over everything; along one dimension, the second output being where it is; and that
 * alone, over everything and along one dimension. */
bool cd_infer_min_max(cd_call *call);
bool cd_infer_min_max_dim(cd_call *call);
bool cd_infer_argmin_argmax(cd_call *call);
bool cd_infer_argmin_argmax_dim(cd_call *call);

/* Output 0 is the value, output 1 where it is if there is one. */
void cd_run_max(const cd_launch *launch);
void cd_run_min(const cd_launch *launch);
/* Output 1, the indices, or a workspace in its place where nobody asks for them. */
void *cd_indices_of(const cd_launch *launch);
size_t cd_indices_workspace(const cd_launch *launch);
/* Output 0 is where it is. */
void cd_run_argmax(const cd_launch *launch);
void cd_run_argmin(const cd_launch *launch);

/* Calls an op whose second output are indices: they go to *indices, unless that is NULL. */
cd_tensor *cd_op_with_indices(const cd_op *op, void *attributes, cd_tensor *x, cd_tensor **indices);
/* Calls max_dim or min_dim. */
cd_tensor *cd_op_min_max_dim(const cd_op *op, const cd_dim_options *options);

/* Over everything all equal ones share the gradient evenly; along a dimension the first has it. */
enum { CD_MIN_MAX_SAVED_X, CD_MIN_MAX_SAVED_Y };
void cd_min_max_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
void cd_min_max_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* As bool: where x is y, an extreme of it that broadcasts; NaN is NaN here. */
cd_tensor *cd_is_reached(cd_tensor *x, cd_tensor *y);

#endif
