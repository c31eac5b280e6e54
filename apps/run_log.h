/* The log of a run, --log run.jsonl: a JSON object on each line, in the file as soon as it is
 * written, so that `tail -f` shows it and a crash keeps it. And the table of its epochs, --history
 * run.csv. docs/reports.md lists the keys. */
#ifndef CANDELA_APPS_RUN_LOG_H
#define CANDELA_APPS_RUN_LOG_H

#include "apps/options.h"

/* What the first line says. */
typedef struct run_settings {
    const command *command;
    const void *values; /* the struct that the command's options fill */
    const char *data, *model;
    /* The names of the metrics of cd_epoch, in their order; they stay valid until the end. A name
     * that is a key of its own, such as "loss", becomes "metric_loss"; so does one that begins
     * with "validation_" or "metric_". */
    const char *const *metrics;
    int metric_count;
    bool goes_on; /* from a checkpoint, perhaps of the first epoch: appends with `resumed` 0 too */
    int64_t best; /* the number of the best epoch before a resume; 0: none */
} run_settings;

typedef struct run_log run_log;

/* Whether a log can be written at the path, and a table of epochs: to be asked before the run, as
 * run_log_begin and history_write may come hours later. Leaves nothing behind. False with a library
 * error. */
bool run_log_check(const char *path);
bool history_check(const char *path);

/* Begins a log: replaces the file, or appends to it where the run goes on after `resumed` epochs
 * (0: a new run); a line that was cut off at the end of the file is removed then. *out is NULL for
 * a path of NULL, and all functions accept that. False with a library error when the file cannot be
 * opened or written, or is there already and is no log of a run: then it stays as it was. A later
 * write that fails is a warning, once, and the run goes on; the file has whole lines then, and
 * lacks some. */
bool run_log_begin(run_log **out, const char *path, const run_settings *settings, int64_t resumed);
/* Adds an epoch; `best`: better than all before it. Metrics that it does not have are null. */
void run_log_epoch(run_log *log, const cd_epoch *epoch, bool best);
/* Adds the last line and frees the log. `why` is a word such as "all epochs", "early stopping",
 * "stopped" or "error"; `saved` the file of the model, NULL for none. */
void run_log_end(run_log *log, const char *why, const char *saved, double seconds);

/* Writes the epochs as CSV, whole or not at all: a head, a line for each, NaN as an empty field,
 * other numbers with as many digits as give the same double when read. `best` is the index of the
 * best epoch, -1 for none. False with a library error, also when there is a file at the path that
 * is no such table: it stays as it was. */
bool history_write(const char *path, const cd_epoch *epochs, int64_t count, int64_t best,
                   const char *const *metrics, int metric_count);

#endif
