/* Fills the log of a run and its table of epochs. */
#include "apps/train_log.h"

#include <stdlib.h>
#include <string.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/run_log.h"
#include "apps/train_table.h"

/* The first of the metrics; the others are not told. */
static const char *const *metric_names(const training *t)
{
    static const char *const of_classes[] = { "accuracy" }, *const of_numbers[] = { "r2" };
    return train_is_regression(t) ? of_numbers : of_classes;
}

bool train_log_check(const training *t)
{
    const train_files *f = &t->config->files;
    return run_log_check(f->log) && history_check(f->history);
}

bool train_log_begin(training *t)
{
    const train_config *c = t->config;
    const run_settings settings = { .command = t->command,
                                    .values = c, /* the first member of the command's options */
                                    .data = c->data,
                                    .model = t->architecture,
                                    .metrics = metric_names(t),
                                    .metric_count = 1,
                                    .goes_on = t->goes_on,
                                    .best = cd_history_best(t->so_far) + 1 };
    return run_log_begin(&t->log, c->files.log, &settings, cd_history_count(t->so_far));
}

void train_log_epoch(const training *t, const cd_epoch *epoch, bool best)
{
    run_log_epoch(t->log, epoch, best);
}

static const char *why(const training *t, bool saved)
{
    if (!saved) return interrupted() ? "stopped" : "error";
    return cd_history_end(t->history) == CD_FIT_EARLY ? "early stopping" : "all epochs";
}

void train_log_end(training *t, bool saved)
{
    run_log_end(t->log, why(t, saved), saved ? t->config->out : NULL, seconds_now() - t->started);
    t->log = NULL;
}

bool train_history_write(const training *t)
{
    const char *path = t->config->files.history;
    if (!path) return true;
    cd_epoch *epochs = calloc((size_t)t->epochs + 1, sizeof *epochs);
    if (!epochs) return cd_fail(CD_ERR_MEMORY, "out of memory for the table of epochs");
    for (int64_t i = 0; i < t->epochs; i++) epochs[i] = cd_history_epoch(t->history, i);
    const bool done =
        history_write(path, epochs, t->epochs, cd_history_best(t->history), metric_names(t), 1);
    free(epochs);
    return done;
}
