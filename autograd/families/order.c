/* What median, nanmedian and mode share. */
#include "autograd/families/order_internal.h"

#include "core/dtype_internal.h"
#include "core/memory_internal.h"

static bool check_not_bool(const cd_call *call)
{
    return call->in[0].tensor->dtype != CD_BOOL ||
           cd_refuse(call, CD_ERR_DTYPE, "is not defined for bool: convert with cd_to first");
}

bool cd_infer_median(cd_call *call)
{
    cd_infer_reduced(call, cd_all_dims(call->in[0].tensor->shape));
    return check_not_bool(call);
}

bool cd_infer_median_dim(cd_call *call)
{
    return cd_infer_min_max_dim(call) && check_not_bool(call);
}

static size_t workspace(const cd_launch *launch, cd_order_statistic what)
{
    return cd_cpu_order_bytes(what, launch->in[0].layout->numel);
}

size_t cd_median_workspace(const cd_launch *launch)
{
    return workspace(launch, CD_MEDIAN);
}

size_t cd_mode_workspace(const cd_launch *launch)
{
    return workspace(launch, CD_MODE);
}

/* The median of nothing is NaN, or the least integer; that of one dimension was refused. */
static void put_nothing(const cd_array *y)
{
    const cd_dtype dtype = y->layout->dtype;
    if (cd_is_floating(dtype)) {
        cd_put_real(dtype, y->data, 0, (double)NAN);
    } else {
        const cd_operand least = cd_operand_signed(cd_integer_ranges[dtype].min);
        cd_operand_store(&least, dtype, y->data);
    }
}

void cd_run_order(const cd_launch *launch, cd_order_statistic what)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    if (x->layout->numel == 0) {
        put_nothing(y);
        return;
    }
    const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
    cd_cpu_order(what, x->layout->dtype, &walk, x->data, y->data,
                 launch->outputs > 1 ? launch->out[1].data : NULL, launch->workspace);
}
