/* How cd_fit goes on from a checkpoint. What fit_checkpoint.c adds to it is read, and given its
 * memory, before the parts of the run are loaded, which are loaded all or not at all. What is left
 * then cannot fail. So nothing of the program's changes when a run cannot go on. */
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

/* Tensors, and what was read for them. */
typedef struct pairs {
    struct {
        cd_tensor *to, *read; /* owned */
    } * item;
    int64_t count, room;
} pairs;

/* What was read, until the parts of the run are loaded. */
typedef struct found {
    fit *f;
    bool any;        /* there is a checkpoint */
    pairs loss;      /* the tensors of the loss, and their elements */
    pairs gradients; /* parameters, and their gradients, for a group of batches that is open */
} found;

static bool add_pair(pairs *p, cd_tensor *to, cd_tensor *read)
{
    if (p->count == p->room) {
        const int64_t room = p->room ? 2 * p->room : 16;
        void *larger = cd_realloc(p->item, (size_t)room * sizeof *p->item);
        if (!larger) return false;
        p->item = larger;
        p->room = room;
    }
    cd_object_own(&to->object);
    cd_object_own(&read->object);
    p->item[p->count].to = to;
    p->item[p->count++].read = read;
    return true;
}

static void free_pairs(pairs *p)
{
    for (int64_t i = 0; i < p->count; i++) {
        cd_object_disown(&p->item[i].to->object);
        cd_object_disown(&p->item[i].read->object);
    }
    cd_free(p->item);
}

/* --- tensors of modules ----------------------------------------------------------------------- */

/* Reads the tensor of this name, to the device of t, if it has the shape and dtype of t. */
static cd_tensor *read_like(cd_tensor_file *file, const char *name, const cd_tensor *t)
{
    const cd_archive *archive = cd_tensor_file_archive(file, "fit");
    const cd_archive_entry *e = archive ? cd_archive_find(archive, name) : NULL;
    if (!archive) return NULL;
    if (e && e->dtype == cd_file_dtype_of(t->dtype) && cd_shape_equal(e->shape, t->shape)) {
        return cd_to_device(cd_tensor_file_read(file, name), cd_tensor_device(t));
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

static bool read_loss(found *r, cd_tensor_file *file)
{
    cd_module *loss = r->f->o.loss;
    cd_dict *own = cd_state_dict(loss), *read = read_state(file, EXTRA CD_FIT_LOSS, loss);
    for (int64_t i = 0; read && cd_ok() && i < cd_dict_count(read); i++) {
        cd_tensor *to = cd_dict_at(own, i), *value = cd_dict_at(read, i);
        if (!to || !value || !add_pair(&r->loss, to, value)) return false;
    }
    return read && cd_ok();
}

/* --- gradients -------------------------------------------------------------------------------- */

typedef struct reader {
    cd_tensor_file *file;
    const char *prefix;
    pairs *to;
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
    return cd_ok() && (!gradient || (cd_variable_need(t) && add_pair(r->to, t, gradient)));
}

/* Reads the gradients of the module's parameters that are in the file. */
static bool read_gradients(found *r, cd_tensor_file *file, const char *prefix, cd_module *m)
{
    return cd_visit(m, read_gradient, &(reader){ file, prefix, &r->gradients });
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
    return !f->running && cd_fit_is_best(f);
}

/* Where best.safetensors was lost, or is that of an epoch after a checkpoint that was damaged, the
 * best epoch's step-N may still be there. */
static bool get_best(fit *f, cd_tensor_file *file)
{
    cd_error error;
    char name[48];
    if (!f->o.restore_best || f->history->best < 0) return true;
    if (is_best(f)) {
        return cd_assign(&f->best_state, read_state(file, "model", f->o.model)) && cd_ok();
    }
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
    f->grouped = t.grouped;
    f->group = t.group;
    f->started = cd_fit_clock() - t.seconds;
    for (int64_t i = 0; i < f->history->count; i++) cd_fit_judge(f, i);
    return true;
}

/* A run cannot become shorter: what it has done with the model stays. */
static bool check_epochs(const fit *f)
{
    const int64_t begun = f->history->count + f->running;
    return begun <= f->o.epochs ||
           cd_fail(
               CD_ERR_ARGUMENT,
               "fit: .epochs is %lld, and the run in %s is %s epoch %lld already: give as many, "
               "or more",
               (long long)f->o.epochs, f->o.checkpoint, f->running ? "in" : "behind",
               (long long)begun);
}

/* The group of batches that the run is in, after `done` batches of the epoch; a text that does not
 * say it is of a run whose loader leaves no batch out. */
static bool check_group(fit *f, int64_t done, const char *label)
{
    if (f->grouped < 0) {
        f->grouped = done < f->batches ? done % f->o.accumulate : 0;
        f->group = f->grouped > 0 ? cd_fit_group(f, done - f->grouped) : 0;
    }
    return f->grouped == 0 || (f->group <= f->o.accumulate && f->grouped <= done) ||
           cd_fail(CD_ERR_FORMAT,
                   "fit: %s: %lld batches of a group of %lld are done, and there are %lld batches "
                   "of the epoch, and groups of %lld",
                   label, (long long)f->grouped, (long long)f->group, (long long)done,
                   (long long)f->o.accumulate);
}

/* Whether the loader is in an epoch if the run is. */
static bool check_loader(fit *f, cd_tensor_file *file, const char *label)
{
    int64_t epoch[3];
    cd_tensor *t = cd_tensor_file_read(file, "loader.epoch");
    if (!t) return false;
    const bool readable = cd_dtype_of(t) == CD_I64 && cd_numel(t) == 3;
    if (readable && cd_read(t, epoch, sizeof epoch) && (epoch[0] == 1) == f->running &&
        (epoch[1] > 0) == f->running) {
        return !f->running || check_group(f, epoch[1], label);
    }
    return cd_fail(CD_ERR_FORMAT,
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
 * changed but meters (cd_meter_metric), which the run has emptied before. A process that was killed
 * after the checkpoint of the best epoch was saved may not have marked it: *best. */
static bool look(void *context, cd_tensor_file *file, bool *best)
{
    found *r = context;
    fit *f = r->f;
    CD_SCOPE();
    const cd_archive *archive = cd_tensor_file_archive(file, "fit");
    const char *label = archive ? archive->source.label : "";
    r->any = true;
    if (!archive || !set_progress(f, file, label) || !check_epochs(f) ||
        !check_loader(f, file, label) || !set_meters(f, file) || !get_best(f, file) ||
        !read_loss(r, file) || !read_gradients(r, file, EXTRA CD_FIT_GRADIENT, f->o.model) ||
        !read_gradients(r, file, EXTRA CD_FIT_LOSS_GRADIENT, f->o.loss)) {
        return false;
    }
    *best = is_best(f);
    return true;
}

/* --- going on --------------------------------------------------------------------------------- */

/* What is left to do once the parts are loaded, none of which can fail. */
static void go_on(const found *r)
{
    for (int64_t i = 0; i < r->loss.count; i++) {
        cd_tensor_copy(r->loss.item[i].to, r->loss.item[i].read);
        cd_tensor_bump(r->loss.item[i].to);
    }
    (void)cd_zero_grad(r->f->o.optimizer);
    for (int64_t i = 0; i < r->gradients.count; i++) { /* one with two names gets the first */
        (void)cd_grad_put(r->gradients.item[i].to, r->gradients.item[i].read);
    }
}

/* Empties the meters again. The error that is pending stays. */
static void empty_meters(fit *f)
{
    for (int k = 0; k < f->meters.count && cd_error_push(); k++) {
        (void)cd_meter_reset(f->meters.meter[k]);
        (void)cd_error_pop(NULL);
    }
}

bool cd_fit_resume(fit *f)
{
    CD_SCOPE();
    found r = { .f = f };
    const cd_run_resume how = { .run = cd_fit_run(f), .look = look, .context = &r };
    const bool done = cd_run_folder_resume_by(f->folder, &how);
    if (done && r.any) go_on(&r);
    if (!done) empty_meters(f);
    free_pairs(&r.loss);
    free_pairs(&r.gradients);
    return done;
}
