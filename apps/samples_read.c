/* Reads samples in batches, marks those that cannot be decoded, and keeps the others. */
#include "apps/samples_read.h"

#include <stdlib.h>
#include <string.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/progress.h"

/* The samples read so far. */
typedef struct reading {
    const sample_reading *how;
    samples *s;
    bool *bad;      /* of a batch; owned */
    cd_tensor *x;   /* what is kept; owned; NULL: nothing yet, or nothing at all */
    bool keep;      /* whether the samples are kept */
    int64_t *label; /* of those that can be decoded; owned */
    int64_t count;  /* of those that can be decoded */
} reading;

/* The rows of x that are not marked, in their order; x itself where none is. */
static cd_tensor *good_rows(cd_tensor *x, const bool *bad, int64_t count, int64_t good)
{
    if (good == count) return x;
    cd_tensor *rows = cd_empty(CD_SHAPE(good), .dtype = CD_I64);
    int64_t *row = cd_data_mut(rows), next = 0;
    for (int64_t k = 0; row && k < count; k++) {
        if (!bad[k]) row[next++] = k;
    }
    return cd_index(x, rows);
}

/* Memory for all samples, when the first batch shows how large one is. */
static bool make_room(reading *r, cd_tensor *x)
{
    if (r->x || !r->keep) return true;
    cd_shape shape = cd_shape_of(x);
    const int64_t bytes = cd_numel(x) / shape.dim[0] * (int64_t)sizeof(float);
    r->keep = r->how->most_bytes == 0 || r->s->count <= r->how->most_bytes / bytes;
    shape.dim[0] = r->s->count;
    return !r->keep || cd_assign(&r->x, cd_empty(shape));
}

/* Appends the samples of a batch that are good, x a row for each. */
static bool append(reading *r, cd_tensor *x, int64_t good)
{
    if (r->keep && r->how->map) x = r->how->map(x, r->how->user);
    if (!x || !make_room(r, x)) return false;
    if (!r->keep) return true;
    const size_t bytes = (size_t)(cd_numel(x) / good) * sizeof(float);
    char *to = cd_data_mut(r->x);
    return to && cd_read(x, to + (size_t)r->count * bytes, (size_t)good * bytes);
}

static bool read_batch(reading *r, int64_t first, int64_t count)
{
    CD_SCOPE();
    CD_NO_GRAD();
    samples *s = r->s;
    cd_tensor *x, *y;
    if (!cd_dataset_batch(s->set, s->index + first, count, .x = &x, .y = &y, .bad = r->bad)) {
        return false;
    }
    const int64_t *label = cd_data(y);
    int64_t good = 0;
    for (int64_t k = 0; label && k < count; k++) {
        if (r->bad[k]) continue;
        r->label[r->count + good] = label[k];
        good++;
    }
    if (!label || (good > 0 && !append(r, good_rows(x, r->bad, count, good), good))) return false;
    /* The list is read ahead of where it is written. */
    for (int64_t k = 0; k < count; k++) {
        if (!r->bad[k]) s->index[r->count++] = s->index[first + k];
    }
    return true;
}

static bool read_all(reading *r)
{
    const int64_t batch_size = r->how->batch_size;
    for (int64_t first = 0; first < r->s->count && !interrupted(); first += batch_size) {
        const int64_t left = r->s->count - first;
        if (!read_batch(r, first, left < batch_size ? left : batch_size)) return false;
        progress_at(first + batch_size);
    }
    return !interrupted();
}

/* The set in memory, with the names of the classes. */
static cd_dataset *set_of(const reading *r)
{
    const int64_t classes = cd_dataset_class_count(r->s->set);
    cd_tensor *y = cd_empty(CD_SHAPE(r->count), .dtype = CD_I64);
    const char **name = malloc((size_t)(classes ? classes : 1) * sizeof *name);
    int64_t *label = cd_data_mut(y);
    if (label && !name) (void)cd_fail(CD_ERR_MEMORY, "out of memory for the names of classes");
    if (!cd_ok()) {
        free(name);
        return NULL;
    }
    for (int64_t k = 0; k < classes; k++) name[k] = cd_dataset_class_name(r->s->set, k);
    memcpy(label, r->label, (size_t)r->count * sizeof *label);
    cd_dataset *set = cd_dataset_from_tensors(r->s->x, y, .classes = name, .class_count = classes);
    free(name);
    return set;
}

/* Puts what was read in the place of the list. */
static bool finish(reading *r)
{
    samples *s = r->s;
    if (r->count == 0) {
        return cd_fail(CD_ERR_FORMAT, "none of the %lld pictures can be decoded",
                       (long long)s->count);
    }
    s->skipped += s->count - r->count;
    s->count = r->count;
    if (r->keep) s->x = cd_slice(r->x, 0, 0, r->count, 1);
    s->part = r->keep ? set_of(r) : cd_dataset_subset(s->set, s->index, s->count);
    return s->part != NULL;
}

bool samples_read(samples *s, const sample_reading *how)
{
    const size_t count = (size_t)(s->count ? s->count : 1);
    reading r = { .how = how,
                  .s = s,
                  .keep = true,
                  .bad = calloc((size_t)how->batch_size, sizeof *r.bad),
                  .label = malloc(count * sizeof *r.label) };
    bool done = r.bad && r.label;
    if (!done) (void)cd_fail(CD_ERR_MEMORY, "out of memory for %lld labels", (long long)s->count);
    if (done) {
        progress_begin(how->task, "photographs", s->count);
        done = read_all(&r);
        progress_end();
    }
    done = done && finish(&r);
    (void)cd_assign(&r.x, NULL);
    free(r.bad);
    free(r.label);
    return done;
}

bool samples_read_photographs(samples *s, const sample_reading *how)
{
    return s->count == 0 || !cd_dataset_path(s->set, 0) ? cd_ok() : samples_read(s, how);
}
