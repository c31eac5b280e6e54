/* What trains a model: the optimizer, the schedule, the loss and the batches that the options ask
 * for. All objects belong to the open scope; NULL with a library error. */
#ifndef CANDELA_APPS_TRAIN_METHOD_H
#define CANDELA_APPS_TRAIN_METHOD_H

#include "apps/training.h"

/* By --optimizer, --lr, --momentum and --weight-decay, for the parameters of the module. */
cd_optimizer *train_optimizer(const training *t, cd_module *module);

/* What --schedule makes of the learning rate. */
typedef struct rate_plan {
    cd_scheduler *schedule; /* NULL: the rate stays */
    bool by_step;           /* it is stepped after each step, not after each epoch */
    bool by_length;         /* it depends on the length of the run */
    const char *monitor;    /* what the best epoch is chosen by: see t->monitor */
} rate_plan;
/* For a run of so many steps. False with a library error. */
bool train_rates(const training *t, cd_optimizer *optimizer, int64_t steps, rate_plan *out);
/* The cross entropy, with --label-smoothing and --class-weights. NULL without an error for the
 * other tasks of tables: cd_fit's own loss. */
cd_module *train_loss(const training *t);
/* Shuffled batches of the train samples, with --augment and --workers; or --balanced ones. */
cd_loader *train_loader(const training *t);

#endif
