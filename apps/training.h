/* One run of train or probe. Each of the two prepares data and a model; training them, saving and
 * reporting is the same for both, and is here. */
#ifndef CANDELA_APPS_TRAINING_H
#define CANDELA_APPS_TRAINING_H

#include "apps/score.h"
#include "apps/split.h"
#include "apps/train_config.h"

typedef struct epoch_record {
    /* On the train samples: means over the batches, each before its step. In place of the accuracy,
     * a regression has R2. */
    double loss, accuracy;
    double validation_loss, validation_accuracy; /* of the model at the end of the epoch */
    double validation_mae;                       /* of a regression, in the label's unit; else 0 */
    double seconds;
} epoch_record;

/* What must be the same when a run goes on, in the words of the command line; all texts owned. */
enum { TRAIN_SETTINGS = 96 };
typedef struct train_settings {
    cd_text_pair pair[TRAIN_SETTINGS];
    int count;
    bool by_length; /* the learning rates depend on the number of epochs */
} train_settings;

struct run_log;

typedef struct training {
    const command *command; /* train or probe */
    const train_config *config;
    split split;              /* of the data set named by config->data */
    cd_module *model;         /* saved at the end */
    cd_module *trained;       /* the module of the model that is trained and gives logits for a
                           batch: the whole model in train, the last layer in probe */
    double sgd_lr;            /* what SGD begins with where the options do not say it */
    double lr;                /* what the optimizer began with */
    const char *monitor;      /* "accuracy", "validation_loss" or "r2": tells the best epoch */
    const char *unit;         /* what the samples are, for the progress bar: "pictures" */
    int64_t epochs_per_line;  /* prints a line after each so many epochs */
    const char *architecture; /* for the card: a name of the zoo; NULL: a tree of layers */
    char *options;            /* for the card: the model's options, JSON; owned; NULL of a tree */
    const char *source;       /* for the card: the file of the pretrained weights; NULL: none */
    cd_preprocess preprocess; /* for the card */
    cd_history *history;      /* what cd_fit gives; the open scope's */
    epoch_record *records;    /* of each finished epoch, from the history; owned */
    int64_t epochs;           /* how many they are */
    double started;           /* seconds_now() at the beginning */
    double reading_seconds;   /* spent in computing features; 0 in train */
    train_settings settings;  /* for checkpoints; none without --checkpoint */
    bool goes_on;             /* from a checkpoint that was there at the beginning */
    struct run_log *log;      /* of --log; NULL: none */
    const cd_history *so_far; /* while cd_fit runs: its history; else NULL */
    notable notable;          /* of the validation samples, for the report */
    const struct train_table *table; /* of a CSV file; NULL: of pictures */
} training;

/* Begins a run: catches signals, and checks that its files can be written and that it may go on
 * from its checkpoints. `sgd_lr`: see above. Returns 0, or the exit status after a sentence on
 * standard error; training_end is needed all the same. */
int training_begin(training *t, const command *c, const train_config *config, double sgd_lr);

/* Whether a model can be trained on the data set and saved: false with a library error for fewer
 * than two classes, and for class names that are not UTF-8. */
bool check_trainable(const cd_dataset *set, const char *set_name);

/* Trains, saves the model and reports; returns the exit status. All fields but history, records
 * and epochs must have been filled. */
int training_run(training *t);

/* Saves the model of a finished run and the table of its epochs, and ends the log. False with a
 * library error. */
bool training_save(training *t);

enum { EVALUATION_BATCH = 1000 }; /* samples at a time */
/* Evaluates the trained module on some of the run's samples. False as evaluate(). */
bool training_evaluate(const training *t, samples *s, score *out);

/* By what the best epoch is chosen, for people: "highest accuracy". */
const char *training_best_by(const training *t);
/* Whether an epoch is better than another by that, or as good with a lower loss on the validation
 * samples. `other` NULL: there is none yet. */
bool training_is_better(const training *t, const epoch_record *record, const epoch_record *other);

void training_end(training *t);

#endif
