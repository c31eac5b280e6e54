/* autograd/ops/bernoulli.c
 *
 *   y = 1 with probability p, else 0          dp = 0
 *
 * Shape and dtype of p, which is floating; drawn row by row. Saves nothing. */
#include <string.h>

#include "autograd/op_internal.h"

/* Drawn into y when nothing can fail any more. */
static void draw(cd_tensor *y, const cd_tensor *p, cd_generator *generator)
{
    cd_generator_state *state = cd_generator_lock(generator);
    (void)cd_random_bernoulli_each(state, y->dtype, cd_tensor_data(y), y->numel, p->dtype,
                                   cd_tensor_data(p));
    cd_generator_unlock(generator);
}

cd_tensor *cd_bernoulli_with(cd_bernoulli_options o)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_bernoulli, o.p)) return NULL;
    call.failed =
        !cd_generator_check(o.generator, "bernoulli") || !cd_op_check_floating(&call, o.p->dtype);
    cd_tensor *p = cd_op_contiguous(&call, o.p);
    if (p && !cd_random_check_each(p->dtype, cd_tensor_data(p), p->numel)) call.failed = true;
    cd_tensor *y = cd_op_output(&call, o.p->dtype, o.p->shape);
    if (y) memset(cd_tensor_data(y), 0, y->storage->bytes); /* anomaly mode looks at it now */
    if (p) cd_object_own(&p->object);                       /* a temporary would go with the call */
    y = cd_op_end(&call);
    if (y) draw(y, p, o.generator);
    cd_object_disown((cd_object *)p);
    return y;
}

const cd_op cd_op_bernoulli = {
    .name = "bernoulli",
    .grad_fn = "BernoulliBackward0",
    .like = "torch.bernoulli(p)",
    .formula = "y = 1 with probability p, else 0",
    .gradient = "dp = 0",
    .dtypes = "floating",
    .random = true,
    .backward = cd_zero_backward,
};
