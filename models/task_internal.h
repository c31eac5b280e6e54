/* What a data set's targets ask for: the loss that cd_fit and cd_evaluate take when none is given,
 * and outputs and targets in the form that losses and metrics want. */
#ifndef CANDELA_MODELS_TASK_INTERNAL_H
#define CANDELA_MODELS_TASK_INTERNAL_H

#include "io/loader.h"
#include "nn/module.h"

/* The loss for the targets of a data set: CrossEntropyLoss for classes, BCEWithLogitsLoss for bool,
 * MSELoss for floating targets. A module of the open scope; NULL with an error, which names
 * `function`. */
cd_module *cd_default_loss(const cd_dataset *set, const char *function);

/* The model's outputs for a batch, and its targets in the outputs' form: yes and no become 1 and 0;
 * floating targets get the outputs' dtype; and where a model gives N x 1 for targets of N, the
 * outputs become N. False with an error. */
bool cd_apply_model(cd_module *model, const cd_batch *b, cd_tensor **output, cd_tensor **target);

/* The loss of a batch as one number; NULL with an error, also for a loss that gives more. */
cd_tensor *cd_batch_loss(cd_module *loss, cd_tensor *output, cd_tensor *target,
                         const char *function);

/* The targets of a batch as metrics take them. Where the data set has classes and a transform of
 * batches, such as mixup, has made probabilities of them, the class with the largest of these, the
 * first of equal ones, is the true one: so metrics see what they see of a batch that is not mixed.
 * NULL with an error. */
cd_tensor *cd_measured_target(const cd_loader *loader, cd_tensor *target);

#endif
