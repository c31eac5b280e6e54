/* Makes batches of samples, by decoding them or by copying them from memory. */
#include "apps/samples.h"

#include <stdlib.h>
#include <string.h>

#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/progress.h"

bool samples_choose(samples *s, cd_dataset *set, const int64_t *index, int64_t count)
{
    if (!set) return false;
    if (!index) count = cd_dataset_count(set);
    *s = (samples){ .set = set, .count = count };
    s->index = malloc((size_t)(count ? count : 1) * sizeof *s->index);
    s->undecodable = calloc((size_t)(count ? count : 1), sizeof *s->undecodable);
    if (!s->index || !s->undecodable)
        return cd_fail(CD_ERR_MEMORY, "out of memory for %lld samples", (long long)count);
    for (int64_t i = 0; i < count; i++) s->index[i] = index ? index[i] : i;
    return true;
}

void samples_free(samples *s)
{
    (void)cd_assign(&s->x, NULL);
    free(s->index);
    free(s->undecodable);
    free(s->label);
    *s = (samples){ .count = 0 };
}

void warn_turned(const cd_dataset *set)
{
    const char *first;
    char text[COUNTED_BYTES];
    int64_t count = cd_dataset_turned(set, &first);
    if (count == 0) return;
    warn(
        "%s by an EXIF tag to be turned or mirrored, which is not done (nor does torchvision): the "
        "first is %s",
        counted(count, "photograph asks", "photographs ask", text), first);
}

/* --- a batch ---------------------------------------------------------------------------------- */

/* An uninitialized tensor of n rows with the shape of x's rows. */
static cd_tensor *rows_like(const cd_tensor *x, int64_t n)
{
    cd_shape shape = cd_shape_of(x);
    shape.dim[0] = n;
    return cd_empty(shape);
}

static size_t row_bytes(const cd_tensor *x)
{
    return (size_t)(cd_size(x, 0) ? cd_numel(x) / cd_size(x, 0) : 0) * sizeof(float);
}

/* Copies a batch from the samples in memory. */
static bool copy_batch(const samples *s, const int64_t *position, int64_t count, batch *out)
{
    cd_tensor *x = rows_like(s->x, count), *y = cd_empty(CD_SHAPE(count), .dtype = CD_I64);
    const char *from = cd_data(s->x);
    char *to = cd_data_mut(x);
    int64_t *label = cd_data_mut(y);
    if (!cd_ok()) return false;
    size_t bytes = row_bytes(s->x);
    for (int64_t k = 0; k < count; k++) {
        memcpy(to + (size_t)k * bytes, from + (size_t)position[k] * bytes, bytes);
        label[k] = s->label[position[k]];
    }
    *out = (batch){ x, y, count };
    return true;
}

/* Removes the rows marked in `bad` from a batch; `good` rows remain. */
static bool drop_rows(batch *b, const bool *bad, int64_t good)
{
    if (good == 0) {
        *b = (batch){ .count = 0 };
        return true;
    }
    cd_tensor *x = rows_like(b->x, good), *y = cd_empty(CD_SHAPE(good), .dtype = CD_I64);
    const char *from = cd_data(b->x);
    const int64_t *label_from = cd_data(b->y);
    char *to = cd_data_mut(x);
    int64_t *label = cd_data_mut(y);
    if (!cd_ok()) return false;
    size_t bytes = row_bytes(b->x);
    for (int64_t k = 0, g = 0; k < b->count; k++) {
        if (bad[k]) continue;
        memcpy(to + (size_t)g * bytes, from + (size_t)k * bytes, bytes);
        label[g++] = label_from[k];
    }
    *b = (batch){ x, y, good };
    return true;
}

/* Decodes a batch. */
static bool decode_batch(samples *s, const int64_t *position, int64_t count, batch *out)
{
    int64_t *index = malloc((size_t)count * sizeof *index);
    bool *bad = calloc((size_t)count, sizeof *bad);
    if (!index || !bad) (void)cd_fail(CD_ERR_MEMORY, "out of memory for a batch");
    for (int64_t k = 0; cd_ok() && k < count; k++) index[k] = s->index[position[k]];
    batch b = { .count = count };
    bool done = cd_dataset_batch(s->set, index, count, .x = &b.x, .y = &b.y, .bad = bad);
    int64_t good = count;
    for (int64_t k = 0; done && k < count; k++) {
        good -= bad[k];
        s->undecodable[position[k]] |= bad[k];
    }
    if (done && good < count) done = drop_rows(&b, bad, good);
    free(index);
    free(bad);
    if (!done) return false;
    s->skipped += count - good;
    *out = b;
    return true;
}

bool samples_batch(samples *s, const int64_t *position, int64_t count, batch *out)
{
    if (!cd_ok()) return false;
    return s->x ? copy_batch(s, position, count, out) : decode_batch(s, position, count, out);
}

bool samples_range(samples *s, int64_t first, int64_t count, batch *out)
{
    int64_t *position = malloc((size_t)count * sizeof *position);
    if (!position) return cd_fail(CD_ERR_MEMORY, "out of memory for a batch");
    for (int64_t k = 0; k < count; k++) position[k] = first + k;
    bool done = samples_batch(s, position, count, out);
    free(position);
    return done;
}

int64_t samples_row_index(const samples *s, int64_t first, int64_t row)
{
    if (!s->undecodable) return s->index[first + row];
    int64_t position = first; /* goes past `row` samples that could be decoded */
    while (s->undecodable[position] || row > 0) row -= !s->undecodable[position++];
    return s->index[position];
}

const char *sample_name(const cd_dataset *set, int64_t index, const char *set_name,
                        char text[SAMPLE_NAME_BYTES])
{
    const char *path = cd_dataset_path(set, index);
    if (path) {
        size_t length = strlen(path), most = SAMPLE_NAME_BYTES - 1;
        if (length > most) path += length - most;
        while (((unsigned char)*path & 0xC0) == 0x80) path++; /* to a whole character */
        (void)snprintf(text, SAMPLE_NAME_BYTES, "%s", path);
    } else {
        char name[200];
        (void)snprintf(text, SAMPLE_NAME_BYTES, "picture %lld of %s", (long long)index,
                       cd_escape_text(name, sizeof name, set_name));
    }
    return text;
}

/* --- all samples ------------------------------------------------------------------------------ */

/* The samples read so far. */
typedef struct reading {
    cd_tensor *x; /* owned */
    int64_t *label;
    int64_t count;
} reading;

static bool append(reading *r, const samples *s, cd_tensor *x, const batch *b)
{
    if (!r->x && !cd_assign(&r->x, rows_like(x, s->count))) return false;
    size_t bytes = row_bytes(r->x);
    char *to = cd_data_mut(r->x);
    const int64_t *label = cd_data(b->y);
    if (!cd_ok() || !cd_read(x, to + (size_t)r->count * bytes, (size_t)b->count * bytes)) {
        return false;
    }
    memcpy(r->label + r->count, label, (size_t)b->count * sizeof *label);
    r->count += b->count;
    return true;
}

static bool read_all(samples *s, reading *r, int64_t batch_size, sample_map *map, void *user)
{
    for (int64_t first = 0; first < s->count && !interrupted(); first += batch_size) {
        CD_SCOPE();
        CD_NO_GRAD();
        int64_t count = s->count - first < batch_size ? s->count - first : batch_size;
        batch b;
        if (!samples_range(s, first, count, &b)) return false;
        if (b.count > 0 && !append(r, s, map ? map(b.x, user) : b.x, &b)) return false;
        progress_at(first + count);
    }
    return !interrupted();
}

/* Removes the samples that cannot be decoded from the list. */
static void drop_undecodable(samples *s)
{
    int64_t good = 0;
    for (int64_t i = 0; i < s->count; i++) {
        if (!s->undecodable[i]) s->index[good++] = s->index[i];
    }
    free(s->undecodable);
    s->undecodable = NULL;
}

bool samples_read(samples *s, int64_t batch_size, const char *task, sample_map *map, void *user)
{
    reading r = { .label = malloc((size_t)(s->count ? s->count : 1) * sizeof *r.label) };
    if (!r.label)
        return cd_fail(CD_ERR_MEMORY, "out of memory for %lld labels", (long long)s->count);
    progress_begin(task, "photographs", s->count);
    bool done = read_all(s, &r, batch_size, map, user);
    progress_end();
    if (done && r.count == 0) {
        done =
            cd_fail(CD_ERR_FORMAT, "none of the %lld pictures can be decoded", (long long)s->count);
    }
    if (done && cd_assign(&s->x, r.x)) {
        free(s->label);
        s->label = r.label;
        drop_undecodable(s);
        s->count = r.count;
    } else {
        free(r.label);
        done = false;
    }
    (void)cd_assign(&r.x, NULL);
    return done;
}
