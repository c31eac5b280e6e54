/* How cd_fit goes on from a checkpoint. All that can be wrong with what fit_checkpoint.c adds to it
 * is found before the parts of the run are loaded, so that a failure leaves the model as it was. */
#include <string.h>

#include "autograd/node_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"
#include "io/folder_internal.h"
#include "io/tensor_file_internal.h"
#include "models/fit_internal.h"
#include "models/metric_internal.h"
#include "models/run_folder_internal.h"
#include "models/run_internal.h"

#define EXTRA "extra."

/* What was read, until the parts of the run are loaded. */
typedef struct found {
    fit *f;
    bool any; /* there is a checkpoint */
    cd_dict *gradients,
        *loss_gradients; /* of the parameters, for a group of batches that is open */
    cd_dict *loss;       /* the tensors of the loss */
} found;

/* --- tensors of modules ----------------------------------------------------------------------- */

/* Reads the tensor of this name if it has the shape and dtype of t. */
static cd_tensor *read_like(cd_tensor_file *file, const char *name, const cd_tensor *t)
{
    const cd_archive *archive = cd_tensor_file_archive(file, "fit");
    const cd_archive_entry *e = archive ? cd_archive_find(archive, name) : NULL;
    if (!archive) return NULL;
    if (e && e->dtype == cd_file_dtype_of(t->dtype) && cd_shape_equal(e->shape, t->shape)) {
        return cd_tensor_file_read(file, name);
    }
    char shape[CD_SHAPE_TEXT];
    (void)cd_fail(CD_ERR_FORMAT, "fit: %s has no \"%s\" of %s (%s)", archive->source.label, name,
                  cd_shape_text(t->shape, shape), cd_dtype_name(t->dtype));
    return NULL;
}

/* "PREFIX.NAME", freed by the caller; NULL with an error. */
static char *joined(const char *prefix, const char *name)
{
    const size_t size = strlen(prefix) + strlen(name) + 2;
    char *full = cd_alloc(size);
    if (full) (void)cd_format(full, size, "%s.%s", prefix, name);
    return full;
}

/* Reads what the module's state dict has, under the prefix. */
static cd_dict *read_state(cd_tensor_file *file, const char *prefix, cd_module *m)
{
    cd_dict *own = cd_state_dict(m), *read = cd_dict_new();
    for (int64_t i = 0; cd_ok() && i < cd_dict_count(own); i++) {
        char *name = joined(prefix, cd_dict_name(own, i));
        cd_tensor *t = name ? read_like(file, name, cd_dict_at(own, i)) : NULL;
        cd_free(name);
        if (!t || !cd_dict_set(read, cd_dict_name(own, i), t)) return NULL;
    }
    return cd_ok() ? read : NULL;
}

/* --- gradients -------------------------------------------------------------------------------- */

typedef struct reader {
    cd_tensor_file *file;
    const char *prefix;
    cd_dict *to;
} reader;

static bool read_gradient(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    const reader *r = user;
    char *full = kind == CD_PARAMETER ? joined(r->prefix, name) : NULL;
    if (!full) return cd_ok();
    const cd_archive *archive = cd_tensor_file_archive(r->file, "fit");
    cd_tensor *gradient = archive && cd_archive_find(archive, full) && cd_requires_grad(t)
                              ? read_like(r->file, full, t)
                              : NULL;
    cd_free(full);
    return cd_ok() && (!gradient || cd_dict_set(r->to, name, gradient));
}

/* The gradients of the module's parameters that are in the file; NULL with an error. */
static cd_dict *read_gradients(cd_tensor_file *file, const char *prefix, cd_module *m)
{
    reader r = { file, prefix, cd_dict_new() };
    return r.to && cd_visit(m, read_gradient, &r) ? r.to : NULL;
}

static bool put_gradient(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    cd_dict *gradients = user;
    if (kind != CD_PARAMETER || !cd_dict_has(gradients, name)) return cd_ok();
    cd_tensor *g = cd_to_device(cd_dict_get(gradients, name), cd_tensor_device(t));
    if (!g || !cd_variable_need(t)) return false;
    (void)cd_grad_put(t, g); /* a parameter with two names has it already */
    return true;
}

/* --- the best epoch --------------------------------------------------------------------------- */

/* Whether the file is the checkpoint that was saved after the best epoch. */
static bool check_best(const fit *f, cd_tensor_file *file, const char *path)
{
    cd_fit_text t;
    const cd_epoch *best = &f->history->epoch[f->history->best];
    const char *text = cd_tensor_file_text(file, CD_FIT_TEXT);
    if (!text) return cd_fail(CD_ERR_FORMAT, "%s is no checkpoint of fit", path);
    if (!cd_fit_text_read(&t, text, f->o.metric_count, path)) return false;
    const int64_t count = t.history->count;
    const cd_epoch *last = count > 0 ? &t.history->epoch[count - 1] : NULL;
    const bool same = !t.running && count == best->number && last->steps == best->steps &&
                      memcmp(&last->loss, &best->loss, sizeof last->loss) == 0;
    cd_object_disown(&t.history->object);
    return same || cd_fail(CD_ERR_FORMAT, "%s is the checkpoint of another epoch", path);
}

static bool read_best(fit *f, const char *name)
{
    CD_SCOPE();
    char *path = cd_path_join(f->o.checkpoint, name);
    cd_tensor_file *file = path ? cd_tensor_file_open(path) : NULL;
    cd_archive *archive = file ? cd_tensor_file_archive(file, "fit") : NULL;
    const bool done = archive && cd_run_check_whole("fit", archive) && check_best(f, file, path) &&
                      cd_assign(&f->best_state, read_state(file, "model", f->o.model));
    cd_free(path);
    return done && f->best_state;
}

/* Whether the checkpoint is that of the best epoch itself. */
static bool is_best(const fit *f)
{
    return !f->running && f->history->count > 0 && f->stale == 0;
}

/* Where best.safetensors was lost, or is that of an epoch after a checkpoint that was damaged, the
 * best epoch's step-N may still be there. */
static bool get_best(fit *f)
{
    cd_error error;
    char name[48];
    if (!f->o.restore_best || f->history->best < 0 || is_best(f)) return true;
    if (read_best(f, CD_RUN_BEST)) return true;
    const cd_epoch *best = &f->history->epoch[f->history->best];
    (void)cd_format(name, sizeof name, "step-%lld.safetensors", (long long)best->steps);
    if (cd_error_code() == CD_ERR_MEMORY || !cd_error_take(&error)) return false;
    if (read_best(f, name)) return true;
    if (cd_error_code() == CD_ERR_MEMORY) return false;
    cd_clear_error();
    return cd_fail(error.code,
                   "fit: .restore_best needs the parameters of epoch %lld, which are not in %s: "
                   "%.300s; without .restore_best the run goes on",
                   (long long)best->number, CD_RUN_BEST, error.message);
}

/* --- looking ---------------------------------------------------------------------------------- */

static bool set_progress(fit *f, cd_tensor_file *file, const char *label)
{
    cd_fit_text t;
    const char *text = cd_tensor_file_text(file, CD_FIT_TEXT);
    if (!text) {
        return cd_fail(
            CD_ERR_FORMAT,
            "fit: %s is a checkpoint that a program saved, and has no text \"" CD_FIT_TEXT
            "\": fit goes on from its own",
            label);
    }
    if (!cd_fit_text_read(&t, text, f->o.metric_count, label)) return false;
    cd_object_disown(&f->history->object);
    f->history = t.history;
    f->steps = t.steps;
    f->running = t.running;
    f->samples = t.samples;
    f->loss_sum = t.loss_sum;
    f->lr = t.lr;
    f->started = cd_fit_clock() - t.seconds;
    for (int64_t i = 0; i < f->history->count; i++) cd_fit_judge(f, i);
    return true;
}

/* Whether the loader is in an epoch if the run is. */
static bool check_loader(const fit *f, cd_tensor_file *file, const char *label)
{
    int64_t epoch[3];
    cd_tensor *t = cd_tensor_file_read(file, "loader.epoch");
    if (!t) return false;
    const bool readable = cd_dtype_of(t) == CD_I64 && cd_numel(t) == 3;
    return (readable && cd_read(t, epoch, sizeof epoch) && (epoch[0] == 1) == f->running &&
            (epoch[1] > 0) == f->running) ||
           cd_fail(CD_ERR_FORMAT,
                   "fit: %s: the loader is %s, and the text \"" CD_FIT_TEXT "\" says otherwise",
                   label, f->running ? "between two epochs" : "in the middle of an epoch");
}

static bool set_meters(fit *f, cd_tensor_file *file)
{
    for (int k = 0; f->running && k < f->meters.count; k++) {
        char prefix[32];
        const char *name = f->o.metrics[k]->name;
        (void)cd_format(prefix, sizeof prefix, EXTRA CD_FIT_METRIC, k);
        if (!cd_meter_has_visit(f->meters.meter[k])) {
            return cd_fail(CD_ERR_STATE,
                           "fit: %s was saved in the middle of an epoch, and the metric %s has no "
                           ".visit, by which its state would be set",
                           f->o.checkpoint, name);
        }
        cd_metric_visitor v = { .metric = name, .prefix = prefix, .from = file };
        if (!cd_meter_visit(f->meters.meter[k], &v)) return false;
    }
    return true;
}

/* Reads what the checkpoint has beside the parts of models/run.h. Nothing of the program's is
 * changed. */
static bool look(void *context, cd_tensor_file *file)
{
    found *r = context;
    fit *f = r->f;
    CD_SCOPE();
    const cd_archive *archive = cd_tensor_file_archive(file, "fit");
    const char *label = archive ? archive->source.label : "";
    r->any = true;
    if (!archive || !set_progress(f, file, label) || !check_loader(f, file, label) ||
        !set_meters(f, file) || !get_best(f)) {
        return false;
    }
    (void)cd_assign(&r->loss, read_state(file, EXTRA CD_FIT_LOSS, f->o.loss));
    (void)cd_assign(&r->gradients, read_gradients(file, EXTRA CD_FIT_GRADIENT, f->o.model));
    (void)cd_assign(&r->loss_gradients,
                    read_gradients(file, EXTRA CD_FIT_LOSS_GRADIENT, f->o.loss));
    return cd_ok();
}

/* --- going on --------------------------------------------------------------------------------- */

/* What is left to do once the parts are loaded. A process that was killed after the checkpoint of
 * the best epoch was saved may not have marked it. */
static bool go_on(const found *r)
{
    fit *f = r->f;
    return cd_load_state_dict(f->o.loss, r->loss) &&
           cd_visit(f->o.model, put_gradient, r->gradients) &&
           cd_visit(f->o.loss, put_gradient, r->loss_gradients) &&
           (!is_best(f) ||
            ((!f->o.restore_best || cd_fit_keep_best(f)) && cd_run_folder_mark_best(f->folder)));
}

bool cd_fit_resume(fit *f)
{
    CD_SCOPE();
    found r = { .f = f };
    const cd_run_resume how = { .run = cd_fit_run(f), .look = look, .context = &r };
    const bool done = cd_run_folder_resume_by(f->folder, &how) && (!r.any || go_on(&r));
    (void)cd_assign(&r.gradients, NULL);
    (void)cd_assign(&r.loss_gradients, NULL);
    (void)cd_assign(&r.loss, NULL);
    return done;
}
