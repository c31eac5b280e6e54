/* Training in a line, and evaluation.
 *
 *     cd_history *h = cd_fit(model, train, .validation = val, .epochs = 20, .early_stopping = 5);
 *     cd_evaluate(model, test, .loss_value = &loss);
 *
 * With .checkpoint = "runs/1", .resume = true the same call goes on with a run that was stopped.
 *
 * cd_fit is the loop that most programs write. A program that needs another one writes it:
 * docs/train-an-mlp.md has the loop to copy and to change. */
#ifndef CANDELA_MODELS_FIT_H
#define CANDELA_MODELS_FIT_H

#include "io/loader.h"
#include "io/tensor_file.h"
#include "models/metric.h"
#include "optim/schedule.h"

CD_BEGIN_DECLS

/* --- evaluation ------------------------------------------------------------------------------- */

/* cd_evaluate(model, test, .loss_value = &loss, .metrics = list, .metric_count = 2, .values = v)
 *
 * Computes the mean loss and metrics of a model over a data set, in evaluation mode and without
 * gradients; the modes that the model and its parts were in are put back. False with an error; then
 * *loss_value is as it was. CD_ERR_ARGUMENT for a set without samples.
 *
 * As PyTorch's DataLoader, it draws a seed from the default generator, also where nothing is
 * random. */
typedef struct cd_evaluate_options {
    cd_module *model;
    cd_dataset *dataset;
    CD_GUARD_;
    /* Instead of the data set, which is NULL then: batches in a loader's way. One epoch of it. */
    cd_loader *loader;
    int64_t batch_size; /* default 256 */
    /* Of two inputs, the model's outputs and the targets, with one number as its output, the mean
     * over the batch. Default: by the targets. CrossEntropyLoss for classes (int64),
     * BCEWithLogitsLoss for yes and no (bool), MSELoss for numbers (floating). */
    cd_module *loss;
    double *loss_value; /* where the mean loss over all samples goes; default: nowhere */
    const cd_metric *const *metrics;
    int metric_count;
    double *values; /* metric_count of them, in the order of .metrics; needed with metrics */
} cd_evaluate_options;

CD_API bool cd_evaluate_with(cd_evaluate_options options);
#define cd_evaluate(model_, ...)                                                                   \
    cd_evaluate_with((cd_evaluate_options){ .model = model_, .dataset = __VA_ARGS__ })

/* --- training --------------------------------------------------------------------------------- */

/* What an epoch came to. Numbers that were not computed are NaN. */
typedef struct cd_epoch {
    int64_t number;         /* from 1 */
    int64_t steps;          /* of the optimizer, up to the end of this epoch */
    double loss;            /* mean over the train samples, each before the step of its batch */
    double validation_loss; /* of the model at the end of the epoch */
    double lr;              /* of group 0, at the epoch's last step */
    double seconds;         /* with the validation; not those while the run was stopped */
    int metric_count;       /* of the next two, in the order of .metrics */
    const double *metrics;  /* over the train samples, as `loss`; live as long as the history */
    const double *validation_metrics;
} cd_epoch;

/* The epochs of a run, in their order; those before a resume too. */
typedef struct cd_history cd_history;

/* How many epochs were finished. */
CD_API int64_t cd_history_count(const cd_history *h);
/* Epoch i, 0 to count - 1; a zeroed struct with CD_ERR_ARGUMENT for another. */
CD_API cd_epoch cd_history_epoch(const cd_history *h, int64_t i);
/* The epoch with the best monitored number, 0 to count - 1; of several with the same one that with
 * the lowest validation loss, and of these the first. -1 before the first. */
CD_API int64_t cd_history_best(const cd_history *h);

/* Why cd_fit returned. */
typedef enum cd_fit_end {
    CD_FIT_ALL_EPOCHS = 0,
    CD_FIT_EARLY,  /* .early_stopping epochs without a better number */
    CD_FIT_STOPPED /* .stop, or a function of the program's returned false */
} cd_fit_end;
CD_API cd_fit_end cd_history_end(const cd_history *h);

/* A batch that was just done, for .on_batch. */
typedef struct cd_fit_batch {
    int64_t epoch;     /* from 1 */
    int64_t batch, of; /* from 1; how many the epoch has, with those that the loader leaves out */
    int64_t samples;   /* of this epoch so far */
    double loss;       /* of this batch */
    double mean_loss;  /* of the epoch so far */
} cd_fit_batch;

/* cd_fit(model, train, .validation = val, .optimizer = cd_optim_adam(model, .lr = 3e-4))
 *
 * Trains a model. Each epoch trains on all batches in a new random order (PyTorch's for the seed of
 * cd_manual_seed), evaluates on the validation set, steps the schedule, and calls .on_epoch. The
 * mode that the model was in is put back at the end.
 *
 * Returns the history, handed out; NULL with an error, and then the model has the parameters of the
 * last step. CD_ERR_STATE for a loss that is NaN or infinite: the sentence names the step, the
 * batch, and the sample or the first op that made it, for which that batch is computed once more in
 * anomaly mode (CD_DETECT_ANOMALY). */
typedef struct cd_fit_options {
    cd_module *model;
    cd_dataset *train;
    CD_GUARD_;
    /* Instead of `train`, which is NULL then: batches, order and transforms of one's own. */
    cd_loader *loader;
    int64_t batch_size;     /* default 32, as in Keras; of the validation, that of the loader */
    cd_dataset *validation; /* default: none */
    /* Instead of a validation set: batches in a loader's way, for a set with a collate function or
     * transforms of its own. Each validation is an epoch of it. */
    cd_loader *validation_loader;
    cd_module *loss;         /* default as in cd_evaluate */
    cd_optimizer *optimizer; /* default: cd_optim_adam(model) */
    cd_scheduler *schedule;  /* default: none */
    bool schedule_by_step; /* step the schedule after each step of the optimizer, not each epoch */
    int64_t epochs;        /* default 10 */
    const cd_metric *const *metrics;
    int metric_count;

    /* The gradients of so many batches make one step, as if they were one batch; default 1. Batches
     * that the loader leaves out do not count. */
    int64_t accumulate;
    double clip_norm;  /* cd_clip_grad_norm_ before each step; default 0: not */
    double clip_value; /* cd_clip_grad_value_ before each step; default 0: not */

    /* Which number tells the best epoch: "loss", "validation_loss" or the name of a metric, which
     * is taken over the validation set where there is one. Default: "validation_loss", or "loss"
     * without a validation set. cd_schedule_plateau gets it too, and must wait for the same:
     * .maximum where a higher number is better. */
    const char *monitor;
    /* Ends the run after so many epochs without a better number (patience); default 0: never. */
    int64_t early_stopping;
    /* At the end the parameters and buffers of the best epoch are put back (Keras:
     * restore_best_weights). The default, false, leaves those of the last epoch. */
    bool restore_best;

    /* Called once, before the first batch: `before` is the history of the run, which has the epochs
     * before a resume, none in a new run, and grows with the run until cd_fit returns. False ends
     * the run as with on_epoch. */
    bool (*on_begin)(const cd_history *before, void *context);
    /* A function of the program's own after each epoch; false ends the run without an error, or
     * with the one that it set. */
    bool (*on_epoch)(const cd_epoch *epoch, void *context);
    bool (*on_batch)(const cd_fit_batch *batch, void *context); /* after each batch, likewise */
    void *context;                                              /* passed to all three */
    /* When this becomes other than 0, as in the handler of a signal: the run finishes its batch and
     * returns. A volatile sig_atomic_t, which is an int on Linux. */
    const volatile int *stop;

    /* An EMA or SWA of the model, of cd_nn_averaged_model: updated after each step, and a part of
     * checkpoints. Monitored, validated and put back is the model itself. */
    cd_module *average;

    /* --- checkpoints --- */

    /* The folder of the run (models/run_folder.h), which is made if there is none: its last
     * checkpoints as step-N.safetensors, N being steps of the optimizer, the newest as
     * last.safetensors, the best epoch's as best.safetensors. Default: no checkpoints.
     *
     * A checkpoint is saved after each epoch, or as the next two options say; always after an epoch
     * that is the best so far; and when the run ends, by .stop too. (Before the first step there is
     * nothing to save.) So a run that was stopped at any point, also by kill -9, goes on with the
     * parameters, the history and the decisions that it would have had, bit for bit.
     *
     * A checkpoint that cannot be written, as on a full disk, ends the run with the error, since a
     * run that goes on without them could lose days: the model has the parameters of the last step,
     * and earlier checkpoints stay. */
    const char *checkpoint;
    int64_t checkpoint_every;  /* at multiples of so many steps (Lightning: every_n_train_steps) */
    double checkpoint_seconds; /* or so much time (train_time_interval), and after each epoch */
    int64_t keep;              /* how many step-N files stay; default 3; -1: all of them */
    /* Goes on from the newest checkpoint that is whole; starts anew where there is none. The model,
     * optimizer and other parts are to be made as before, and get the state that they had. Without
     * .resume a folder that has checkpoints is CD_ERR_STATE.
     *
     * What decides the numbers must be the same: batch size, accumulation, clipping, loss, monitor,
     * metrics, sizes of the sets; otherwise CD_ERR_ARGUMENT, which names each difference with both
     * values. .epochs, .early_stopping, .restore_best and the options of checkpoints may differ, so
     * that a run that has ended can be made longer; CD_ERR_ARGUMENT for fewer .epochs than it has
     * begun already. CD_ERR_FORMAT for a checkpoint that cd_fit did not write, or one of another
     * model; CD_ERR_ARGUMENT for an optimizer of a tensor that belongs neither to the model nor to
     * the loss, since no checkpoint has it.
     *
     * When it cannot go on, or memory or the disk fails before it does, nothing of the program's
     * has changed: neither tensors, their gradients and the optimizer, nor the places of loaders
     * and generators. (A meter of cd_meter_metric is empty, as at the beginning of any run.) */
    bool resume;
    /* What else must be the same, such as { "lr", "0.1" }. Copied. */
    const cd_text_pair *settings;
    int64_t setting_count;
} cd_fit_options;

CD_API cd_history *cd_fit_with(cd_fit_options options);
#define cd_fit(model_, ...) cd_fit_with((cd_fit_options){ .model = model_, .train = __VA_ARGS__ })

CD_END_DECLS

#endif
