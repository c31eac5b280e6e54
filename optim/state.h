/* All that a training run must remember to go on as if it had not stopped.
 *
 * The state of a module is its parameters and buffers, that of an optimizer its rate and what it
 * remembers of each parameter, that of a schedule its step and first rate, and that of a generator
 * of random numbers its bytes. One visitor sees all of it as named tensors, reads them to save a
 * run, or writes them to go on with one:
 *
 *     cd_visit_state(model, visitor, user);       "fc.weight", ...
 *     cd_visit_state(optimizer, visitor, user);   "rate", "0.momentum", "0.started", "1.momentum", ...
 *     cd_visit_state(schedule, visitor, user);    "base" (float64), "step" (int64)
 *     cd_visit_state(generator, visitor, user);   "state" (uint8, CD_RNG_STATE_BYTES of them)
 */
#ifndef CANDELA_OPTIM_STATE_H
#define CANDELA_OPTIM_STATE_H

#include "core/random.h"
#include "nn/module.h"
#include "optim/optim.h"

CD_BEGIN_DECLS

/* Calls the visitor with each tensor of the object's state. What the visitor writes into the
 * tensor (cd_write, cd_copy_ under CD_NO_GRAD()) is the state from then on. It must not keep the
 * tensor. False when the visitor returned false, or with an error. Nothing is visited while an
 * error is pending.
 *
 * An optimizer's state tensors are made by its first step; where there was none, they are made
 * here, as that step would. They are named after the number of the parameter in the optimizer's
 * list, as in PyTorch's state_dict. */
CD_API bool cd_visit_module_state(cd_module *m, cd_visitor *visitor, void *user);
CD_API bool cd_visit_optimizer_state(cd_optimizer *o, cd_visitor *visitor, void *user);
CD_API bool cd_visit_scheduler_state(cd_scheduler *s, cd_visitor *visitor, void *user);
/* NULL is the default generator. Bytes that are no state are CD_ERR_FORMAT, and leave the generator
 * as it was. */
CD_API bool cd_visit_generator_state(cd_generator *g, cd_visitor *visitor, void *user);

#define cd_visit_state(x_, visitor_, user_)                                                        \
    _Generic((x_), cd_module *                                                                     \
             : cd_visit_module_state, cd_optimizer *                                               \
             : cd_visit_optimizer_state, cd_scheduler *                                            \
             : cd_visit_scheduler_state, cd_generator *                                            \
             : cd_visit_generator_state)((x_), (visitor_), (user_))

CD_END_DECLS

#endif
