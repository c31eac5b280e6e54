/* What the files of cd_fit share. */
#ifndef CANDELA_MODELS_FIT_INTERNAL_H
#define CANDELA_MODELS_FIT_INTERNAL_H

#include "core/random.h"
#include "models/history_internal.h"
#include "models/meters_internal.h"
#include "models/run_folder.h"
#include "nn/state_dict.h"

/* What is monitored: one of these, or from 0 on a metric. */
enum { CD_MONITOR_LOSS = -2, CD_MONITOR_VALIDATION_LOSS = -1 };

/* A run. What is not marked as owned belongs to the scope of cd_fit or to its caller. */
typedef struct fit {
    cd_fit_options o; /* with the defaults in place of what was left out */
    cd_loader *loader;
    bool validates;      /* there is a validation set, or a loader of one */
    cd_history *history; /* owned */
    int64_t batches;     /* of an epoch */

    /* The epoch that runs. */
    bool running;    /* a batch of it was begun, and it has not ended */
    double started;  /* by cd_fit_clock */
    double loss;     /* of the last batch */
    double loss_sum; /* over the samples so far */
    int64_t samples; /* so far */
    double lr;       /* of group 0, at the last step */
    int64_t steps;   /* of the optimizer, since the run began */
    /* The group of batches whose gradients wait for their step: how many were done, 0: none; and
     * for how many their losses were divided. */
    int64_t grouped, group;
    cd_meters meters;
    double *values; /* owned: of each metric over the train samples, then over the validation's */

    /* The best epoch. */
    int monitor;
    bool higher_is_better;
    double monitored, best; /* of the last epoch, of the best one */
    int64_t stale;          /* epochs since the number became better the last time */
    cd_dict *best_state;    /* owned: copies of the model's tensors; NULL: none */

    /* The default generator before the batch. */
    unsigned char generator[CD_RNG_STATE_BYTES];

    /* Checkpoints. */
    cd_run_folder *folder; /* NULL without .checkpoint */
    bool unsaved;          /* the run has moved since it was saved last */
    double saved_at;       /* when that was, by cd_fit_clock */
} fit;

/* fit.c: seconds since some moment. */
double cd_fit_clock(void);

/* fit_begin.c: checks the options, puts in defaults, and makes what the run needs. False with an
 * error; cd_fit_end_all is needed all the same. */
bool cd_fit_begin(fit *f, const cd_fit_options *options);
/* Frees all but the history. */
void cd_fit_end_all(fit *f);

/* How many batches make a step, if the batch of this number is the first of them: at the end of an
 * epoch, fewer. */
int64_t cd_fit_group(const fit *f, int64_t number);

/* fit_best.c: notes whether epoch i of the history, the one after those that were judged, is the
 * best one. */
void cd_fit_judge(fit *f, int64_t i);
/* Whether the last epoch is the best one. */
bool cd_fit_is_best(const fit *f);
/* Copies the model's parameters and buffers, and puts the copies back. */
bool cd_fit_keep_best(fit *f);
bool cd_fit_put_best_back(fit *f);

/* fit_trouble.c: notes the default generator before a batch, so that the batch can be computed
 * again. */
bool cd_fit_note_generator(fit *f);
/* Sets the error of a batch whose loss is not finite. Returns false. */
bool cd_fit_explain(fit *f, const cd_batch *b);

/* fit_checkpoint.c: checks the options of checkpoints. False with CD_ERR_ARGUMENT. */
bool cd_fit_check_checkpoints(const fit *f);
/* Opens the folder, if there is one, and goes on from its newest checkpoint. */
bool cd_fit_open_folder(fit *f);
/* Save the run, if it is time to, after a batch, after an epoch, and when it ends. */
bool cd_fit_save_batch(fit *f);
bool cd_fit_save_epoch(fit *f);
bool cd_fit_save_end(fit *f);
/* The parts of the run that are in a checkpoint. */
cd_run cd_fit_run(const fit *f);

/* fit_resume.c: sets the run to the state of the folder's newest checkpoint that is whole, if there
 * is one; then the gradients are those of the checkpoint too. False with an error; then the model,
 * its gradients, the optimizer and other parts of the program's are as they were, but for meters of
 * cd_meter_metric, which are empty. */
bool cd_fit_resume(fit *f);

/* fit_settings.c: opens the folder with what must be the same when the run goes on. NULL with an
 * error. */
cd_run_folder *cd_fit_folder_with_settings(const fit *f);

/* What fit_checkpoint.c adds to a checkpoint, among the tensors "extra.": the state of the loss;
 * and in the middle of an epoch the states of the metrics, and the gradients, if there are any. */
#define CD_FIT_LOSS          "loss"
#define CD_FIT_METRIC        "metric.%d."
#define CD_FIT_GRADIENT      "gradient"
#define CD_FIT_LOSS_GRADIENT "loss_gradient"

/* --- the text of a checkpoint: fit_text.c ----------------------------------------------------- */

/* Its key, and its format. Later formats are refused. */
#define CD_FIT_TEXT          "fit"
enum { CD_FIT_TEXT_FORMAT = 1 };

typedef struct cd_fit_text {
    cd_history *history; /* owned; epochs only */
    int64_t steps;
    bool running; /* a batch of the next epoch is done; then those below are set */
    int64_t samples;
    double loss_sum, lr, seconds;
    int64_t grouped, group; /* -1: the text does not say, as those of before */
} cd_fit_text;

/* The run as JSON, which the caller frees with cd_free; NULL with an error. */
char *cd_fit_text_write(const fit *f);
/* Reads such a text of a run with this number of metrics. `label` names the file. False with
 * CD_ERR_FORMAT for a text that cannot be one, with CD_ERR_UNSUPPORTED for one of a later format,
 * or with CD_ERR_MEMORY; then there is nothing to free. */
bool cd_fit_text_read(cd_fit_text *t, const char *text, int metric_count, const char *label);

#endif
