/* The state of a training run: all that must be saved so that the run can be resumed later and give
 * the same numbers as if it had not stopped.
 *
 * A visitor sees the state of an object as named tensors. It reads the tensors to save the run, or
 * writes them to resume it:
 *
 *     cd_visit_state(model, visitor, user);       parameters and buffers: "fc.weight", ...
 *     cd_visit_state(optimizer, visitor, user);   "rate", "momentum", "0.step", ...
 *     cd_visit_state(schedule, visitor, user);    "base" (float64, one for each group), "step"
 *     cd_visit_state(generator, visitor, user);   "state" (uint8, CD_RNG_STATE_BYTES of them)
 */
#ifndef CANDELA_OPTIM_STATE_H
#define CANDELA_OPTIM_STATE_H

#include "core/random.h"
#include "nn/module.h"
#include "optim/schedule.h"

CD_BEGIN_DECLS

/* These functions call the visitor with each tensor of an object's state. What the visitor writes
 * into a tensor (cd_write, or cd_copy_ under CD_NO_GRAD()) becomes the object's state. The visitor
 * must not use the tensor after it returns. False if the visitor returned false, or with an error.
 * Nothing is visited while an error is pending. */

/* A module's parameters and buffers, as cd_visit. */
CD_API bool cd_visit_module_state(cd_module *m, cd_visitor *visitor, void *user);
/* The learning rate and momentum (or beta1) of each group, "rate" and "momentum" for group 0 and
 * "rate.1" for group 1, and the state of each parameter under the parameter's number in the
 * optimizer's list, as in PyTorch's state_dict. State tensors that the first step would make are
 * made here before it, each on the device where its parameter is now; cd_module_to does not move
 * them later. A rate that is negative or not finite is CD_ERR_FORMAT and leaves the rate as it
 * was. */
CD_API bool cd_visit_optimizer_state(cd_optimizer *o, cd_visitor *visitor, void *user);
/* The rates of a schedule at step 0, its count of steps, and what else a schedule has to
 * remember; for schedules within it the same behind their number, "0.step". A negative rate or
 * one that is not finite, or more than 2^53 steps, is CD_ERR_FORMAT and leaves that schedule as
 * it was. */
CD_API bool cd_visit_scheduler_state(cd_scheduler *s, cd_visitor *visitor, void *user);
/* A random generator's bytes; NULL is the default generator. Bytes that are not a generator's state
 * are CD_ERR_FORMAT and leave the generator as it was. */
CD_API bool cd_visit_generator_state(cd_generator *g, cd_visitor *visitor, void *user);

/* Calls the function above for the type of x_. */
#define cd_visit_state(x_, visitor_, user_)                                                        \
    _Generic((x_), cd_module *                                                                     \
             : cd_visit_module_state, cd_optimizer *                                               \
             : cd_visit_optimizer_state, cd_scheduler *                                            \
             : cd_visit_scheduler_state, cd_generator *                                            \
             : cd_visit_generator_state)((x_), (visitor_), (user_))

CD_END_DECLS

#endif
