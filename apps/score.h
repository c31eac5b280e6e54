/* How well a model does on some samples: cd_evaluate with the library's confusion matrix, and a
 * metric of the program's own that watches the outputs. */
#ifndef CANDELA_APPS_SCORE_H
#define CANDELA_APPS_SCORE_H

#include "apps/notable.h"
#include "apps/samples.h"

typedef struct score {
    int64_t classes;
    int64_t count;     /* samples evaluated */
    int64_t correct;   /* samples whose class was predicted */
    double loss;       /* mean cross entropy, in nats */
    cd_meter *meter;   /* of cd_confusion: precision, recall and F1 of each class; owned */
    cd_tensor *matrix; /* its counts; owned */
    /* classes x classes: how many samples of the row's class were predicted to be of the column's.
     * The matrix's. */
    const int64_t *confusion;
} score;

/* A model, and the samples to evaluate it on. */
typedef struct evaluation {
    cd_module *model; /* gives logits for a batch */
    samples *samples;
    const char *set_name; /* the data set in sentences, as the user named it */
    double lr;            /* the learning rate of a model in training; 0: not in training */
    notable *notable;     /* gets the predictions to look at; NULL: not wanted */
    const char *unit;     /* what the samples are in sentences; NULL: "pictures" */
} evaluation;

/* Runs the model over all samples, `batch_size` at a time, in evaluation mode and without
 * gradients, under a progress bar named `task` (NULL: no bar). False with a library error, or
 * without one when the user interrupts. An output that is not finite is an error. score_free is
 * needed only when it succeeds. */
bool evaluate(score *out, const evaluation *e, int64_t batch_size, const char *task);
/* The score of a meter of cd_confusion that has seen samples, which is kept. */
bool score_of(score *out, cd_meter *confusion, double loss);
void score_free(score *s);

double score_accuracy(const score *s);
/* The class's precision, recall, F1 and number of samples; shares of nothing are NaN. */
cd_class_score score_class(const score *s, int64_t label);
/* The mean F1 of the classes that have samples or were predicted, as scikit-learn's macro average:
 * where it is not defined it counts as 0. */
double score_mean_f1(const score *s);

/* A class and its recall. */
typedef struct score_rank {
    int64_t label;
    double recall;
} score_rank;

/* All classes, lowest recall first, those without samples last: to be freed with free(). NULL when
 * out of memory. */
score_rank *score_by_recall(const score *s);

#endif
