/* Checks the options of cd_fit, puts in the defaults, and makes what a run needs. */
#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/loader_internal.h"
#include "models/fit_internal.h"
#include "models/task_internal.h"
#include "nn/module_internal.h"
#include "optim/scheduler_internal.h"

static const char function[] = "fit";
enum { BATCH_SIZE = 32, EPOCHS = 10 };

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_data(const cd_fit_options *o)
{
    if (!o->train == !o->loader) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s: one is right, a train set or .loader", function,
                       o->train ? "both a train set and a loader are given"
                                : "neither a train set nor a loader is given");
    }
    if (o->validation && o->validation_loader) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: both .validation and .validation_loader are given: one is right, a "
                       "validation set or a loader of one",
                       function);
    }
    if (o->loader && o->batch_size != 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .batch_size is %lld, and the loader has its own",
                       function, (long long)o->batch_size);
    }
    return true;
}

/* Whether a number that has a default is 0 or more. */
static bool check_count(const char *option, int64_t value)
{
    return value >= 0 || cd_fail(CD_ERR_ARGUMENT, "%s: .%s is %lld, and must not be negative",
                                 function, option, (long long)value);
}

static bool check_clip(const char *option, double value)
{
    return (value >= 0 && isfinite(value)) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .%s is %g, and must be a positive number", function,
                   option, value);
}

static bool check_options(const cd_fit_options *o)
{
    if (!check_data(o) || !check_count("batch_size", o->batch_size) ||
        !check_count("epochs", o->epochs) || !check_count("accumulate", o->accumulate) ||
        !check_count("early_stopping", o->early_stopping) ||
        !check_clip("clip_norm", o->clip_norm) || !check_clip("clip_value", o->clip_value)) {
        return false;
    }
    if (o->schedule && o->optimizer && o->schedule->optimizer != o->optimizer) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the schedule is that of another optimizer", function);
    }
    if (o->schedule && !o->optimizer) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: a schedule is given without its optimizer: give .optimizer too",
                       function);
    }
    return !o->schedule || !o->schedule_by_step || !o->schedule->class_->by_metric ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: %s decides by the monitored number of an epoch, so it cannot step with "
                   ".schedule_by_step",
                   function, o->schedule->class_->name);
}

/* --- what is monitored ------------------------------------------------------------------------ */

static bool no_such_number(const fit *f)
{
    char names[256] = "";
    size_t used = 0;
    for (int k = 0; k < f->o.metric_count && used < sizeof names; k++) {
        used +=
            (size_t)snprintf(names + used, sizeof names - used, ", \"%s\"", f->o.metrics[k]->name);
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s: .monitor is \"%s\", and there are \"loss\"%s%s", function,
                   f->o.monitor, f->validates ? ", \"validation_loss\"" : "", names);
}

static bool choose_monitor(fit *f)
{
    const char *name = f->o.monitor;
    if (!name) {
        f->monitor = f->validates ? CD_MONITOR_VALIDATION_LOSS : CD_MONITOR_LOSS;
        return true;
    }
    if (strcmp(name, "loss") == 0) {
        f->monitor = CD_MONITOR_LOSS;
        return true;
    }
    if (f->validates && strcmp(name, "validation_loss") == 0) {
        f->monitor = CD_MONITOR_VALIDATION_LOSS;
        return true;
    }
    for (int k = 0; k < f->o.metric_count; k++) {
        if (strcmp(name, f->o.metrics[k]->name) != 0) continue;
        f->monitor = k;
        f->higher_is_better = !f->o.metrics[k]->lower_is_better;
        return true;
    }
    return no_such_number(f);
}

static const char *monitor_name(const fit *f)
{
    return f->monitor == CD_MONITOR_LOSS              ? "loss"
           : f->monitor == CD_MONITOR_VALIDATION_LOSS ? "validation_loss"
                                                      : f->o.monitor;
}

/* Whether a schedule that waits for a better number takes the same for better as the monitor. Else
 * it would reduce the rate as long as the model gets better. */
static bool check_plateau(const fit *f)
{
    const cd_scheduler *s = f->o.schedule;
    if (!s || s->class_ != &cd_schedule_plateau_class) return true;
    const cd_schedule_plateau_options *plateau = s->options;
    const bool higher = f->higher_is_better;
    return plateau->maximum == higher ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: %s waits for a %s number, and a %s one is better of \"%s\", which is "
                   "monitored: give it .maximum = %s, or another .monitor",
                   function, s->class_->name, higher ? "lower" : "higher",
                   higher ? "higher" : "lower", monitor_name(f), higher ? "true" : "false");
}

/* --- making ----------------------------------------------------------------------------------- */

static bool fill_defaults(fit *f)
{
    cd_fit_options *o = &f->o;
    if (o->batch_size == 0) o->batch_size = o->loader ? o->loader->batch_size : BATCH_SIZE;
    if (o->epochs == 0) o->epochs = EPOCHS;
    if (o->accumulate == 0) o->accumulate = 1;
    f->loader = o->loader;
    if (!f->loader) {
        f->loader = cd_loader_new(o->train, .batch_size = o->batch_size, .shuffle = true);
    }
    if (!o->loss) o->loss = cd_default_loss(cd_loader_dataset(f->loader), function);
    if (!o->optimizer) o->optimizer = cd_optim_adam(o->model);
    return cd_ok();
}

/* A model as it is loaded is in evaluation mode as a whole. In one in training mode, parts that the
 * program has put in evaluation mode, such as a batch norm, stay so. */
static bool set_mode(cd_module *model)
{
    return model->training_ || cd_train(model);
}

/* A run that goes on has a place in the loader's epoch, and perhaps gradients. */
static bool begin_anew(fit *f)
{
    return f->steps > 0 || (cd_loader_restart(f->loader) && cd_zero_grad(f->o.optimizer));
}

bool cd_fit_begin(fit *f, const cd_fit_options *options)
{
    *f = (fit){ .o = *options,
                .validates = options->validation || options->validation_loader,
                .lr = (double)NAN,
                .loss = (double)NAN };
    if (!check_options(options) ||
        !cd_meters_begin(&f->meters, options->metrics, options->metric_count, function) ||
        !choose_monitor(f) || !check_plateau(f) || !cd_fit_check_checkpoints(f) ||
        !fill_defaults(f)) {
        return false;
    }
    f->batches = cd_loader_batches(f->loader);
    if (cd_ok() && f->batches == 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the train set has no batch", function);
    }
    const size_t n = 2 * (size_t)f->o.metric_count;
    f->values = cd_alloc((n + 1) * sizeof *f->values); /* one more, so that it is never empty */
    for (size_t i = 0; f->values && i < n; i++) f->values[i] = (double)NAN;
    f->history = cd_history_new(f->o.metric_count);
    return f->values && f->history && set_mode(f->o.model) && cd_fit_open_folder(f) &&
           begin_anew(f);
}

void cd_fit_end_all(fit *f)
{
    cd_meters_end(&f->meters);
    cd_free(f->values);
    if (f->best_state) (void)cd_assign(&f->best_state, NULL);
}
