/* What uniform_, normal_ and bernoulli_ share. */
#include "autograd/families/random_internal.h"

bool cd_infer_draw(cd_call *call)
{
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_draw_check(call->launch.attributes, x->dtype, call->name)) return false;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

void cd_run_draw(const cd_launch *launch)
{
    const cd_array *x = &launch->out[0];
    cd_draw_into(launch->generator, launch->attributes, x, x->layout);
}

cd_tensor *cd_draw_in_place(const cd_op *op, cd_tensor *x, cd_draw draw, cd_generator *generator)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, op, &in, 1);
    call.in_place = true;
    call.launch.attributes = &draw;
    call.generator = generator;
    return cd_call_run(&call);
}
