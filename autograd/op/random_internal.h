/* What ops share that draw random numbers into a tensor, in place. */
#ifndef CANDELA_AUTOGRAD_OP_RANDOM_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_RANDOM_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/random_internal.h"

/* Their call, and their functions: the attributes are a cd_draw. A failed call draws nothing. */
cd_tensor *cd_draw_anew(const cd_op *op, cd_tensor *x, cd_draw draw, cd_generator *generator);
bool cd_infer_draw(cd_call *call);
void cd_run_draw(const cd_launch *launch);

#endif
