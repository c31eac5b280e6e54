/* The report of a training or an evaluation: one page of HTML that needs nothing beside it, with
 * curves, confusion matrix, classes, pictures of the worst mistakes, settings and times.
 *
 * A command fills a struct, and report_write makes the page. What is not known stays zero, and its
 * part of the page is left out. All texts may be anything: they are escaped. */
#ifndef CANDELA_APPS_REPORT_PAGE_H
#define CANDELA_APPS_REPORT_PAGE_H

#include "apps/notable.h"
#include "apps/number_score.h"
#include "apps/options.h"
#include "apps/score.h"

/* One number for each epoch, `stride` bytes apart, so that it can lie in an array of structs. NaN
 * where it is not known. */
typedef struct report_series {
    const char *name;    /* "train", "val" */
    const double *first; /* NULL: no such series */
    size_t stride;
} report_series;

/* A number that training has watched, on the train samples and on those to validate on. */
typedef struct report_curve {
    const char *title; /* "Loss" */
    const char *unit;  /* "nats"; "%": the numbers are shares, and are shown times 100 */
    report_series train, validation;
} report_curve;

/* A name and its value, for the tables of settings and times. */
typedef struct report_fact {
    const char *name;
    const char *value;
} report_fact;

enum { REPORT_CURVES = 8 };
typedef struct report {
    const command *command; /* that is run, */
    const void *values;     /* and its struct of options: the table of settings */
    double lr;              /* where --lr is not given: what it was; 0: nothing was trained */

    const char *model_file;   /* the file that was written or evaluated */
    const char *architecture; /* "mlp" */
    int64_t parameters;
    const char *source;  /* of pretrained weights; NULL: none */
    const cd_card *card; /* of an evaluated model: how it was trained; NULL: none */

    const char *data;        /* the data set as the user named it */
    const char *split;       /* what was evaluated: "test split" */
    const char *fingerprint; /* of the data set (split.h) */
    cd_dataset *set;         /* what was evaluated: names of classes, and pictures */
    int64_t train_count;     /* samples trained on; 0: none */
    int64_t skipped;         /* pictures left out because they cannot be decoded */
    const score *score;      /* how well the model does on these samples */
    const notable *notable;  /* the predictions to look at */

    const tabular *rows;         /* of a model of tables; NULL: of pictures */
    const number_score *numbers; /* in place of score, of one that predicts numbers */

    /* Curves over epochs. */
    report_curve curve[REPORT_CURVES];
    int curves;
    int64_t epochs;        /* how many numbers each series has */
    int64_t best;          /* the best epoch, from 1; 0: not known */
    const char *best_by;   /* what it is the best by: "highest accuracy on val" */
    int64_t saved;         /* the epoch whose model was saved, from 1; 0: not known */
    report_series seconds; /* of each epoch */

    double reading_seconds; /* spent in computing features; 0: none */
    double total_seconds;
} report;

/* Says why a report cannot be written to `path`, before the work that it tells of. `others` are
 * files of the same run, which it must not replace; the list ends with NULL, and NULLs before its
 * end are not possible. Returns 0, or the exit status: 2 for a name that does not end in .html or
 * .htm, or that is one of the others; 1 where the system refuses. A `path` of NULL is right. */
int report_check(const command *c, const char *path, const char *const *others);

/* Writes the page to `path`. False with a library error; the path then has what it had before.
 * `model_file` is the file of the model, which the page does not replace, even where both names
 * lead to one file only since the model was saved. */
bool report_write(const report *r, const char *path, const char *model_file);

/* Prints how to get a report, as the last line of a run that wrote none. */
void report_hint(void);

#endif
