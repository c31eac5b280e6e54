/* What the files of cd_fit share. */
#ifndef CANDELA_MODELS_FIT_INTERNAL_H
#define CANDELA_MODELS_FIT_INTERNAL_H

#include "core/random.h"
#include "models/history_internal.h"
#include "models/meters_internal.h"
#include "nn/state_dict.h"

/* What is monitored: one of these, or from 0 on a metric. */
enum { CD_MONITOR_LOSS = -2, CD_MONITOR_VALIDATION_LOSS = -1 };

/* A run. What is not marked as owned belongs to the scope of cd_fit or to its caller. */
typedef struct fit {
    cd_fit_options o; /* with the defaults in place of what was left out */
    cd_loader *loader;
    cd_history *history; /* owned */
    int64_t batches;     /* of an epoch */

    /* The epoch that runs. */
    double loss;     /* of the last batch */
    double loss_sum; /* over the samples so far */
    int64_t samples; /* so far */
    double lr;       /* of group 0, at the last step */
    int64_t steps;   /* of the optimizer, since the run began */
    cd_meters meters;
    double *values; /* owned: of each metric over the train samples, then over the validation's */

    /* The best epoch. */
    int monitor;
    bool higher_is_better;
    double monitored, best; /* of the last epoch, of the best one */
    int64_t stale;          /* epochs since the best */
    cd_dict *best_state;    /* owned: copies of the model's tensors; NULL: none */

    /* The default generator before the batch. */
    unsigned char generator[CD_RNG_STATE_BYTES];
} fit;

/* fit_begin.c: checks the options, puts in defaults, and makes what the run needs. False with an
 * error; cd_fit_end_all is needed all the same. */
bool cd_fit_begin(fit *f, const cd_fit_options *options);
/* Frees all but the history. */
void cd_fit_end_all(fit *f);

/* fit_best.c: copies the model's parameters and buffers, and puts the copies back. */
bool cd_fit_keep_best(fit *f);
bool cd_fit_put_best_back(fit *f);

/* fit_trouble.c: notes the default generator before a batch, so that the batch can be computed
 * again. */
bool cd_fit_note_generator(fit *f);
/* Sets the error of a batch whose loss is not finite. Returns false. */
bool cd_fit_explain(fit *f, const cd_batch *b);

#endif
