/* What max and min, max_dim and min_dim, argmax and argmin, argmax_dim and argmin_dim share. NaN
 * counts as the largest for max, and as the smallest for min. Of equal elements the first gives the
 * index. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_MIN_MAX_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_MIN_MAX_INTERNAL_H

#include "autograd/families/reduction_internal.h"

/* Whether none of the reduced dimensions is empty, so that there is a largest element; false with
 * an error. */
bool cd_check_not_empty(const cd_call *call, const cd_tensor *x, unsigned reduced);

/* infer of max and min: output 0 is the value over all dimensions. */
bool cd_infer_min_max(cd_call *call);
/* infer of amax and amin: output 0 is the value over any dimensions. */
bool cd_infer_amin_amax(cd_call *call);
/* infer of max_dim and min_dim: output 0 is the value along one dimension, output 1 its index. */
bool cd_infer_min_max_dim(cd_call *call);
/* infer of argmax and argmin: output 0 is the index over all dimensions. */
bool cd_infer_argmin_argmax(cd_call *call);
/* infer of argmax_dim and argmin_dim: output 0 is the index along one dimension. */
bool cd_infer_argmin_argmax_dim(cd_call *call);

/* run: output 0 is the value, output 1, if the op has it, the index. */
void cd_run_max(const cd_launch *launch);
void cd_run_min(const cd_launch *launch);
/* Where a kernel puts the indices: output 1, or the workspace if nobody asks for output 1. */
void *cd_indices_of(const cd_launch *launch);
size_t cd_indices_workspace(const cd_launch *launch);
/* run: output 0 is the index. */
void cd_run_argmax(const cd_launch *launch);
void cd_run_argmin(const cd_launch *launch);

/* Calls an op whose second output are indices: they go to *indices, unless that is NULL. */
cd_tensor *cd_op_with_indices(const cd_op *op, void *attributes, cd_tensor *x, cd_tensor **indices);
/* The same for an op whose second output must be asked for; `what` is its name, for the error. */
cd_tensor *cd_op_with_second(const cd_op *op, void *attributes, cd_tensor *x, cd_tensor **second,
                             const char *what);
/* Calls max_dim or min_dim. */
cd_tensor *cd_op_min_max_dim(const cd_op *op, const cd_dim_options *options);

/* The slots of max and min. */
enum { CD_MIN_MAX_SAVED_X, CD_MIN_MAX_SAVED_Y };
/* backward of max and min: all elements that are equal to the value share the gradient evenly. */
void cd_min_max_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
/* backward of amax and amin: the same, with the gradient NaN where the value is, as in PyTorch. */
void cd_amin_amax_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
/* The gradient dy of a value y over these dimensions, shared evenly by the elements of x that
 * are equal to it. */
cd_tensor *cd_op_share(cd_tensor *dy, cd_tensor *y, cd_tensor *x, cd_dims dims);
/* backward of max_dim and min_dim, which save the index in slot 0: the gradient goes there. */
void cd_min_max_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* A bool tensor: true where x is equal to y, its maximum or minimum, which broadcasts to x. NaN
 * counts as equal to NaN. */
cd_tensor *cd_is_reached(cd_tensor *x, cd_tensor *y);

#endif
