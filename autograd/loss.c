/* What losses share: their options, and what becomes of their elements. */
#include "autograd/op_internal.h"

bool cd_check_loss(const char *name, const cd_loss_options *loss)
{
    if (!cd_check_tensor(loss->input, name, "the input") ||
        !cd_check_tensor(loss->target, name, "the target")) {
        return false;
    }
    switch (loss->reduction) {
    case CD_MEAN:
    case CD_SUM:
    case CD_NONE:
        return true;
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s: %d is no reduction: CD_MEAN, CD_SUM or CD_NONE", name,
                   (int)loss->reduction);
}

cd_tensor *cd_op_loss_elements(cd_call *call, cd_dtype dtype, cd_shape shape,
                               cd_reduction reduction)
{
    return reduction == CD_NONE ? cd_op_output(call, dtype, shape)
                                : cd_op_temporary(call, dtype, shape);
}

void cd_op_finish_loss(cd_call *call, cd_tensor *elements, cd_reduction reduction)
{
    if (reduction == CD_NONE || call->failed) return;
    unsigned all = cd_all_dims(elements->shape);
    if (reduction == CD_MEAN) cd_op_output_mean(call, elements, all, false);
    if (reduction == CD_SUM) (void)cd_op_output_sum(call, elements, all, false);
}
