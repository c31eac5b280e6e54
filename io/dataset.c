/* The public functions of data sets: each checks its arguments and reads a field of the data set or
 * asks its class (io/dataset_internal.h). Batches are made here too. */
#include "io/dataset_internal.h"

#include <stdio.h>
#include <string.h>

#include "autograd/create.h"
#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/threads_internal.h"
#include "io/class_names_internal.h"
#include "io/preprocess_internal.h"

static void destroy(cd_object *object)
{
    cd_dataset *d = (cd_dataset *)object;
    if (d->class_->destroy) d->class_->destroy(d);
    cd_free(d->name);
}

static const cd_class dataset_object_class = { CD_KIND_DATASET, "data set", NULL, destroy };

static bool check(const cd_dataset *d, const char *function)
{
    return cd_check_object(d, &dataset_object_class, function, "the data set");
}

bool cd_dataset_check(const cd_dataset *d, const char *function)
{
    return check(d, function);
}

/* --- for the classes -------------------------------------------------------------------------- */

cd_dataset *cd_dataset_begin(const cd_dataset_class *class_, const char *name)
{
    cd_dataset *d = cd_object_new(&dataset_object_class, class_->size);
    if (!d) return NULL;
    d->class_ = class_;
    d->name = cd_strdup(name);
    if (d->name) return d;
    cd_object_disown(&d->object);
    return NULL;
}

bool cd_dataset_name_classes(cd_dataset *d, const char *const *names)
{
    d->classes = cd_alloc_zeroed((size_t)d->class_count, sizeof *d->classes);
    for (int64_t k = 0; d->classes && k < d->class_count; k++) {
        char number[24];
        if (names && !names[k]) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: the name of class %lld is NULL", d->name,
                           (long long)k);
        }
        (void)snprintf(number, sizeof number, "%lld", (long long)k);
        d->classes[k] = cd_strdup(names ? names[k] : number);
        if (!d->classes[k]) return false;
    }
    return d->classes != NULL;
}

void cd_dataset_free_classes(cd_dataset *d)
{
    for (int64_t k = 0; d->classes && k < d->class_count; k++) cd_free(d->classes[k]);
    cd_free(d->classes);
}

/* --- opening ---------------------------------------------------------------------------------- */

bool cd_dataset_look(const char *name, cd_dataset_layout *out)
{
    if (!name || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "dataset_look: the %s is NULL", name ? "result" : "name");
    }
    const char *prefix, *where;
    const cd_dataset_class *class_ = cd_dataset_class_for(name, &prefix, &where);
    return class_ && class_->look(prefix, where, out);
}

static bool check_options(const cd_dataset_options *o)
{
    if (!o->name) return cd_fail(CD_ERR_ARGUMENT, "dataset_open: the name is NULL");
    if ((unsigned)o->split > CD_VAL) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "dataset_open: split %d is none of CD_TRAIN, CD_VAL and CD_TEST",
                       (int)o->split);
    }
    const char *fault = o->preprocess ? cd_preprocess_fault(o->preprocess) : NULL;
    return fault ? cd_fail(CD_ERR_ARGUMENT, "dataset_open: %s", fault) : true;
}

cd_dataset *cd_dataset_open_with(cd_dataset_options options)
{
    if (!check_options(&options)) return NULL;
    const char *prefix, *where;
    const cd_dataset_class *class_ = cd_dataset_class_for(options.name, &prefix, &where);
    cd_dataset *d = class_ ? cd_dataset_begin(class_, options.name) : NULL;
    if (!d) return NULL;
    if (class_->open(d, prefix, where, &options)) return cd_hand(d);
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

/* Whether i is below count; `noun` names what is counted. */
static bool check_index(const char *function, const char *noun, int64_t i, int64_t count)
{
    if (i >= 0 && i < count) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: there is no %s %lld, the data set has %lld", function,
                   noun, (long long)i, (long long)count);
}

const char *cd_dataset_class_name(const cd_dataset *d, int64_t label)
{
    static const char function[] = "dataset_class_name";
    if (!check(d, function) || !check_index(function, "class", label, d->class_count)) return NULL;
    return d->classes[label];
}

/* The class of sample i in *label. False with an error: the sample has none, or the function of a
 * program's own data set failed or gave one that does not exist. */
static bool find_label(const cd_dataset *d, const char *function, int64_t i, int64_t *label)
{
    if (d->has_targets) {
        return cd_fail(CD_ERR_STATE,
                       "%s: the samples of %s have targets and no classes: cd_dataset_batch reads "
                       "them",
                       function, d->name);
    }
    const bool ok = cd_ok();
    *label = d->class_->label(d, i);
    if (ok && !cd_ok()) return false;
    return (*label >= 0 && *label < d->class_count) ||
           cd_fail(CD_ERR_STATE, "%s: sample %lld of %s has the class %lld, and there are %lld",
                   function, (long long)i, d->name, (long long)*label, (long long)d->class_count);
}

int64_t cd_dataset_label(const cd_dataset *d, int64_t i)
{
    static const char function[] = "dataset_label";
    int64_t label = 0;
    if (!check(d, function) || !check_index(function, "sample", i, d->count)) return 0;
    return find_label(d, function, i, &label) ? label : 0;
}

const char *cd_dataset_path(const cd_dataset *d, int64_t i)
{
    static const char function[] = "dataset_path";
    if (!check(d, function) || !check_index(function, "sample", i, d->count)) return NULL;
    return d->class_->path ? d->class_->path(d, i) : NULL;
}

int64_t cd_dataset_ignored(const cd_dataset *d)
{
    return check(d, "dataset_ignored") ? d->ignored : 0;
}

int64_t cd_dataset_unread_count(const cd_dataset *d)
{
    return check(d, "dataset_unread_count") ? d->unread_count : 0;
}

const char *cd_dataset_unread_path(const cd_dataset *d, int64_t i)
{
    static const char function[] = "dataset_unread_path";
    if (!check(d, function) || !check_index(function, "unread file", i, d->unread_count)) {
        return NULL;
    }
    return d->unread[i];
}

int64_t cd_dataset_turned(const cd_dataset *d, const char **first)
{
    int64_t count = 0;
    if (first) *first = NULL;
    if (!check(d, "dataset_turned")) return 0;
    for (int64_t i = 0; d->class_->turned && i < d->count; i++) {
        if (!d->class_->turned(d, i)) continue;
        if (count++ == 0 && first) *first = cd_dataset_path(d, i);
    }
    return count;
}

cd_preprocess cd_dataset_preprocess(const cd_dataset *d)
{
    return check(d, "dataset_preprocess") ? d->preprocess : (cd_preprocess){ .channels = 0 };
}

cd_shape cd_dataset_sample_shape(const cd_dataset *d)
{
    return check(d, "dataset_sample_shape") ? d->sample_shape : CD_SCALAR;
}

cd_dtype cd_dataset_target_dtype(const cd_dataset *d)
{
    if (!check(d, "dataset_target_dtype")) return CD_DTYPE_DEFAULT;
    return d->has_targets ? d->target_dtype : CD_I64;
}

cd_shape cd_dataset_target_shape(const cd_dataset *d)
{
    if (!check(d, "dataset_target_shape")) return CD_SCALAR;
    return d->has_targets ? d->target_shape : CD_SCALAR;
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
    float *x;            /* NULL: not wanted */
    int64_t sample_size; /* elements of one sample */
    char *y;             /* targets; NULL: not wanted, or the samples have classes */
    size_t target_bytes; /* of one target */
} batch;

/* Whether a sample that could not be read counts as bad, and the batch goes on. Where the system
 * refused memory, a descriptor or a read, the file may be sound; to leave it out would make the
 * results depend on what else the machine did. */
static bool is_fault_of_file(cd_code code)
{
    return code != CD_ERR_MEMORY && code != CD_ERR_IO;
}

/* Names the sample in the pending error, unless it is a file, which the error names. Returns
 * false. */
static bool name_sample(const cd_dataset *d, int64_t i)
{
    cd_error e;
    if ((d->class_->path && d->class_->path(d, i)) || !cd_error_take(&e)) return false;
    return cd_fail(e.code, "sample %lld of %s: %s", (long long)i, d->name, e.message);
}

/* Reads the sample and the target of sample i. A function of a program's own may fail without
 * saying why. */
static bool read_both(const cd_dataset *d, int64_t i, float *x, char *y)
{
    if ((!x || d->class_->sample(d, i, x)) && (!y || d->class_->target(d, i, y))) return true;
    return cd_ok() ? cd_fail(CD_ERR_STATE,
                             "dataset_batch: sample %lld of %s could not be read: its function "
                             "returned false and set no error",
                             (long long)i, d->name)
                   : name_sample(d, i);
}

static void read_sample(int64_t k, void *context)
{
    const batch *b = context;
    float *x = b->x ? b->x + k * b->sample_size : NULL;
    char *y = b->y ? b->y + (size_t)k * b->target_bytes : NULL;
    bool done = read_both(b->options->dataset, b->options->indices[k], x, y);
    if (done || !b->options->bad || !is_fault_of_file(cd_error_code())) return;
    b->options->bad[k] = true;
    cd_log_line(CD_LOG_WARNING, "%s", cd_error_message());
    cd_clear_error();
    if (x) memset(x, 0, (size_t)b->sample_size * sizeof *x);
    if (y) memset(y, 0, b->target_bytes);
}

static bool check_batch(const cd_batch_options *o)
{
    if (!check(o->dataset, "dataset_batch")) return false;
    if (o->count < 0 || (o->count > 0 && !o->indices)) {
        return cd_fail(CD_ERR_ARGUMENT, "dataset_batch: %lld indices, and the list is %s",
                       (long long)o->count, o->indices ? "given" : "NULL");
    }
    for (int64_t k = 0; k < o->count; k++) {
        if (!check_index("dataset_batch", "sample", o->indices[k], o->dataset->count)) return false;
    }
    return true;
}

cd_shape cd_batch_shape(int64_t count, const cd_shape *each)
{
    cd_shape shape = { .ndim = 1, .dim = { count } };
    for (int i = 0; i < each->ndim; i++) shape.dim[shape.ndim++] = each->dim[i];
    return shape;
}

/* An uninitialized tensor of count x this shape. */
static cd_tensor *make_tensor(int64_t count, cd_shape each, cd_dtype dtype)
{
    return cd_empty(cd_batch_shape(count, &each), .dtype = dtype);
}

static int64_t size_of(cd_shape shape)
{
    int64_t size = 1;
    for (int i = 0; i < shape.ndim; i++) size *= shape.dim[i];
    return size;
}

/* Up to so many bytes one thread copies as fast as several, which would have to be woken. */
enum { COPY_ALONE = 1 << 20 };

/* Reads samples into x, and targets into y; either may be NULL. */
static bool read_samples(const cd_batch_options *o, cd_tensor *x, cd_tensor *y)
{
    const cd_dataset *d = o->dataset;
    batch b = { .options = o,
                .x = x ? (float *)(void *)x->data : NULL,
                .sample_size = size_of(d->sample_shape),
                .y = y ? y->data : NULL };
    if (y) b.target_bytes = (size_t)size_of(d->target_shape) * cd_dtype_size(d->target_dtype);
    const size_t bytes = (size_t)(o->count * b.sample_size) * sizeof *b.x;
    if (!d->one_thread && (!d->in_memory || bytes > COPY_ALONE)) {
        cd_parallel(o->count, read_sample, &b);
    } else {
        for (int64_t k = 0; k < o->count && cd_ok(); k++) read_sample(k, &b);
    }
    return cd_ok();
}

/* Fills y, count labels. */
static bool read_labels(const cd_batch_options *o, cd_tensor *y)
{
    int64_t *label = (int64_t *)(void *)y->data;
    for (int64_t k = 0; k < o->count; k++) {
        if (!find_label(o->dataset, "dataset_batch", o->indices[k], &label[k])) return false;
    }
    return true;
}

bool cd_dataset_read_samples(cd_dataset *d, const int64_t *indices, int64_t count, cd_tensor *x,
                             cd_tensor *y)
{
    const cd_batch_options o = { .dataset = d, .indices = indices, .count = count };
    return read_samples(&o, x, y);
}

bool cd_dataset_read_labels(const cd_dataset *d, const int64_t *indices, int64_t count,
                            cd_tensor *y)
{
    const cd_batch_options o = { .dataset = (cd_dataset *)(uintptr_t)d,
                                 .indices = indices,
                                 .count = count };
    return read_labels(&o, y);
}

/* Makes and fills the tensors that are wanted. */
static bool make_batch(const cd_batch_options *o, cd_tensor **x, cd_tensor **y)
{
    const cd_dataset *d = o->dataset;
    *x = o->x ? make_tensor(o->count, d->sample_shape, CD_F32) : NULL;
    *y = !o->y            ? NULL
         : d->has_targets ? make_tensor(o->count, d->target_shape, d->target_dtype)
                          : make_tensor(o->count, CD_SCALAR, CD_I64);
    if (!cd_ok()) return false;
    bool targets = *y && d->has_targets;
    if ((*x || targets) && !read_samples(o, *x, targets ? *y : NULL)) return false;
    return targets || !*y || read_labels(o, *y);
}

bool cd_dataset_batch_with(cd_batch_options o)
{
    if (!cd_ok() || !check_batch(&o) ||
        !cd_check_not_captured("dataset_batch", "the elements come from a data set")) {
        return false;
    }
    if (o.bad && o.count > 0) memset(o.bad, 0, (size_t)o.count * sizeof *o.bad);
    CD_SCOPE();
    cd_tensor *x, *y;
    if (!make_batch(&o, &x, &y) || (x && !cd_escape(x)) || (y && !cd_escape(y))) return false;
    if (o.x) *o.x = x;
    if (o.y) *o.y = y;
    return true;
}
