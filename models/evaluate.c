/* cd_evaluate: the loss and the metrics of a model over a data set. */
#include "autograd/autograd.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "models/fit.h"
#include "models/meters_internal.h"
#include "models/task_internal.h"
#include "nn/module_internal.h"

static const char function[] = "evaluate";
enum { BATCH_SIZE = 256 };

static bool check_options(const cd_evaluate_options *o)
{
    if (!cd_ok()) return false;
    if (!o->dataset == !o->loader) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s: one is right, a data set or .loader", function,
                       o->dataset ? "both a data set and a loader are given"
                                  : "neither a data set nor a loader is given");
    }
    if (o->batch_size < 0 || (o->batch_size > 0 && o->loader)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .batch_size is %lld%s", function,
                       (long long)o->batch_size,
                       o->loader ? ", and the loader has its own" : ": it must be 1 or more");
    }
    return o->metric_count == 0 || o->values ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .values is NULL, and there are %d metrics", function,
                   o->metric_count);
}

/* Adds all batches to the sum of losses and to the metrics. */
static bool add_batches(const cd_evaluate_options *o, cd_loader *loader, cd_module *loss,
                        cd_meters *meters, double *mean)
{
    double sum = 0;
    int64_t samples = 0;
    for (cd_batch b; cd_loader_next(loader, &b);) {
        CD_SCOPE();
        cd_tensor *output, *target;
        if (!cd_apply_model(o->model, &b, &output, &target)) return false;
        sum += cd_item(cd_batch_loss(loss, output, target, function)) * (double)b.count;
        samples += b.count;
        if (!cd_meters_update(meters, output, cd_measured_target(loader, target))) return false;
    }
    if (cd_ok() && samples == 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the data set has no samples", function);
    }
    *mean = sum / (double)samples;
    return cd_ok();
}

static bool evaluate(const cd_evaluate_options *o, cd_meters *meters)
{
    double mean = 0;
    cd_loader *loader = o->loader;
    if (!loader) {
        loader =
            cd_loader_new(o->dataset, .batch_size = o->batch_size ? o->batch_size : BATCH_SIZE);
    }
    cd_module *loss = o->loss;
    if (!loss) loss = cd_default_loss(cd_loader_dataset(loader), function);
    if (!loader || !loss || !cd_loader_restart(loader) ||
        !add_batches(o, loader, loss, meters, &mean)) {
        return false;
    }
    if (!cd_meters_values(meters, o->values)) return false;
    if (o->loss_value) *o->loss_value = mean;
    return true;
}

bool cd_evaluate_with(cd_evaluate_options o)
{
    cd_meters meters;
    cd_module_modes modes;
    if (!check_options(&o) || !cd_module_modes_take(&modes, o.model)) return false;
    CD_SCOPE();
    CD_NO_GRAD();
    const bool done = cd_meters_begin(&meters, o.metrics, o.metric_count, function) &&
                      cd_eval(o.model) && evaluate(&o, &meters);
    cd_meters_end(&meters);
    cd_module_modes_put_back(&modes);
    return done;
}
