/* The text in a checkpoint of cd_fit: the epochs that were finished, and how far the next one is.
 *
 *     {"format": 1, "steps": 18, "metrics": ["accuracy"],
 *      "epochs": [{"steps": 12, "loss": 0.7, "validation_loss": 0.6, "lr": 0.001, "seconds": 0.2,
 *                  "metrics": [0.5], "validation_metrics": [0.75]}],
 *      "running": {"samples": 192, "loss_sum": 98.5, "lr": 0.001, "seconds": 0.1}}
 *
 * "running" is null between epochs. A number that is NaN is null, an infinite one "inf" or "-inf";
 * others read back as the same double. What is the best epoch, and how long nothing was better,
 * follows from the epochs. */
#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/json_tree_internal.h"
#include "io/json_write_internal.h"
#include "models/fit_internal.h"

/* --- writing ---------------------------------------------------------------------------------- */

static void put_key(cd_json_writer *w, const char *before, const char *key)
{
    cd_json_put(w, before);
    cd_json_put_string(w, key);
    cd_json_put(w, ": ");
}

static void put_whole(cd_json_writer *w, const char *before, const char *key, int64_t value)
{
    put_key(w, before, key);
    cd_json_put_whole(w, (uint64_t)value);
}

static void put_real(cd_json_writer *w, double value)
{
    if (isfinite(value)) {
        cd_json_put_number(w, value);
    } else {
        cd_json_put(w, isnan(value) ? "null" : value > 0 ? "\"inf\"" : "\"-inf\"");
    }
}

static void put_number(cd_json_writer *w, const char *key, double value)
{
    put_key(w, ", ", key);
    put_real(w, value);
}

static void put_numbers(cd_json_writer *w, const char *key, const double *value, int count)
{
    put_key(w, ", ", key);
    cd_json_put(w, "[");
    for (int k = 0; k < count; k++) {
        if (k > 0) cd_json_put(w, ", ");
        put_real(w, value[k]);
    }
    cd_json_put(w, "]");
}

static void put_epoch(cd_json_writer *w, const cd_epoch *e)
{
    put_whole(w, "{", "steps", e->steps);
    put_number(w, "loss", e->loss);
    put_number(w, "validation_loss", e->validation_loss);
    put_number(w, "lr", e->lr);
    put_number(w, "seconds", e->seconds);
    put_numbers(w, "metrics", e->metrics, e->metric_count);
    put_numbers(w, "validation_metrics", e->validation_metrics, e->metric_count);
    cd_json_put(w, "}");
}

char *cd_fit_text_write(const fit *f)
{
    cd_json_writer w = { .size = 0 };
    put_whole(&w, "{", "format", CD_FIT_TEXT_FORMAT);
    put_whole(&w, ", ", "steps", f->steps);
    put_key(&w, ", ", "metrics");
    for (int k = 0; k < f->o.metric_count; k++) {
        cd_json_put(&w, k > 0 ? ", " : "[");
        cd_json_put_string(&w, f->o.metrics[k]->name);
    }
    cd_json_put(&w, f->o.metric_count > 0 ? "]" : "[]");
    put_key(&w, ", ", "epochs");
    cd_json_put(&w, "[");
    for (int64_t i = 0; i < f->history->count; i++) {
        if (i > 0) cd_json_put(&w, ", ");
        put_epoch(&w, &f->history->epoch[i]);
    }
    put_key(&w, "], ", "running");
    if (f->running) {
        put_whole(&w, "{", "samples", f->samples);
        put_number(&w, "loss_sum", f->loss_sum);
        put_number(&w, "lr", f->lr);
        put_number(&w, "seconds", cd_fit_clock() - f->started);
        cd_json_put(&w, "}}");
    } else {
        cd_json_put(&w, "null}");
    }
    return cd_json_finish(&w);
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct reading {
    const char *label;
    int metric_count;
    double *values; /* of an epoch: 2 * metric_count */
    int64_t epoch;  /* from 1, for errors; 0 outside */
} reading;

static bool refuse(const reading *r, const char *key, const char *right)
{
    char where[48] = "";
    if (r->epoch) (void)snprintf(where, sizeof where, " of epoch %lld", (long long)r->epoch);
    return cd_fail(CD_ERR_FORMAT, "%s: the text \"" CD_FIT_TEXT "\": \"%s\"%s must be %s", r->label,
                   key, where, right);
}

/* A count from `least` to 2^53. */
static bool get_whole(const reading *r, const cd_json *object, const char *key, int64_t least,
                      int64_t *value)
{
    const cd_json *v = cd_json_get(object, key);
    if (!cd_json_is(v, CD_JSON_INTEGER) || v->integer < least || v->integer > INT64_C(1) << 53) {
        return refuse(r, key, "a whole number that can be");
    }
    *value = v->integer;
    return true;
}

static bool is_text(const cd_json *v, const char *text)
{
    return cd_json_is(v, CD_JSON_STRING) && strcmp(v->string, text) == 0;
}

static bool get_real(const cd_json *v, double *value)
{
    if (cd_json_is_number(v)) {
        *value = cd_json_number(v);
    } else if (cd_json_is(v, CD_JSON_NULL)) {
        *value = (double)NAN;
    } else if (is_text(v, "inf") || is_text(v, "-inf")) {
        *value = v->string[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    } else {
        return false;
    }
    return true;
}

static bool get_number(const reading *r, const cd_json *object, const char *key, double *value)
{
    return get_real(cd_json_get(object, key), value) ||
           refuse(r, key, "a number, null, \"inf\" or \"-inf\"");
}

static bool get_numbers(const reading *r, const cd_json *object, const char *key, double *values)
{
    const cd_json *list = cd_json_get(object, key);
    if (!cd_json_is(list, CD_JSON_LIST) || list->count != (uint32_t)r->metric_count) {
        return refuse(r, key, "a list with a number for each metric");
    }
    const cd_json *v = cd_json_first(list);
    for (int k = 0; k < r->metric_count; k++, v = cd_json_after(v)) {
        if (!get_real(v, &values[k])) return refuse(r, key, "a list with a number for each metric");
    }
    return true;
}

/* Adds an epoch to the history, after `before` steps. */
static bool read_epoch(reading *r, const cd_json *object, cd_history *h, int64_t before)
{
    cd_epoch e = { .number = r->epoch,
                   .metrics = r->values,
                   .validation_metrics = r->values + r->metric_count };
    return get_whole(r, object, "steps", before + 1, &e.steps) &&
           get_number(r, object, "loss", &e.loss) &&
           get_number(r, object, "validation_loss", &e.validation_loss) &&
           get_number(r, object, "lr", &e.lr) && get_number(r, object, "seconds", &e.seconds) &&
           get_numbers(r, object, "metrics", r->values) &&
           get_numbers(r, object, "validation_metrics", r->values + r->metric_count) &&
           cd_history_add(h, &e);
}

static bool read_epochs(reading *r, const cd_json *root, cd_fit_text *t)
{
    const cd_json *list = cd_json_get(root, "epochs");
    int64_t steps = 0;
    if (!cd_json_is(list, CD_JSON_LIST)) return refuse(r, "epochs", "a list");
    const cd_json *item = cd_json_first(list);
    for (uint32_t i = 0; i < list->count; i++, item = cd_json_after(item)) {
        r->epoch = (int64_t)i + 1;
        if (!read_epoch(r, item, t->history, steps)) return false;
        steps = t->history->epoch[i].steps;
    }
    r->epoch = 0;
    return steps <= t->steps || refuse(r, "steps", "those of the last epoch, or more");
}

static bool read_running(const reading *r, const cd_json *root, cd_fit_text *t)
{
    const cd_json *v = cd_json_get(root, "running");
    t->running = !cd_json_is(v, CD_JSON_NULL);
    if (!t->running) return true;
    if (!cd_json_is(v, CD_JSON_OBJECT)) return refuse(r, "running", "null or an object");
    return get_whole(r, v, "samples", 1, &t->samples) &&
           get_number(r, v, "loss_sum", &t->loss_sum) && get_number(r, v, "lr", &t->lr) &&
           get_number(r, v, "seconds", &t->seconds);
}

static bool check_format(const reading *r, const cd_json *root)
{
    int64_t format = 0;
    if (!cd_json_is(root, CD_JSON_OBJECT)) {
        return cd_fail(CD_ERR_FORMAT, "%s: the text \"" CD_FIT_TEXT "\" must be an object",
                       r->label);
    }
    if (!get_whole(r, root, "format", 1, &format)) return false;
    return format <= CD_FIT_TEXT_FORMAT ||
           cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: the text \"" CD_FIT_TEXT "\" is of format %lld, and this Candela reads the "
                   "formats up to %d: a newer one is needed",
                   r->label, (long long)format, CD_FIT_TEXT_FORMAT);
}

static bool read_all(reading *r, const cd_json *root, cd_fit_text *t)
{
    return check_format(r, root) && get_whole(r, root, "steps", 1, &t->steps) &&
           read_epochs(r, root, t) && read_running(r, root, t);
}

bool cd_fit_text_read(cd_fit_text *t, const char *text, int metric_count, const char *label)
{
    cd_json_document d;
    reading r = { .label = label, .metric_count = metric_count };
    *t = (cd_fit_text){ .steps = 0 };
    if (!cd_json_parse(&d, label, text, CD_ERR_FORMAT)) return false;
    r.values = cd_alloc((2 * (size_t)metric_count + 1) * sizeof *r.values);
    t->history = r.values ? cd_history_new(metric_count) : NULL;
    const bool done = t->history && read_all(&r, d.root, t);
    cd_free(r.values);
    cd_json_free(&d);
    if (done) return true;
    if (t->history) cd_object_disown(&t->history->object);
    t->history = NULL;
    return false;
}
