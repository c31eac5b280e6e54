/* What the metrics of decisions and scores share: a batch, whose shapes, dtypes and numbers have
 * been checked, and what a state remembers of the batches before. See models/metric.h. */
#ifndef CANDELA_MODELS_METRIC_INTERNAL_H
#define CANDELA_MODELS_METRIC_INTERNAL_H

#include <math.h>

#include "io/tensor_file.h"
#include "models/metric.h"
#include "nn/state_dict.h"

/* --- options ---------------------------------------------------------------------------------- */

/* Which options a metric has; .name and .metric all have. */
enum {
    CD_METRIC_TAKES_TASK = 1, /* .task, .probabilities, .ignore, .ignore_index */
    CD_METRIC_TAKES_AVERAGE = 2,
    CD_METRIC_TAKES_K = 4,
    CD_METRIC_TAKES_BETA = 8,
    CD_METRIC_TAKES_THRESHOLD = 16
};

/* Whether the metric's options are among these, and have values that they may have. If not, sets
 * CD_ERR_ARGUMENT. */
bool cd_metric_check_options(const cd_metric *m, unsigned takes);

/* --- what a state has seen -------------------------------------------------------------------- */

/* The first member of the states of these metrics. */
typedef struct cd_metric_seen {
    cd_metric_task task; /* of all batches; CD_METRIC_AUTO before the first */
    int64_t width;       /* the outputs of a sample, or of a place; 1 for one logit */
    int64_t classes;     /* classes; of labels, labels; binary 2 */
    int64_t samples;     /* in all batches, those that were ignored too */
    double *row;         /* for cd_metric_row: width numbers; owned */
    bool warned;         /* a warning was given; a meter gives one */
} cd_metric_seen;

/* Frees what it owns. */
void cd_metric_seen_end(cd_metric_seen *seen);

/* Gives a warning to the logger, the first time. */
void cd_metric_warn(cd_metric_seen *seen, const char *format, ...) CD_PRINTF(2, 3);

/* --- a batch ---------------------------------------------------------------------------------- */

/* A batch that has been checked. Valid in the scope in which it was read. */
typedef struct cd_metric_batch {
    const cd_metric *metric;
    cd_metric_task task;
    int64_t rows;    /* samples, or with N x K x d1 ... places */
    int64_t samples; /* N */
    int64_t width;   /* of a row of outputs, and of a row of targets that has the same shape */
    bool wide;       /* the targets have the outputs' shape: labels, probabilities of classes */
    cd_dtype output_dtype, target_dtype;
    const void *output, *target; /* row by row */
    double cut;                  /* yes where an output is above it; it may be infinite */
} cd_metric_batch;

/* Checks a batch against the state and reads it; the first batch decides what the state is for.
 * False with an error. `seen` then has what it had, but for its `row`. */
bool cd_metric_batch_read(cd_metric_batch *b, const cd_metric *m, cd_metric_seen *seen,
                          cd_tensor *output, cd_tensor *target);
/* Notes that the batch was added. */
void cd_metric_seen_add(cd_metric_seen *seen, const cd_metric_batch *b);

/* The outputs of row i, as float64. */
void cd_metric_row(const cd_metric_batch *b, int64_t i, double *row);
/* The class of the largest of `count` numbers, the first of equal ones. */
int64_t cd_metric_largest(const double *row, int64_t count);
/* The true class of row i; -1 if it is to be ignored. Not for labels. */
int64_t cd_metric_truth(const cd_metric_batch *b, int64_t i);
/* The class that a row of outputs is decided to be. Not for labels. */
int64_t cd_metric_decision(const cd_metric_batch *b, const double *row);
/* Whether label k of row i is true. */
bool cd_metric_label(const cd_metric_batch *b, int64_t i, int64_t k);

/* --- counts ----------------------------------------------------------------------------------- */

/* A part of a whole; NaN if the whole is nothing. */
static inline double cd_metric_share(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

/* --- saving and setting a state --------------------------------------------------------------- */

/* Either saves a state into a dictionary, or sets it from a checkpoint. */
struct cd_metric_visitor {
    const char *metric; /* its name, for errors */
    const char *prefix; /* of the names of its arrays */
    cd_dict *to;
    cd_tensor_file *from; /* NULL: the state is saved */
};

/* Visits what the state has seen. False with an error, also for numbers that no batch can give. */
bool cd_metric_seen_visit(cd_metric_seen *seen, cd_metric_visitor *v);
/* Sets the error of a state that cannot be: CD_ERR_FORMAT when it is that of a file. Returns false.
 */
bool cd_metric_refuse_state(const cd_metric_visitor *v, const char *why);

/* Whether the meter's metric has .visit. */
bool cd_meter_has_visit(const cd_meter *m);
/* Lets the metric visit the meter's state; before it is set, the meter is reset. False with an
 * error; after one while setting, the meter can only be reset again. */
bool cd_meter_visit(cd_meter *m, cd_metric_visitor *v);

/* --- meters ----------------------------------------------------------------------------------- */

/* The state of a meter whose metric has this function for batches, so that it is the state which
 * the caller knows; otherwise, and for no meter, NULL with CD_ERR_ARGUMENT, whose sentence has the
 * names of the `function` that was called and of the metrics that it `takes`. */
const void *cd_meter_state(const cd_meter *m,
                           bool (*update)(const cd_metric *, void *, cd_tensor *, cd_tensor *),
                           const char *function, const char *takes);

#endif
