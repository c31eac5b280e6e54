/* What losses share: their options, and what becomes of their elements. */
#include "autograd/op_internal.h"

static bool check_options(const char *name, const cd_loss_options *loss, unsigned takes)
{
    const char *wrong = NULL;
    if (loss->weight && !(takes & CD_LOSS_WEIGHT)) wrong = "weight";
    if (loss->pos_weight && !(takes & CD_LOSS_POS_WEIGHT)) wrong = "pos_weight";
    if (loss->ignore && !(takes & CD_LOSS_IGNORE)) wrong = "ignore";
    if (wrong) return cd_fail(CD_ERR_ARGUMENT, "%s: .%s is not for this loss", name, wrong);
    return loss->ignore || loss->ignore_index == 0 ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .ignore_index is %lld, and is only looked at with .ignore = true", name,
                   (long long)loss->ignore_index);
}

bool cd_check_loss(const char *name, const cd_loss_options *loss, unsigned takes)
{
    if (!check_options(name, loss, takes) || !cd_check_tensor(loss->input, name, "the input") ||
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

cd_tensor *cd_op_loss_elements(cd_old_call *call, cd_dtype dtype, cd_shape shape,
                               cd_reduction reduction)
{
    return reduction == CD_NONE ? cd_op_output(call, dtype, shape)
                                : cd_op_temporary(call, dtype, shape);
}

void cd_op_finish_loss(cd_old_call *call, cd_tensor *elements, cd_reduction reduction)
{
    if (reduction == CD_NONE || call->failed) return;
    unsigned all = cd_all_dims(elements->shape);
    if (reduction == CD_MEAN) cd_op_output_mean(call, elements, all, false);
    if (reduction == CD_SUM) (void)cd_op_output_sum(call, elements, all, false);
}
