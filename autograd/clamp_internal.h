/* What clamp, clamp_min, clamp_max, maximum and minimum share. */
#ifndef CANDELA_AUTOGRAD_CLAMP_INTERNAL_H
#define CANDELA_AUTOGRAD_CLAMP_INTERNAL_H

#include "autograd/op_internal.h"

/* Bounds that are numbers: the whole of the op but for its checks. NULL for a bound that is not
 * there; one outside an integer dtype's range is changed to its end. */
cd_tensor *cd_op_clamp_numbers(const cd_op *op, cd_tensor *x, cd_operand *low, cd_operand *high,
                               bool in_place);
void cd_clamp_numbers_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* The whole of clamp_min and clamp_max. The graph's node has one name for a number as the bound and
 * another for a tensor. */
typedef struct cd_clamp_op {
    const cd_op *number, *tensor;
    bool upper;
} cd_clamp_op;
cd_tensor *cd_op_clamp_one(const cd_clamp_op *op, cd_tensor *x, cd_operand bound, bool in_place);

/* The whole of maximum and minimum. A number must be among those of the dtype, as a bound must. */
cd_tensor *cd_op_choice(const cd_op *op, cd_operand a, cd_operand b);
/* The gradients of the larger and the smaller of saved operands 0 and 1. */
void cd_maximum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
void cd_minimum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
