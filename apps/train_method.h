/* What trains a model: the optimizer, the schedule, the loss and the batches that the options ask
 * for. All objects belong to the open scope; NULL with a library error. */
#ifndef CANDELA_APPS_TRAIN_METHOD_H
#define CANDELA_APPS_TRAIN_METHOD_H

#include "apps/training.h"

/* By --optimizer, --lr, --momentum and --weight-decay. */
cd_optimizer *train_optimizer(const training *t);
/* By --schedule, for a run of so many steps. NULL without an error: the rate stays. *by_step:
 * whether it is stepped after each step, not after each epoch. */
cd_scheduler *train_schedule(const training *t, cd_optimizer *optimizer, int64_t steps,
                             bool *by_step);
/* The cross entropy, with --label-smoothing and --class-weights. */
cd_module *train_loss(const training *t);
/* Shuffled batches of the train samples, with --augment and --workers; or --balanced ones. */
cd_loader *train_loader(const training *t);

#endif
