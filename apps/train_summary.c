/* Fills the block at the end of a run. */
#include "apps/train_summary.h"

#include <math.h>
#include <stdlib.h>

#include "apps/console.h"
#include "apps/run_summary.h"
#include "apps/train_table.h"

static void add_trends(const training *t, run_summary *s, double *values)
{
    const int64_t n = t->epochs, best = cd_history_best(t->history) + 1;
    double *loss = values, *accuracy = values + n;
    if (n < 2) return; /* a point is no curve */
    for (int64_t i = 0; i < n; i++) {
        loss[i] = t->records[i].loss;
        accuracy[i] = t->records[i].validation_accuracy;
    }
    s->trends[0] = (trend){ .name = "loss", .values = loss, .count = n };
    if (isnan(accuracy[n - 1])) return; /* R2 of a single row */
    s->trends[1] = (trend){ .name = train_is_regression(t) ? "val R2" : t->split.validation_name,
                            .values = accuracy,
                            .count = n,
                            .share = !train_is_regression(t),
                            .best = best > 0,
                            .epoch = best };
}

static void add_files(const training *t, run_summary *s, const char *model, bool report)
{
    const train_config *c = t->config;
    const struct {
        const char *what, *path;
    } files[] = { { model, c->out },
                  { "report", report ? c->report : NULL },
                  { "log", c->files.log },
                  { "table of epochs", c->files.history },
                  { "checkpoints", c->files.checkpoint } };
    int count = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (!files[i].path) continue;
        s->files[count].what = files[i].what;
        s->files[count++].path = files[i].path;
    }
}

static void add_calls(const training *t, run_summary *s)
{
    const train_config *c = t->config;
    const char *const calls[][CALL_WORDS] = { { "eval", c->out, "--data", c->data },
                                              { "predict", c->out, "--data", c->data,
                                                t->table ? NULL : "--count", "5" } };
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < CALL_WORDS; k++) s->calls[i][k] = calls[i][k];
    }
}

bool train_summary_show(const training *t, int64_t saved, bool report)
{
    char model[80], best_by[80];
    double *values = malloc(2 * (size_t)t->epochs * sizeof *values + 1);
    if (!values) return cd_fail(CD_ERR_MEMORY, "out of memory for the summary");
    if (saved == t->epochs) {
        (void)snprintf(model, sizeof model, "model after the last epoch");
    } else {
        (void)snprintf(model, sizeof model, "model as it was after epoch %lld, the best one",
                       (long long)saved);
    }
    (void)snprintf(best_by, sizeof best_by, "%s on %s", training_best_by(t),
                   t->split.validation_name);
    run_summary s = { .best_epoch = cd_history_best(t->history) + 1,
                      .best_by = best_by,
                      .why = cd_history_end(t->history) == CD_FIT_EARLY ? "stopped early" : NULL,
                      .seconds = seconds_now() - t->started };
    add_trends(t, &s, values);
    add_files(t, &s, model, report);
    add_calls(t, &s);
    const bool done = run_summary_show(&s);
    free(values);
    return done;
}
