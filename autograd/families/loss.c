/* What losses share: the checks of their options, and the reduction of their elements. */
#include "autograd/families/loss_internal.h"
#include "autograd/families/reduction_internal.h"

static bool check_options(const char *name, const cd_loss_options *loss, unsigned takes)
{
    const char *wrong = NULL;
    if (loss->weight && !(takes & CD_LOSS_TAKES_WEIGHT)) wrong = "weight";
    if (loss->pos_weight && !(takes & CD_LOSS_TAKES_POS_WEIGHT)) wrong = "pos_weight";
    if (loss->ignore && !(takes & CD_LOSS_TAKES_IGNORE)) wrong = "ignore";
    if (wrong) return cd_fail(CD_ERR_ARGUMENT, "%s: .%s is not for this loss", name, wrong);
    return loss->ignore || loss->ignore_index == 0 ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .ignore_index is %lld, and is only looked at with .ignore = true", name,
                   (long long)loss->ignore_index);
}

bool cd_check_loss(const char *name, const cd_loss_options *loss, unsigned takes)
{
    if (!check_options(name, loss, takes)) return false;
    switch (loss->reduction) {
    case CD_MEAN:
    case CD_SUM:
    case CD_NONE:
        return true;
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s: %d is no reduction: CD_MEAN, CD_SUM or CD_NONE", name,
                   (int)loss->reduction);
}

void cd_infer_loss(cd_call *call, cd_dtype dtype, cd_shape shape, cd_reduction reduction)
{
    call->out[0].dtype = dtype;
    call->out[0].shape = reduction == CD_NONE ? shape : CD_SCALAR;
}

/* --- run -------------------------------------------------------------------------------------- */

static cd_reduction reduction_of(const cd_launch *launch)
{
    const cd_loss_attributes *a = launch->attributes;
    return a->reduction;
}

/* The layout of the elements: contiguous, in the shape that x and target broadcast to. */
static void set_layout(const cd_launch *launch, cd_layout *layout)
{
    cd_shape shape = CD_SCALAR;
    const cd_layout *x = launch->in[CD_LOSS_IN_INPUT].layout,
                    *t = launch->in[CD_LOSS_IN_TARGET].layout;
    if (x->contiguous && cd_shape_equal(x->shape, t->shape)) {
        *layout = *x;
        return;
    }
    (void)cd_shape_broadcast(x->shape, t->shape, &shape);
    *layout = cd_layout_row_major(x->dtype, shape);
}

size_t cd_loss_workspace(const cd_launch *launch)
{
    if (reduction_of(launch) == CD_NONE) return 0;
    cd_work work = { NULL, 0 };
    cd_layout layout;
    set_layout(launch, &layout);
    (void)cd_work_take(&work, &layout);
    return work.bytes;
}

void cd_run_loss_begin(const cd_launch *launch, cd_loss_elements *elements)
{
    elements->argument = launch->out[0];
    if (reduction_of(launch) == CD_NONE) return;
    set_layout(launch, &elements->layout);
    elements->argument = (cd_array){ launch->workspace, &elements->layout };
}

void cd_run_loss_end(const cd_launch *launch, const cd_loss_elements *elements)
{
    const cd_reduction reduction = reduction_of(launch);
    if (reduction == CD_MEAN) cd_run_mean_of(&elements->argument, &launch->out[0]);
    if (reduction == CD_SUM) cd_run_sum_of(&elements->argument, &launch->out[0]);
}
