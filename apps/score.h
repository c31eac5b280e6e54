/* How a model does on samples: loss, accuracy, and which class it takes for which. */
#ifndef CANDELA_APPS_SCORE_H
#define CANDELA_APPS_SCORE_H

#include "apps/samples.h"

typedef struct score {
    int64_t classes, count; /* count: samples judged */
    double loss;            /* mean cross entropy, in nats */
    int64_t right;
    int64_t *confusion; /* classes x classes, how many of the row's class were taken for the
                           column's; owned */
} score;

/* A model and the samples it is evaluated on. */
typedef struct subject {
    cd_module *model;
    samples *samples;
    const char *set; /* how the user called the data, for sentences */
    double lr;       /* of a model in training: its learning rate; 0: it is not in training */
} subject;

/* Runs the model, in evaluation mode and without gradients, over all samples, `at_once` at a time;
 * `what` is for the bar (NULL: none). False with a library error, or without one when interrupted.
 * An output that is not finite is an error. */
bool score_samples(score *out, const subject *of, int64_t at_once, const char *what);
void score_free(score *s);

double score_accuracy(const score *s);
int64_t score_members(const score *s, int64_t label); /* samples of a class */
/* Of those taken for the class, the share that is of it; NaN when none was. */
double score_precision(const score *s, int64_t label);
/* Of those of the class, the share taken for it; NaN when there is none. */
double score_recall(const score *s, int64_t label);

#endif
