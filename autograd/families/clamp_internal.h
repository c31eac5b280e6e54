/* What clamp, clamp_min, clamp_max, maximum and minimum share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_CLAMP_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_CLAMP_INTERNAL_H

#include "autograd/dispatch/call_internal.h"

/* --- bounds that are numbers ------------------------------------------------------------------ */

/* The functions of clamp, clamp_min and clamp_max with numbers as bounds, whose attributes are a
 * cd_clamp_attributes. */

/* Calls the op; low or high is NULL where there is no such bound. */
cd_tensor *cd_clamp_by(const cd_op *op, cd_tensor *x, const cd_operand *low, const cd_operand *high,
                       bool in_place);
/* Also moves bounds outside of an integer dtype's range to the ends of the range. */
bool cd_infer_clamp(cd_call *call);
void cd_run_clamp(const cd_launch *launch);
void cd_clamp_numbers_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
extern const cd_field cd_clamp_fields[];

/* --- clamp_min and clamp_max ------------------------------------------------------------------ */

/* The two ops of each: with a number as the bound, and with a tensor, which has another node. */
typedef struct cd_clamp_op {
    const cd_op *number, *tensor;
    bool upper; /* clamp_max */
} cd_clamp_op;
/* cd_clamp_min or cd_clamp_max. */
cd_tensor *cd_clamp_one(const cd_clamp_op *op, cd_tensor *x, cd_operand bound, bool in_place);

/* --- maximum and minimum ---------------------------------------------------------------------- */

/* cd_maximum or cd_minimum. A number is checked against the dtype's range, as a bound is. */
cd_tensor *cd_maximum_or_minimum(const cd_op *op, cd_operand a, cd_operand b);
/* The backward rules, of ops that save their inputs in slots 0 and 1. */
void cd_maximum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
void cd_minimum_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* Whether the operand is a number or a live tensor; false with an error that names `argument`. */
bool cd_check_operand(cd_operand o, const char *function, const char *argument);

#endif
