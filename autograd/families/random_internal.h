/* What uniform_, normal_ and bernoulli_ share: they draw each element of a tensor anew, in
 * place. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_RANDOM_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_RANDOM_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/random_internal.h"

/* Calls the op, whose attributes are the cd_draw. A call that fails draws nothing. */
cd_tensor *cd_draw_in_place(const cd_op *op, cd_tensor *x, cd_draw draw, cd_generator *generator);
bool cd_infer_draw(cd_call *call);
void cd_run_draw(const cd_launch *launch);

#endif
