/* Calls cd_fit, and tells what happens while it runs. */
#include "apps/fitting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/epoch_table.h"
#include "apps/interrupt.h"
#include "apps/console.h"
#include "apps/progress.h"
#include "apps/train_checkpoint.h"
#include "apps/train_log.h"
#include "apps/train_method.h"
#include "apps/train_table.h"

/* --- while it runs ---------------------------------------------------------------------------- */

/* A bar for the epoch with this number, from 1. */
static void begin_bar(const training *t, int64_t number)
{
    static char task[48];
    if (number > t->config->epochs) return;
    (void)snprintf(task, sizeof task, "epoch %lld/%lld", (long long)number,
                   (long long)t->config->epochs);
    progress_begin(task, t->unit, t->split.train.count);
}

static bool on_batch(const cd_fit_batch *b, void *context)
{
    (void)context;
    progress_at(b->samples);
    if (b->batch == b->of) progress_end(); /* the validation follows */
    return true;
}

static epoch_record record_of(const training *t, const cd_epoch *e)
{
    const double unit = train_unit(t); /* a regression has the MAE of the standardised label */
    return (epoch_record){ .loss = e->loss,
                           .accuracy = e->metrics[0],
                           .validation_loss = e->validation_loss,
                           .validation_accuracy = e->validation_metrics[0],
                           .validation_mae = unit > 0 ? unit * e->validation_metrics[1] : 0,
                           .seconds = e->seconds };
}

/* Shows the epochs before a resume, and begins the log behind them. */
static bool on_begin(const cd_history *before, void *context)
{
    training *t = context;
    const int64_t count = cd_history_count(before);
    epoch_record best;
    bool any = false;
    t->so_far = before;
    if (!train_log_begin(t)) return false;
    if (t->goes_on && !t->config->common.json) {
        char text[COUNTED_BYTES];
        print_line("going on from %s after %s", t->config->files.checkpoint,
                   counted(count, "epoch", "epochs", text));
    }
    for (int64_t i = 0; i < count && !t->config->common.json; i++) {
        const cd_epoch e = cd_history_epoch(before, i);
        const epoch_record record = record_of(t, &e);
        const bool better = training_is_better(t, &record, any ? &best : NULL);
        show_epoch(t, e.number, &record, better);
        if (better) best = record;
        any = any || better;
    }
    begin_bar(t, count + 1);
    return true;
}

static bool on_epoch(const cd_epoch *e, void *context)
{
    const training *t = context;
    const epoch_record record = record_of(t, e);
    /* What the last step has made of the model shows in no other loss. */
    if (!isfinite(e->validation_loss)) {
        return cd_fail(CD_ERR_STATE,
                       "the loss on the validation samples became %s after epoch %lld",
                       isnan(e->validation_loss) ? "nan" : "infinite", (long long)e->number);
    }
    const bool best = cd_history_best(t->so_far) == e->number - 1;
    if (!t->config->common.json) show_epoch(t, e->number, &record, best);
    train_log_epoch(t, e, best);
    if (interrupted()) return false; /* after its checkpoint */
    begin_bar(t, e->number + 1);
    return true;
}

/* Puts the program's own hint behind the sentence of a loss or an output that is not finite, and
 * its own option into that of too few epochs. The library's name options of C. */
static void add_hint(const training *t)
{
    static const char function[] = "fit: ",
                      hint[] = "a smaller learning rate or .clip_norm may help",
                      epochs[] = ".epochs is ";
    cd_error e;
    if (cd_error_code() != CD_ERR_STATE && cd_error_code() != CD_ERR_ARGUMENT) return;
    if (!cd_error_take(&e)) return;
    const char *text = e.message;
    if (strncmp(text, function, sizeof function - 1) == 0) text += sizeof function - 1;
    const char *of_library = strstr(text, hint);
    const bool about_numbers =
        strstr(text, " became ") || strstr(text, " nan") || strstr(text, " NaN");
    const bool about_sample = strstr(text, "of the data set has an input or a target") != NULL;
    if (about_numbers && !about_sample) {
        const int length = of_library ? (int)(of_library - text) : (int)strlen(text);
        (void)cd_fail(e.code, "%.*s%sa smaller --lr than %g may help", length, text,
                      of_library ? "" : "; ", t->lr);
    } else {
        const bool of_epochs = strncmp(text, epochs, sizeof epochs - 1) == 0;
        (void)cd_fail(e.code, "%s%s", of_epochs ? "--" : "", text + of_epochs);
    }
}

/* --- the run ---------------------------------------------------------------------------------- */

/* While the run has no validation, a signal ends it after its batch, by .stop; in a validation,
 * which may take long, this metric does; but not with checkpoints, for which the epoch is brought
 * to its end, so that its work is not lost. */
static bool stop_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)m;
    (void)state;
    (void)output;
    (void)target;
    return !interrupted() || cd_fail(CD_ERR_STATE, "the training was stopped");
}

static double stop_value(const cd_metric *m, void *state)
{
    (void)m;
    (void)state;
    return 0;
}

static cd_history *run(training *t, cd_loader *loader)
{
    static const cd_metric stop = { .name = "stop", .update = stop_update, .value = stop_value };
    static const cd_metric *const of_classes[] = { &cd_accuracy, &stop }, *const of_numbers[] = {
        &cd_r2, &cd_mae, &stop
    };
    const bool numbers = train_is_regression(t);
    const cd_metric *const *metrics = numbers ? of_numbers : of_classes;
    const train_config *c = t->config;
    const train_files *files = &c->files;
    const bool checkpoints = files->checkpoint != NULL;
    const int metric_count = (numbers ? 3 : 2) - checkpoints; /* without `stop` */
    rate_plan plan;
    cd_optimizer *optimizer = train_optimizer(t, t->trained);
    const int64_t batches = cd_loader_batches(loader);
    const int64_t steps = (batches + c->accumulate - 1) / c->accumulate * c->epochs;
    if (!optimizer) return NULL;
    t->lr = cd_lr(optimizer);
    if (!train_rates(t, optimizer, steps, &plan)) return NULL;
    t->monitor = plan.monitor;
    cd_module *loss = train_loss(t);
    if (!cd_ok()) return NULL;
    return cd_fit(
        t->trained, NULL, .loader = loader, .validation = t->split.validation.part,
        .optimizer = optimizer, .schedule = plan.schedule, .schedule_by_step = plan.by_step,
        .epochs = c->epochs, .loss = loss, .accumulate = c->accumulate, .clip_norm = c->clip_norm,
        .early_stopping = c->early_stopping, .restore_best = saves_best(c), .metrics = metrics,
        .metric_count = metric_count, .monitor = t->monitor, .on_epoch = on_epoch,
        .on_batch = on_batch, .context = t, .stop = interrupt_flag(), .on_begin = on_begin,
        .checkpoint = files->checkpoint, .checkpoint_every = files->every, .keep = files->keep,
        .resume = files->resume, .settings = checkpoints ? t->settings.pair : NULL,
        .setting_count = checkpoints ? t->settings.count : 0);
}

/* Copies the epochs, for the report and for JSON. */
static bool copy_history(training *t)
{
    t->epochs = cd_history_count(t->history);
    t->records = calloc((size_t)t->epochs, sizeof *t->records);
    if (!t->records) {
        return cd_fail(CD_ERR_MEMORY, "out of memory for %lld epochs", (long long)t->epochs);
    }
    for (int64_t i = 0; i < t->epochs; i++) {
        const cd_epoch e = cd_history_epoch(t->history, i);
        t->records[i] = record_of(t, &e);
    }
    return true;
}

bool fit(training *t)
{
    cd_loader *loader = train_loader(t);
    if (!loader || !checkpoint_settings(t)) return false;
    t->goes_on = checkpoint_goes_on(&t->config->files);
    t->history = run(t, loader);
    t->so_far = NULL;
    progress_end();
    if (!t->history) add_hint(t);
    return t->history && cd_history_end(t->history) != CD_FIT_STOPPED && copy_history(t) &&
           cd_eval(t->trained);
}
