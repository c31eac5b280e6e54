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
    s->bad = calloc((size_t)(count ? count : 1), sizeof *s->bad);
    if (!s->index || !s->bad)
        return cd_fail(CD_ERR_MEMORY, "out of memory for %lld samples", (long long)count);
    for (int64_t i = 0; i < count; i++) s->index[i] = index ? index[i] : i;
    return true;
}

void samples_free(samples *s)
{
    (void)cd_assign(&s->x, NULL);
    free(s->index);
    free(s->bad);
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

/* n rows like those of x. */
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

static bool kept_batch(const samples *s, const int64_t *places, int64_t count, batch *out)
{
    cd_tensor *x = rows_like(s->x, count), *y = cd_empty(CD_SHAPE(count), .dtype = CD_I64);
    const char *from = cd_data(s->x);
    char *to = cd_data_mut(x);
    int64_t *label = cd_data_mut(y);
    if (!cd_ok()) return false;
    size_t bytes = row_bytes(s->x);
    for (int64_t k = 0; k < count; k++) {
        memcpy(to + (size_t)k * bytes, from + (size_t)places[k] * bytes, bytes);
        label[k] = s->label[places[k]];
    }
    *out = (batch){ x, y, count };
    return true;
}

/* Takes the rows that are bad out of a batch. */
static bool drop_bad(batch *b, const bool *bad, int64_t good)
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

static bool fresh_batch(samples *s, const int64_t *places, int64_t count, batch *out)
{
    int64_t *index = malloc((size_t)count * sizeof *index);
    bool *bad = calloc((size_t)count, sizeof *bad);
    if (!index || !bad) (void)cd_fail(CD_ERR_MEMORY, "out of memory for a batch");
    for (int64_t k = 0; cd_ok() && k < count; k++) index[k] = s->index[places[k]];
    batch b = { .count = count };
    bool done = cd_dataset_batch(s->set, index, count, .x = &b.x, .y = &b.y, .bad = bad);
    int64_t good = count;
    for (int64_t k = 0; done && k < count; k++) {
        good -= bad[k];
        s->bad[places[k]] |= bad[k];
    }
    if (done && good < count) done = drop_bad(&b, bad, good);
    free(index);
    free(bad);
    if (!done) return false;
    s->skipped += count - good;
    *out = b;
    return true;
}

bool samples_batch(samples *s, const int64_t *places, int64_t count, batch *out)
{
    if (!cd_ok()) return false;
    return s->x ? kept_batch(s, places, count, out) : fresh_batch(s, places, count, out);
}

bool samples_run(samples *s, int64_t from, int64_t count, batch *out)
{
    int64_t *places = malloc((size_t)count * sizeof *places);
    if (!places) return cd_fail(CD_ERR_MEMORY, "out of memory for a batch");
    for (int64_t k = 0; k < count; k++) places[k] = from + k;
    bool done = samples_batch(s, places, count, out);
    free(places);
    return done;
}

int64_t samples_number(const samples *s, int64_t from, int64_t row)
{
    while (s->bad && (s->bad[from] || row > 0)) row -= !s->bad[from++];
    return s->index[s->bad ? from : from + row];
}

const char *sample_name(const cd_dataset *set, int64_t number, const char *set_name,
                        char text[SAMPLE_NAME_BYTES])
{
    const char *path = cd_dataset_path(set, number);
    if (path) {
        size_t length = strlen(path), most = SAMPLE_NAME_BYTES - 1;
        if (length > most) path += length - most;
        while (((unsigned char)*path & 0xC0) == 0x80) path++; /* the rest of a character */
        (void)snprintf(text, SAMPLE_NAME_BYTES, "%s", path);
    } else {
        char name[200];
        (void)snprintf(text, SAMPLE_NAME_BYTES, "picture %lld of %s", (long long)number,
                       cd_escape_text(name, sizeof name, set_name));
    }
    return text;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* What has been read so far. */
typedef struct reading {
    cd_tensor *x; /* kept */
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

static bool read_all(samples *s, reading *r, int64_t at_once, sample_map *map, void *user)
{
    for (int64_t from = 0; from < s->count && !interrupted(); from += at_once) {
        CD_SCOPE();
        CD_NO_GRAD();
        int64_t count = s->count - from < at_once ? s->count - from : at_once;
        batch b;
        if (!samples_run(s, from, count, &b)) return false;
        if (b.count > 0 && !append(r, s, map ? map(b.x, user) : b.x, &b)) return false;
        progress_at(from + count);
    }
    return !interrupted();
}

/* From now on the list has those that could be decoded and no others. */
static void keep_good(samples *s)
{
    int64_t good = 0;
    for (int64_t i = 0; i < s->count; i++) {
        if (!s->bad[i]) s->index[good++] = s->index[i];
    }
    free(s->bad);
    s->bad = NULL;
}

bool samples_read(samples *s, int64_t at_once, const char *what, sample_map *map, void *user)
{
    reading r = { .label = malloc((size_t)(s->count ? s->count : 1) * sizeof *r.label) };
    if (!r.label)
        return cd_fail(CD_ERR_MEMORY, "out of memory for %lld labels", (long long)s->count);
    progress_begin(what, "photographs", s->count);
    bool done = read_all(s, &r, at_once, map, user);
    progress_end();
    if (done && r.count == 0) {
        done =
            cd_fail(CD_ERR_FORMAT, "none of the %lld pictures can be decoded", (long long)s->count);
    }
    if (done && cd_assign(&s->x, r.x)) {
        free(s->label);
        s->label = r.label;
        keep_good(s);
        s->count = r.count;
    } else {
        free(r.label);
        done = false;
    }
    (void)cd_assign(&r.x, NULL);
    return done;
}
