/* The losses and forms of task_internal.h. */
#include "models/task_internal.h"

#include "autograd/ops.h"
#include "core/error.h"
#include "io/loader_internal.h"
#include "nn/losses.h"

cd_module *cd_default_loss(const cd_dataset *set, const char *function)
{
    const cd_dtype dtype = cd_dataset_target_dtype(set);
    if (!cd_ok()) return NULL;
    switch (dtype) {
    case CD_I64:
        return cd_nn_cross_entropy_loss();
    case CD_BOOL:
        return cd_nn_bce_with_logits_loss();
    case CD_F32:
    case CD_F64:
        return cd_nn_mse_loss();
    default:
        (void)cd_fail(CD_ERR_DTYPE,
                      "%s: the targets are %s, for which there is no usual loss: give one as .loss",
                      function, cd_dtype_name(dtype));
        return NULL;
    }
}

/* Whether the output is N x 1 and the target N, of numbers: a loss would broadcast the two to
 * N x N, which nobody means. */
static bool has_column_too_many(const cd_tensor *output, const cd_tensor *target)
{
    return cd_dtype_is_floating(cd_dtype_of(target)) && cd_ndim(target) == 1 &&
           cd_ndim(output) == 2 && cd_size(output, 1) == 1 &&
           cd_size(output, 0) == cd_size(target, 0);
}

bool cd_apply_model(cd_module *model, const cd_batch *b, cd_tensor **output, cd_tensor **target)
{
    cd_tensor *y = cd_forward(model, b->x), *t = b->y;
    if (!y) return false;
    if (!t) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "batch %lld has no targets: its collate function left y NULL",
                       (long long)b->number);
    }
    const cd_dtype dtype = cd_dtype_of(t);
    if (dtype == CD_BOOL || cd_dtype_is_floating(dtype)) t = cd_to(t, cd_dtype_of(y));
    if (t && has_column_too_many(y, t)) y = cd_squeeze(y, 1);
    if (!y || !t) return false;
    *output = y;
    *target = t;
    return true;
}

cd_tensor *cd_batch_loss(cd_module *loss, cd_tensor *output, cd_tensor *target,
                         const char *function)
{
    cd_tensor *value = cd_forward(loss, output, target);
    if (!value || cd_numel(value) == 1) return value;
    char shape[CD_SHAPE_TEXT];
    (void)cd_fail(CD_ERR_SHAPE,
                  "%s: the loss gives %s, and must give one number, the mean over the batch",
                  function, cd_shape_text(cd_shape_of(value), shape));
    return NULL;
}

cd_tensor *cd_measured_target(const cd_loader *loader, cd_tensor *target)
{
    const bool mixed = loader->batch_transform_count > 0 && cd_ndim(target) == 2 &&
                       cd_dtype_is_floating(cd_dtype_of(target)) &&
                       cd_dataset_target_dtype(loader->dataset) == CD_I64;
    return mixed ? cd_argmax_dim(target, 1) : target;
}
