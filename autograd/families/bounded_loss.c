/* What smooth_l1_loss and huber_loss share. */
#include "autograd/families/bounded_loss_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

const cd_field cd_bounded_loss_fields[] = {
    CD_FIELD(cd_bounded_loss_attributes, reduction, REDUCTION),
    CD_FIELD(cd_bounded_loss_attributes, bound, REAL), CD_FIELDS_END
};

void cd_bounded_loss_run(const cd_launch *launch, cd_loss_kind kind)
{
    const cd_bounded_loss_attributes *a = launch->attributes;
    cd_loss_elements each;
    cd_run_loss_begin(launch, &each);
    cd_cpu_elementwise(cd_cpu_loss_loop(kind, each.argument.layout->dtype), &each.argument, 2,
                       launch->in, &a->bound);
    cd_run_loss_end(launch, &each);
}

/* x - t within the bounds. Outside of them it has no gradient. */
static cd_tensor *clipped_difference(cd_tensor *x, cd_tensor *t, double bound)
{
    cd_tensor *d = cd_sub(x, t);
    return cd_where(cd_ge(cd_abs(d), bound), cd_mul(cd_sign(d), bound), d);
}

void cd_bounded_loss_backward(cd_node *node, cd_tensor *dy, cd_tensor **dx, double slope)
{
    const cd_bounded_loss_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, CD_LOSS_IN_INPUT),
              *t = cd_saved_value(node, CD_LOSS_IN_TARGET);
    cd_tensor *d = clipped_difference(x, t, a->bound);
    cd_tensor *x_grad = cd_mul(dy, cd_mul(d, cd_pair_loss_scale(node) * slope));
    if (cd_wanted(node, CD_LOSS_IN_INPUT)) dx[CD_LOSS_IN_INPUT] = x_grad;
    if (cd_wanted(node, CD_LOSS_IN_TARGET)) dx[CD_LOSS_IN_TARGET] = cd_neg(x_grad);
}
