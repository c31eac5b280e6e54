/* cd_fit: the training loop. What is less usual is in files of its own: fit_begin.c checks the
 * options, fit_trouble.c tells why a loss is not finite, fit_best.c keeps the parameters of the
 * best epoch, fit_checkpoint.c saves the run and fit_resume.c goes on with it. docs/train-an-mlp.md
 * has the loop as a program writes it. */
#include "models/fit_internal.h"

#include <math.h>
#include <time.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/scope_internal.h"
#include "models/task_internal.h"
#include "nn/averaged.h"
#include "nn/module_internal.h"
#include "optim/clip.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

double cd_fit_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- batches ---------------------------------------------------------------------------------- */

static bool step_schedule(fit *f)
{
    cd_scheduler *s = f->o.schedule;
    if (!s) return true;
    return s->class_->by_metric ? cd_scheduler_step_by(s, f->monitored) : cd_scheduler_step(s);
}

static bool step_optimizer(fit *f)
{
    const cd_fit_options *o = &f->o;
    if (o->clip_value > 0 && !cd_clip_grad_value_(o->optimizer, o->clip_value)) return false;
    if (o->clip_norm > 0 && !cd_clip_grad_norm_(o->optimizer, o->clip_norm)) return false;
    f->lr = cd_lr(o->optimizer);
    f->steps++;
    f->grouped = 0;
    return cd_step(o->optimizer) && cd_zero_grad(o->optimizer) &&
           (!o->average || cd_update_parameters(o->average, o->model)) &&
           (!o->schedule_by_step || step_schedule(f));
}

int64_t cd_fit_group(const fit *f, int64_t number)
{
    const int64_t left = f->batches - number;
    return left < f->o.accumulate ? left : f->o.accumulate;
}

/* Makes the step of a group that has fewer batches than it was to have, since the loader left the
 * epoch's last ones out: with the mean over those that there were. */
static bool end_group(fit *f)
{
    CD_SCOPE();
    CD_NO_GRAD();
    const cd_optimizer *o = f->o.optimizer;
    if (!cd_ok() || f->grouped == 0) return cd_ok();
    for (int64_t i = 0; i < o->count; i++) {
        cd_tensor *gradient = cd_grad(o->entries[i].parameter);
        if (gradient) (void)cd_mul_(gradient, (double)f->group / (double)f->grouped);
    }
    return cd_ok() && step_optimizer(f);
}

static bool train_batch(fit *f, const cd_batch *b)
{
    CD_SCOPE();
    cd_tensor *output, *target;
    if (!cd_fit_note_generator(f) || !cd_apply_model(f->o.model, b, &output, &target)) return false;
    cd_tensor *loss = cd_batch_loss(f->o.loss, output, target, "fit");
    f->loss = cd_item(loss);
    if (!cd_ok()) return false;
    if (!isfinite(f->loss)) return cd_fit_explain(f, b);
    if (f->grouped == 0) f->group = cd_fit_group(f, b->number);
    if (!cd_backward(f->group > 1 ? cd_div(loss, (double)f->group) : loss)) return false;
    f->loss_sum += f->loss * (double)b->count;
    f->samples += b->count;
    target = cd_measured_target(f->loader, target);
    if (!cd_meters_update(&f->meters, cd_detach(output), target)) return false;
    f->unsaved = true;
    return ++f->grouped < f->group || step_optimizer(f);
}

/* Tells the program of a batch. *go_on: it wants the run to go on. */
static bool report_batch(fit *f, const cd_batch *b, bool *go_on)
{
    *go_on = !f->o.stop || *f->o.stop == 0;
    if (!f->o.on_batch) return true;
    const cd_fit_batch done = { .epoch = f->history->count + 1,
                                .batch = b->number + 1,
                                .of = f->batches,
                                .samples = f->samples,
                                .loss = f->loss,
                                .mean_loss = f->loss_sum / (double)f->samples };
    if (!f->o.on_batch(&done, f->o.context)) *go_on = false;
    return cd_ok();
}

/* --- epochs ----------------------------------------------------------------------------------- */

static bool begin_epoch(fit *f)
{
    f->started = cd_fit_clock();
    f->loss_sum = 0;
    f->samples = 0;
    f->running = true;
    return cd_meters_reset(&f->meters);
}

/* Trains on the batches of an epoch, of which some may be done already. *go_on: none of them ended
 * the run. (If the last one did, the epoch is not finished either.) */
static bool train_epoch(fit *f, bool *go_on)
{
    *go_on = true;
    if (!f->running && !begin_epoch(f)) return false;
    for (cd_batch b; *go_on && cd_loader_next(f->loader, &b);) {
        if (!train_batch(f, &b) || !report_batch(f, &b, go_on) || !cd_fit_save_batch(f)) {
            return false;
        }
    }
    if (!cd_ok() || !*go_on) return cd_ok();
    if (f->samples > 0) return end_group(f);
    return cd_fail(CD_ERR_ARGUMENT,
                   "fit: epoch %lld has no samples: the loader left all of its %lld batches out",
                   (long long)f->history->count + 1, (long long)f->batches);
}

static bool validate(fit *f, cd_epoch *e)
{
    const cd_fit_options *o = &f->o;
    if (!f->validates) return true;
    return cd_evaluate(f->o.model, f->o.validation, .loader = o->validation_loader,
                       .loss = f->o.loss, .batch_size = o->validation ? o->batch_size : 0,
                       .loss_value = &e->validation_loss, .metrics = f->o.metrics,
                       .metric_count = f->o.metric_count, .values = f->values + f->o.metric_count);
}

/* Validates, and adds the epoch to the history. */
static bool end_epoch(fit *f)
{
    cd_epoch e = { .number = f->history->count + 1,
                   .steps = f->steps,
                   .loss = f->loss_sum / (double)f->samples,
                   .validation_loss = (double)NAN,
                   .lr = f->lr,
                   .metrics = f->values,
                   .validation_metrics = f->values + f->o.metric_count };
    if (!cd_meters_values(&f->meters, f->values) || !validate(f, &e)) return false;
    e.seconds = cd_fit_clock() - f->started;
    if (!cd_history_add(f->history, &e)) return false;
    cd_fit_judge(f, f->history->count - 1);
    f->running = false;
    f->unsaved = true;
    return f->o.schedule_by_step || step_schedule(f);
}

/* Tells the program of the epoch that was just added. What it does to the model there belongs to
 * the epoch: to its checkpoint, and to its parameters if it is the best. */
static bool after_epoch(fit *f, bool *go_on)
{
    const cd_history *h = f->history;
    if (f->o.on_epoch && !f->o.on_epoch(&h->epoch[h->count - 1], f->o.context)) *go_on = false;
    return cd_ok() && (!f->o.restore_best || !cd_fit_is_best(f) || cd_fit_keep_best(f)) &&
           cd_fit_save_epoch(f);
}

/* Whether the run has come to its end before another epoch. */
static bool is_over(const fit *f)
{
    cd_history *h = f->history;
    if (h->count >= f->o.epochs) return true;
    if (f->running || f->o.early_stopping == 0 || f->stale < f->o.early_stopping) return false;
    h->end = CD_FIT_EARLY;
    return true;
}

static bool run(fit *f)
{
    bool go_on = !f->o.on_begin || f->o.on_begin(f->history, f->o.context);
    if (!cd_ok()) return false;
    if (!go_on) f->history->end = CD_FIT_STOPPED;
    while (go_on && !is_over(f)) {
        CD_SCOPE();
        if (!train_epoch(f, &go_on)) return false;
        if (go_on && (!end_epoch(f) || !after_epoch(f, &go_on))) return false;
        if (!go_on) f->history->end = CD_FIT_STOPPED;
    }
    return cd_fit_save_end(f) && (!f->o.restore_best || cd_fit_put_best_back(f));
}

cd_history *cd_fit_with(cd_fit_options options)
{
    cd_module_modes modes;
    fit f;
    if (!cd_ok() || !cd_module_modes_take(&modes, options.model)) return NULL;
    cd_scope scope = cd_scope_begin(), mode = cd_grad_mode_begin(true);
    const bool done = cd_fit_begin(&f, &options) && run(&f);
    cd_history *history = f.history;
    cd_fit_end_all(&f);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    cd_module_modes_put_back(&modes);
    if (done) return cd_hand(history);
    if (history) cd_object_disown(&history->object);
    return NULL;
}
