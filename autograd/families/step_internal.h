/* What the ops of optimizers' steps share. Such an op updates one parameter w by its gradient g,
 * in place, and the optimizer's state of it with it.
 *
 * What changes from step to step is an input, so that a captured step can be run again: `rate`
 * and `momentum` (beta1, for optimizers in the manner of Adam) are 0-d float64; `step`, 0-d
 * int64, counts the steps before this one. Inputs from CD_STEP_STATE on are arrays like w. An op
 * may do without some of them, which are NULL then. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_STEP_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_STEP_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/optim_step_internal.h"

/* The inputs. */
enum { CD_STEP_W, CD_STEP_G, CD_STEP_RATE, CD_STEP_MOMENTUM, CD_STEP_COUNT_SO_FAR, CD_STEP_STATE };
/* The outputs: w, the count, and the state. */
enum { CD_STEP_NEW_W, CD_STEP_NEW_COUNT, CD_STEP_NEW_STATE };

/* What the numbers of a step are made from. */
typedef struct cd_step_now {
    const cd_step_attributes *attributes;
    double lr, momentum;
    int64_t step; /* the number of this step; the first one is 1 */
    const cd_launch *launch;
} cd_step_now;

/* The numbers that the kernel needs; decay, keep and maximize are set before the call. */
typedef void cd_step_formula(const cd_step_now *now, cd_step_numbers *numbers);

bool cd_infer_step(cd_call *call);
/* The same for an op of which only so many state inputs are arrays. */
bool cd_infer_step_with(cd_call *call, int arrays);
/* Whether input k, if it was given, is 0-d of this dtype; false with an error. */
bool cd_check_step_number(const cd_call *call, int k, cd_dtype dtype);
/* run_all of a step's kernel. */
void cd_run_steps(cd_step_kind kind, cd_step_formula *formula, const cd_launch *const *launches,
                  int64_t count);
/* run of a step's kernel: its run_all for one launch. */
void cd_run_one_step(const cd_launch *launch);

/* In a descriptor: all that steps have in common. */
#define CD_STEP_OP(fields_)                                                                        \
    .gradient = "none: parameters move under CD_NO_GRAD()",                                        \
    .dtypes = "floating, the same for all", .computes_in = CD_FLOATS, .changes = true,             \
    CD_OP_ATTRIBUTES(cd_step_attributes, fields_)
/* In its table of fields. */
#define CD_STEP_FIELD(member_, kind_) CD_FIELD(cd_step_attributes, member_, kind_)

#endif
