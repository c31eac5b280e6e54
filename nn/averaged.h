/* Averages of a model's weights over the steps of training, torch.optim.swa_utils:
 *
 *     cd_module *ema = cd_nn_averaged_model(model, .decay = 0.999);
 *     ...
 *         cd_step(sgd);
 *         cd_update_parameters(ema, model);
 *     ...
 *     cd_eval(ema);
 *     cd_tensor *y = cd_forward(ema, x);
 *
 * For the schedule SWALR see cd_schedule_swa. */
#ifndef CANDELA_NN_AVERAGED_H
#define CANDELA_NN_AVERAGED_H

#include "nn/module.h"

CD_BEGIN_DECLS

typedef struct cd_nn_averaged_model_options {
    cd_module *model; /* only read */
    CD_GUARD_;
    double decay;     /* from 0 (CD_ZERO) to 1; default: the mean over all updates (SWA) */
    bool use_buffers; /* floating buffers and others are averaged too; default: they are copied */
    cd_device device; /* default: where the model is */
} cd_nn_averaged_model_options;

/* torch.optim.swa_utils.AveragedModel: a module that contains a copy of the model
 * (cd_module_copy), calls it, and averages its parameters.
 *
 *     module       the child that is the copy: cd_module_get(m, "module")
 *     n_averaged   a buffer, 0-d int64: how many updates there were
 *
 * With .decay, which stands for PyTorch's multi_avg_fn=get_ema_multi_avg_fn(decay), the average is
 * decay * average + (1 - decay) * parameter; else (PyTorch's default) average + (parameter -
 * average) / (n_averaged + 1). Both are in the state that is saved, as "module.fc.weight" and
 * "n_averaged". cd_forward passes all inputs to the copy; call the copy itself for more than one
 * output, or by a function such as cd_forward_recurrent. */
CD_API cd_module *cd_nn_averaged_model_with(cd_nn_averaged_model_options options);
#define cd_nn_averaged_model(...)                                                                  \
    cd_nn_averaged_model_with((cd_nn_averaged_model_options){ .model = __VA_ARGS__ })

/* averaged.update_parameters(model): the first update copies the model's parameters, later ones
 * average. The model must have the parameters and buffers of the copy, in the same order and shapes
 * (CD_ERR_SHAPE); they are converted to the dtypes and devices of the copy. With an error nothing
 * has changed. Cannot be captured. */
CD_API bool cd_update_parameters(cd_module *averaged, cd_module *model);

/* The next input of a model, owned by the open scope; NULL after the last one, or with an error set
 * (cd_fail). */
typedef cd_tensor *cd_next_batch(void *user);

/* torch.optim.swa_utils.update_bn: the running statistics of all batch norms within m become the
 * means over these inputs, with which m is called in training mode under CD_NO_GRAD(). Then m is in
 * the mode in which it was, and the momenta are what they were, also with an error. A module
 * without batch norm is not called. Batch norms that are frozen (cd_freeze) stay as they are. */
CD_API bool cd_update_bn(cd_module *m, cd_next_batch *next, void *user);

CD_END_DECLS

#endif
