/* What clamp, clamp_min, clamp_max, maximum and minimum share. */
#ifndef CANDELA_AUTOGRAD_OP_CLAMP_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_CLAMP_INTERNAL_H

#include "autograd/op/call_internal.h"

/* An op of x and of bounds that are numbers, NULL for one that is not there: its attributes are a
 * cd_clamp_attributes, and these its functions. Bounds outside an integer dtype's range are brought
 * to its ends. */
cd_tensor *cd_clamp_by(const cd_op *op, cd_tensor *x, const cd_operand *low, const cd_operand *high,
                       bool in_place);
bool cd_infer_clamp(cd_call *call);
void cd_run_clamp(const cd_launch *launch);
void cd_clamp_numbers_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
extern const cd_field cd_clamp_fields[];

/* The whole of clamp_min and clamp_max. The graph's node has one name for a number as the bound and
 * another for a tensor. */
typedef struct cd_clamp_op {
    const cd_op *number, *tensor;
    bool upper;
} cd_clamp_op;
cd_tensor *cd_clamp_one(const cd_clamp_op *op, cd_tensor *x, cd_operand bound, bool in_place);

/* The whole of maximum and minimum. A number must be among those of the dtype, as a bound must. */
cd_tensor *cd_choose(const cd_op *op, cd_operand a, cd_operand b);
/* The gradients of the larger and the smaller of saved inputs 0 and 1. */
void cd_maximum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
void cd_minimum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* The operand is a number, or a live tensor; `argument` is its name in the sentence when not. */
bool cd_check_operand(cd_operand o, const char *function, const char *argument);

#endif
