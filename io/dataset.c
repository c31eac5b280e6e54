#include "io/dataset_internal.h"

#include <string.h>

#include "autograd/create.h"
#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/threads_internal.h"
#include "io/class_names_internal.h"
#include "io/folder_internal.h"
#include "io/preprocess_internal.h"

static void destroy(cd_object *object)
{
    cd_dataset *d = (cd_dataset *)object;
    if (d->folder.paths) {
        cd_image_folder_free(&d->folder);
    } else {
        for (int64_t i = 0; d->classes && i < d->class_count; i++) cd_free(d->classes[i]);
        cd_free(d->classes);
        cd_free(d->labels);
    }
    cd_free(d->pixels);
    cd_free(d->turned);
    cd_free(d->name);
}

static const cd_class dataset_class = { CD_KIND_DATASET, "data set", NULL, destroy };

static bool check(const cd_dataset *d, const char *function)
{
    return cd_check_object(d, &dataset_class, function, "the data set");
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool fill(cd_dataset *d, const cd_dataset_options *o)
{
    const char *where, *kind = cd_dataset_kind(o->name, &where);
    if (kind) return cd_dataset_fill_idx(d, kind, where, o);
    if (cd_is_folder(o->name)) return cd_dataset_fill_folder(d, o->name, o);
    return cd_dataset_refuse_name(o->name);
}

bool cd_dataset_look(const char *name, cd_dataset_layout *out)
{
    if (!name || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "dataset_look: the %s is NULL", name ? "result" : "name");
    }
    const char *where, *kind = cd_dataset_kind(name, &where);
    if (kind) return cd_dataset_look_idx(kind, where, out);
    if (cd_is_folder(name)) return cd_dataset_look_folder(name, out);
    return cd_dataset_refuse_name(name);
}

cd_dataset *cd_dataset_open_with(cd_dataset_options options)
{
    if (!options.name) {
        (void)cd_fail(CD_ERR_ARGUMENT, "dataset_open: the name is NULL");
        return NULL;
    }
    if ((unsigned)options.split > CD_VAL) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "dataset_open: split %d is none of CD_TRAIN, CD_VAL and CD_TEST",
                      (int)options.split);
        return NULL;
    }
    if (options.preprocess) {
        const char *fault = cd_preprocess_fault(options.preprocess);
        if (fault) {
            (void)cd_fail(CD_ERR_ARGUMENT, "dataset_open: %s", fault);
            return NULL;
        }
    }
    cd_dataset *d = cd_object_new(&dataset_class, sizeof *d);
    if (!d) return NULL;
    d->name = cd_strdup(options.name);
    if (d->name && fill(d, &options)) return cd_hand(d);
    cd_object_disown(&d->object);
    return NULL;
}

/* --- looking ---------------------------------------------------------------------------------- */

int64_t cd_dataset_count(const cd_dataset *d)
{
    return check(d, "dataset_count") ? d->count : 0;
}

int64_t cd_dataset_class_count(const cd_dataset *d)
{
    return check(d, "dataset_class_count") ? d->class_count : 0;
}

bool cd_dataset_is_split(const cd_dataset *d)
{
    return check(d, "dataset_is_split") && d->is_split;
}

const char *cd_dataset_split_name(const cd_dataset *d)
{
    return check(d, "dataset_split_name") ? d->split_name : NULL;
}

static bool check_number(const char *function, const char *what, int64_t i, int64_t count)
{
    if (i >= 0 && i < count) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: there is no %s %lld, the data set has %lld", function,
                   what, (long long)i, (long long)count);
}

const char *cd_dataset_class_name(const cd_dataset *d, int64_t label)
{
    if (!check(d, "dataset_class_name")) return NULL;
    return check_number("dataset_class_name", "class", label, d->class_count) ? d->classes[label]
                                                                              : NULL;
}

int64_t cd_dataset_label(const cd_dataset *d, int64_t i)
{
    if (!check(d, "dataset_label")) return 0;
    return check_number("dataset_label", "sample", i, d->count) ? d->labels[i] : 0;
}

const char *cd_dataset_path(const cd_dataset *d, int64_t i)
{
    if (!check(d, "dataset_path") || !check_number("dataset_path", "sample", i, d->count))
        return NULL;
    return d->folder.paths ? d->folder.paths[i] : NULL;
}

int64_t cd_dataset_ignored(const cd_dataset *d)
{
    return check(d, "dataset_ignored") ? d->folder.ignored : 0;
}

int64_t cd_dataset_unread_count(const cd_dataset *d)
{
    return check(d, "dataset_unread_count") ? d->folder.unread_count : 0;
}

const char *cd_dataset_unread_path(const cd_dataset *d, int64_t i)
{
    static const char function[] = "dataset_unread_path";
    if (!check(d, function) || !check_number(function, "unread file", i, d->folder.unread_count)) {
        return NULL;
    }
    return d->folder.unread[i];
}

int64_t cd_dataset_turned(const cd_dataset *d, const char **first)
{
    int64_t count = 0;
    if (first) *first = NULL;
    if (!check(d, "dataset_turned")) return 0;
    for (int64_t i = 0; d->turned && i < d->count; i++) {
        if (atomic_load_explicit(&d->turned[i], memory_order_relaxed) == 0) continue;
        if (count++ == 0 && first) *first = d->folder.paths[i];
    }
    return count;
}

cd_preprocess cd_dataset_preprocess(const cd_dataset *d)
{
    return check(d, "dataset_preprocess") ? d->preprocess : (cd_preprocess){ .channels = 0 };
}

cd_shape cd_dataset_sample_shape(const cd_dataset *d)
{
    if (!check(d, "dataset_sample_shape")) return (cd_shape){ .ndim = 0 };
    const cd_preprocess *p = &d->preprocess;
    return (cd_shape){ .ndim = 3, .dim = { p->channels, p->crop_height, p->crop_width } };
}

bool cd_dataset_same_classes(const cd_dataset *a, const cd_dataset *b)
{
    if (!check(a, "dataset_same_classes") || !check(b, "dataset_same_classes")) return false;
    const cd_class_names in_a = { a->name, a->classes, a->class_count };
    const cd_class_names in_b = { b->name, b->classes, b->class_count };
    return cd_class_names_same(&in_a, &in_b);
}

/* --- batches ---------------------------------------------------------------------------------- */

typedef struct batch {
    const cd_batch_options *options;
    float *x;       /* NULL when only labels are wanted */
    int64_t sample; /* floats each */
} batch;

/* Whether it is the file's fault that a picture could not be decoded. Where the system refused
 * memory, a descriptor or a read, the picture may be in order, and to leave it out would make the
 * results depend on what else the machine did. */
static bool is_of_the_file(cd_code code)
{
    return code != CD_ERR_MEMORY && code != CD_ERR_IO;
}

static void read_sample(int64_t k, void *context)
{
    const batch *b = context;
    const cd_dataset *d = b->options->dataset;
    int64_t i = b->options->indices[k];
    float *out = b->x + k * b->sample;
    bool done = d->pixels ? cd_dataset_sample_idx(d, i, out) : cd_dataset_sample_folder(d, i, out);
    if (done || !b->options->bad || !is_of_the_file(cd_error_code())) return;
    b->options->bad[k] = true;
    cd_log_line(CD_LOG_WARNING, "%s", cd_error_message());
    cd_clear_error();
    memset(out, 0, (size_t)b->sample * sizeof *out);
}

static bool check_batch(const cd_batch_options *o)
{
    if (!check(o->dataset, "dataset_batch")) return false;
    if (o->count < 0 || (o->count > 0 && !o->indices)) {
        return cd_fail(CD_ERR_ARGUMENT, "dataset_batch: %lld indices, and the list is %s",
                       (long long)o->count, o->indices ? "given" : "NULL");
    }
    for (int64_t k = 0; k < o->count; k++) {
        if (!check_number("dataset_batch", "sample", o->indices[k], o->dataset->count))
            return false;
    }
    return true;
}

static cd_tensor *make_pictures(const cd_batch_options *o)
{
    cd_shape one = cd_dataset_sample_shape(o->dataset);
    cd_tensor *x = cd_empty(CD_SHAPE(o->count, one.dim[0], one.dim[1], one.dim[2]));
    if (!x) return NULL;
    batch b = { .options = o,
                .x = (float *)(void *)cd_tensor_data(x),
                .sample = one.dim[0] * one.dim[1] * one.dim[2] };
    cd_parallel(o->count, read_sample, &b);
    return cd_ok() ? x : NULL;
}

static cd_tensor *make_labels(const cd_batch_options *o)
{
    cd_tensor *y = cd_empty(CD_SHAPE(o->count), .dtype = CD_I64);
    if (!y) return NULL;
    int64_t *label = (int64_t *)(void *)cd_tensor_data(y);
    for (int64_t k = 0; k < o->count; k++) label[k] = o->dataset->labels[o->indices[k]];
    return y;
}

bool cd_dataset_batch_with(cd_batch_options o)
{
    if (!cd_ok() || !check_batch(&o) ||
        !cd_check_not_captured("dataset_batch", "the elements come from a data set")) {
        return false;
    }
    if (o.bad && o.count > 0) memset(o.bad, 0, (size_t)o.count * sizeof *o.bad);
    CD_SCOPE();
    cd_tensor *x = o.x ? make_pictures(&o) : NULL;
    cd_tensor *y = o.y && cd_ok() ? make_labels(&o) : NULL;
    if (!cd_ok() || (x && !cd_escape(x)) || (y && !cd_escape(y))) return false;
    if (o.x) *o.x = x;
    if (o.y) *o.y = y;
    return true;
}
