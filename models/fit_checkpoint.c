/* When cd_fit saves a checkpoint, and what is in it: the parts of models/run.h; the history and how
 * far the epoch is, as a text; and in the middle of an epoch the states of the metrics and the
 * gradients that wait for their step. */
#include <string.h>

#include "autograd/autograd.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "models/fit_internal.h"
#include "models/metric_internal.h"
#include "models/run_folder_internal.h"
#include "optim/optimizer_internal.h"

/* --- options ---------------------------------------------------------------------------------- */

/* The first metric that has no .visit; NULL: all have one. */
static const cd_metric *without_visit(const fit *f)
{
    for (int k = 0; k < f->meters.count; k++) {
        if (!cd_meter_has_visit(f->meters.meter[k])) return f->o.metrics[k];
    }
    return NULL;
}

static bool no_folder(const cd_fit_options *o)
{
    const char *const option = o->resume                    ? "resume"
                               : o->checkpoint_every        ? "checkpoint_every"
                               : o->keep                    ? "keep"
                               : o->setting_count           ? "settings"
                               : o->checkpoint_seconds != 0 ? "checkpoint_seconds"
                                                            : NULL;
    return !option || cd_fail(CD_ERR_ARGUMENT,
                              "fit: .%s is given without .checkpoint, which names the folder of "
                              "the run",
                              option);
}

bool cd_fit_check_checkpoints(const fit *f)
{
    const cd_fit_options *o = &f->o;
    if (o->checkpoint_every < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "fit: .checkpoint_every is %lld, and must not be negative",
                       (long long)o->checkpoint_every);
    }
    if (!(o->checkpoint_seconds >= 0)) {
        return cd_fail(CD_ERR_ARGUMENT, "fit: .checkpoint_seconds is %g, and must not be negative",
                       o->checkpoint_seconds);
    }
    if (!o->checkpoint) return no_folder(o);
    const cd_metric *m = without_visit(f);
    if (!m || (o->checkpoint_every == 0 && o->checkpoint_seconds <= 0)) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   "fit: .checkpoint_%s is given, and the metric %s has no .visit, by which its "
                   "state would be saved in the middle of an epoch: give it one, or leave the "
                   "option out for a checkpoint after each epoch",
                   o->checkpoint_every ? "every" : "seconds", m->name);
}

typedef struct search {
    const cd_tensor *parameter;
    bool found;
} search;

static bool compare(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    search *s = user;
    (void)name, (void)kind;
    s->found |= t->storage == s->parameter->storage;
    return true;
}

/* Whether all that the optimizer changes is in a part that is saved. */
static bool check_parameters(const fit *f)
{
    const cd_optimizer *o = f->o.optimizer;
    for (int64_t i = 0; i < o->count; i++) {
        search s = { .parameter = o->entries[i].parameter };
        if (!cd_visit(f->o.model, compare, &s) || !cd_visit(f->o.loss, compare, &s)) return false;
        if (s.found) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "fit: tensor %lld of the optimizer belongs neither to the model nor to the "
                       "loss, so that a checkpoint would not have it: make it a parameter of one",
                       (long long)i);
    }
    return true;
}

/* --- what is saved ---------------------------------------------------------------------------- */

cd_run cd_fit_run(const fit *f)
{
    return (cd_run){ .model = f->o.model,
                     .average = f->o.average,
                     .optimizer = f->o.optimizer,
                     .schedule = f->o.schedule,
                     .loader = f->loader,
                     .validation_loader = f->o.validation_loader };
}

/* Sets the tensor under "HEAD.NAME". */
static bool add(cd_dict *extra, const char *head, const char *name, cd_tensor *t)
{
    const size_t size = strlen(head) + strlen(name) + 2;
    char *full = cd_alloc(size);
    if (!full) return false;
    (void)cd_format(full, size, "%s.%s", head, name);
    const bool done = cd_dict_set(extra, full, t);
    cd_free(full);
    return done;
}

static bool add_meters(const fit *f, cd_dict *extra)
{
    for (int k = 0; k < f->meters.count; k++) {
        char prefix[32];
        (void)cd_format(prefix, sizeof prefix, CD_FIT_METRIC, k);
        cd_metric_visitor v = { .metric = f->o.metrics[k]->name, .prefix = prefix, .to = extra };
        if (!cd_meter_visit(f->meters.meter[k], &v)) return false;
    }
    return true;
}

static bool add_gradient(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    cd_tensor *gradient = kind == CD_PARAMETER ? cd_grad(t) : NULL;
    return cd_ok() && (!gradient || add(user, CD_FIT_GRADIENT, name, gradient));
}

static bool add_loss_gradient(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    cd_tensor *gradient = kind == CD_PARAMETER ? cd_grad(t) : NULL;
    return cd_ok() && (!gradient || add(user, CD_FIT_LOSS_GRADIENT, name, gradient));
}

static bool add_gradients(const fit *f, cd_dict *extra)
{
    return cd_visit(f->o.model, add_gradient, extra) &&
           cd_visit(f->o.loss, add_loss_gradient, extra);
}

/* A loss may have parameters of its own, or buffers. */
static bool add_loss(const fit *f, cd_dict *extra)
{
    cd_dict *state = cd_state_dict(f->o.loss);
    for (int64_t i = 0; cd_ok() && i < cd_dict_count(state); i++) {
        if (!add(extra, CD_FIT_LOSS, cd_dict_name(state, i), cd_dict_at(state, i))) return false;
    }
    return cd_ok();
}

static bool save_with(fit *f, const char *text)
{
    CD_SCOPE();
    CD_NO_GRAD();
    const cd_text_pair pair = { CD_FIT_TEXT, text };
    cd_run run = cd_fit_run(f);
    run.texts = &pair;
    run.text_count = 1;
    run.extra = cd_dict_new();
    if (!run.extra || !add_loss(f, run.extra) || (f->running && !add_meters(f, run.extra)) ||
        (f->grouped > 0 && !add_gradients(f, run.extra)) ||
        !cd_run_folder_save_again(f->folder, f->steps, &run)) {
        return false;
    }
    f->unsaved = false;
    f->saved_at = cd_fit_clock();
    return true;
}

/* Before the first step nothing is saved: the run that begins anew is the same. */
static bool save(fit *f)
{
    const cd_metric *m = f->running ? without_visit(f) : NULL;
    if (m) {
        cd_log_line(CD_LOG_WARNING,
                    "fit: %s: nothing is saved in the middle of epoch %lld, since the metric %s "
                    "has no .visit: the run will go on from the checkpoint before",
                    f->o.checkpoint, (long long)f->history->count + 1, m->name);
        return true;
    }
    if (f->steps == 0) return true;
    char *text = cd_fit_text_write(f);
    const bool done = text && save_with(f, text);
    cd_free(text);
    return done;
}

/* --- when ------------------------------------------------------------------------------------- */

bool cd_fit_open_folder(fit *f)
{
    if (!f->o.checkpoint) return true;
    if (!check_parameters(f)) return false;
    f->folder = cd_fit_folder_with_settings(f);
    if (!f->folder) return false;
    if (!f->o.resume && !cd_run_folder_is_empty(f->folder)) {
        return cd_fail(
            CD_ERR_STATE,
            "fit: %s has checkpoints of a run: .resume = true goes on with it; a new run "
            "takes another folder",
            f->o.checkpoint);
    }
    f->saved_at = cd_fit_clock();
    return !f->o.resume || cd_fit_resume(f);
}

bool cd_fit_save_batch(fit *f)
{
    const cd_fit_options *o = &f->o;
    if (!f->folder) return true;
    const bool steps =
        o->checkpoint_every > 0 && f->grouped == 0 && f->steps % o->checkpoint_every == 0;
    const bool time =
        o->checkpoint_seconds > 0 && cd_fit_clock() - f->saved_at >= o->checkpoint_seconds;
    return (!steps && !time) || save(f);
}

bool cd_fit_save_epoch(fit *f)
{
    const bool best = cd_fit_is_best(f);
    if (!f->folder || (!best && f->o.checkpoint_every > 0)) return true;
    return save(f) && (!best || cd_run_folder_mark_best(f->folder));
}

bool cd_fit_save_end(fit *f)
{
    return !f->folder || !f->unsaved || save(f);
}
