/* What arithmetic ops of two and three operands share: divisors, factors, and three inputs that
 * broadcast. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_ARITHMETIC_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_ARITHMETIC_INTERNAL_H

#include "autograd/ops_internal.h"

/* --- operands a and b, saved for the gradients of each other ---------------------------------- */

enum { CD_LEFT, CD_RIGHT };             /* the inputs a and b */
enum { CD_SAVED_LEFT, CD_SAVED_RIGHT }; /* their slots */
/* For a descriptor: saves both, where the gradient of either needs both. */
#define CD_SAVE_BOTH                                                                               \
    {                                                                                              \
        [CD_SAVED_LEFT] = { CD_INPUT, CD_LEFT }, [CD_SAVED_RIGHT] = { CD_INPUT, CD_RIGHT }         \
    }
/* For a descriptor: saves both, where only the gradient of b needs them. */
#define CD_SAVE_FOR_RIGHT                                                                          \
    {                                                                                              \
        [CD_SAVED_LEFT] = { CD_INPUT, CD_LEFT, CD_SET(CD_RIGHT) }, [CD_SAVED_RIGHT] = {            \
            CD_INPUT,                                                                              \
            CD_RIGHT,                                                                              \
            CD_SET(CD_RIGHT)                                                                       \
        }                                                                                          \
    }

/* --- division by whole numbers ---------------------------------------------------------------- */

/* The infer, check, refuse and run of an elementwise op that divides by input 1: of integers a
 * divisor of 0 is an error. */
bool cd_infer_division(cd_call *call);
bool cd_check_divisor(const cd_launch *launch, cd_fault *fault);
bool cd_refuse_divisor(cd_call *call, const cd_fault *fault);
void cd_run_division(const cd_launch *launch);

/* --- factors ---------------------------------------------------------------------------------- */

/* Makes the factor that the map uses from the number that was given; false with an error for one
 * that the dtype does not have. A fraction for integers is cut off, or refused if the factor must
 * be `whole` for these. `name` is its name in errors. */
bool cd_infer_factor(const cd_call *call, const char *name, cd_dtype dtype, bool whole,
                     double value, cd_scalar *factor);

/* For ops of two inputs whose attributes are a cd_scaled_attributes: a + alpha b, where `sign` is
 * 1, or a - alpha b, where it is -1. Infer, backward, the fields, and a call. */
bool cd_infer_scaled(cd_call *call, int sign);
void cd_scaled_gradients(cd_node *node, cd_tensor *dy, cd_tensor **dx, int sign);
extern const cd_field cd_scaled_fields[];
cd_tensor *cd_scaled(const cd_op *op, cd_operand a, cd_operand b, double alpha, bool in_place);

/* dy times a factor: dy itself if that is 1. */
cd_tensor *cd_times(cd_tensor *dy, double factor);

/* --- three inputs ----------------------------------------------------------------------------- */

/* Sets the output's shape, to which three inputs broadcast, and its dtype, in which the kernel also
 * needs the inputs. False with an error. */
bool cd_infer_three(cd_call *call, cd_dtype dtype);

#endif
