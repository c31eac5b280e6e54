/* Encoders as JSON:
 *
 *     {"task": "classes", "label": "species", "label_is": "texts", "classes": ["a", "b"],
 *      "fill_missing": false, "zeros_for_unknown": false,
 *      "columns": [{"name": "area", "mean": 7.5, "std": 2.0},
 *                  {"name": "city", "categories": ["Bonn", "Ulm"], "fill": 1}]}
 *
 * A regression has "mean" and "std" of the label in place of "classes". */
#include <math.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/encoder_internal.h"
#include "io/json_tree_internal.h"
#include "io/json_write_internal.h"

static const char *const task_names[] = { "auto", "regression", "binary", "classes" };

/* --- writing ---------------------------------------------------------------------------------- */

static void put_text(cd_json_writer *w, const char *before, const char *text)
{
    cd_json_put(w, before);
    cd_json_put_string(w, text);
}

static void put_set(cd_json_writer *w, const char *before, const cd_text_set *set)
{
    cd_json_put(w, before);
    for (int64_t i = 0; i < set->count; i++) put_text(w, i ? ", " : "[", set->items[i]);
    cd_json_put(w, "]");
}

static void put_scaling(cd_json_writer *w, const cd_scaling *scaling)
{
    cd_json_put(w, ", \"mean\": ");
    cd_json_put_number(w, scaling->mean);
    cd_json_put(w, ", \"std\": ");
    cd_json_put_number(w, scaling->std);
}

static void put_column(cd_json_writer *w, const cd_input_column *column)
{
    put_text(w, "{\"name\": ", column->name);
    if (column->categories.count) {
        put_set(w, ", \"categories\": ", &column->categories);
        cd_json_put(w, ", \"fill\": ");
        cd_json_put_whole(w, (uint64_t)column->fill);
    } else {
        put_scaling(w, &column->scaling);
    }
    cd_json_put(w, "}");
}

bool cd_encoder_write_json(cd_encoder *e, cd_code code)
{
    cd_json_writer w = { .max_size = CD_ENCODER_MAX_JSON };
    put_text(&w, "{\"task\": ", task_names[e->task]);
    put_text(&w, ", \"label\": ", e->label);
    if (e->task == CD_TABLE_REGRESSION) {
        put_scaling(&w, &e->scaling);
    } else {
        put_text(&w, ", \"label_is\": ", e->label_is_text ? "texts" : "numbers");
        put_set(&w, ", \"classes\": ", &e->classes);
    }
    cd_json_put(&w, e->fill_missing ? ", \"fill_missing\": true" : ", \"fill_missing\": false");
    cd_json_put(&w, e->zeros_for_unknown ? ", \"zeros_for_unknown\": true"
                                         : ", \"zeros_for_unknown\": false");
    for (int64_t i = 0; i < e->column_count; i++) {
        cd_json_put(&w, i ? ", " : ", \"columns\": [");
        put_column(&w, &e->columns[i]);
    }
    cd_json_put(&w, "]}");
    e->json = cd_json_finish(&w);
    if (!w.too_long) return e->json != NULL;
    return cd_fail(code == CD_ERR_FORMAT ? CD_ERR_UNSUPPORTED : code,
                   "encoder: its names and texts take more than %d bytes as JSON",
                   CD_ENCODER_MAX_JSON);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool wrong(const char *key, const char *wanted)
{
    return cd_fail(CD_ERR_FORMAT, "encoder: \"%s\" must be %s", key, wanted);
}

/* Checks that an object has these keys, and no others. `keys` ends in NULL. */
static bool check_keys(const cd_json *object, const char *const *keys)
{
    uint32_t count = 0;
    if (!cd_json_is(object, CD_JSON_OBJECT)) {
        return cd_fail(CD_ERR_FORMAT, "encoder: it and its columns must be JSON objects");
    }
    for (; keys[count]; count++) {
        if (cd_json_get(object, keys[count])) continue;
        return cd_fail(CD_ERR_FORMAT, "encoder: \"%s\" is missing", keys[count]);
    }
    return object->count == count ||
           cd_fail(CD_ERR_FORMAT, "encoder: there are %u keys, and those that are known are %u",
                   object->count, count);
}

/* A copy of the string under this key. */
static bool read_text(const cd_json *object, const char *key, char **out)
{
    const cd_json *value = cd_json_get(object, key);
    if (!cd_json_is(value, CD_JSON_STRING)) return wrong(key, "a string");
    *out = cd_strdup(value->string);
    return *out != NULL;
}

static bool read_truth(const cd_json *object, const char *key, bool *out)
{
    const cd_json *value = cd_json_get(object, key);
    *out = cd_json_is(value, CD_JSON_TRUE);
    return *out || cd_json_is(value, CD_JSON_FALSE) || wrong(key, "true or false");
}

static bool read_scaling(const cd_json *object, cd_scaling *out)
{
    const cd_json *mean = cd_json_get(object, "mean"), *std = cd_json_get(object, "std");
    if (!cd_json_is_number(mean)) return wrong("mean", "a number");
    if (!cd_json_is_number(std) || cd_json_number(std) < 0)
        return wrong("std", "a number from 0 on");
    *out = (cd_scaling){ cd_json_number(mean), cd_json_number(std) };
    return true;
}

/* Reads a list of different texts. Those of `sorted` must be in the order of their bytes. */
static bool read_set(const cd_json *object, const char *key, bool sorted, cd_text_set *out)
{
    const cd_json *list = cd_json_get(object, key);
    if (!cd_json_is(list, CD_JSON_LIST) || list->count == 0) return wrong(key, "a list of texts");
    out->items = cd_alloc_zeroed(list->count, sizeof *out->items);
    if (!out->items) return false;
    const cd_json *item = cd_json_first(list);
    for (uint32_t i = 0; i < list->count; i++, item = cd_json_after(item)) {
        if (!cd_json_is(item, CD_JSON_STRING)) return wrong(key, "a list of texts");
        if (sorted && i > 0 && strcmp(out->items[i - 1], item->string) >= 0) {
            return wrong(key, "in the order of bytes, each text once");
        }
        out->items[i] = cd_strdup(item->string);
        if (!out->items[i]) return false;
        out->count = i + 1;
    }
    return true;
}

static bool read_column(const cd_json *object, cd_input_column *out)
{
    static const char *const of_numbers[] = { "name", "mean", "std", NULL };
    static const char *const of_texts[] = { "name", "categories", "fill", NULL };
    bool texts = cd_json_get(object, "categories") != NULL;
    if (!check_keys(object, texts ? of_texts : of_numbers)) return false;
    if (!read_text(object, "name", &out->name)) return false;
    if (!texts) return read_scaling(object, &out->scaling);
    if (!read_set(object, "categories", true, &out->categories)) return false;
    const cd_json *fill = cd_json_get(object, "fill");
    if (!cd_json_is(fill, CD_JSON_INTEGER) || fill->integer < 0 ||
        fill->integer >= out->categories.count) {
        return wrong("fill", "the number of a category");
    }
    out->fill = fill->integer;
    return true;
}

static bool read_columns(const cd_json *list, cd_encoder *e)
{
    if (!cd_json_is(list, CD_JSON_LIST) || list->count == 0) return wrong("columns", "a list");
    e->columns = cd_alloc_zeroed(list->count, sizeof *e->columns);
    if (!e->columns) return false;
    const cd_json *item = cd_json_first(list);
    for (uint32_t i = 0; i < list->count; i++, item = cd_json_after(item)) {
        e->column_count = i + 1;
        if (!read_column(item, &e->columns[i])) return false;
    }
    return true;
}

static bool read_label(const cd_json *object, cd_encoder *e)
{
    static const char *const keys[] = {
        "task", "label", "label_is", "classes", "fill_missing", "zeros_for_unknown", "columns", NULL
    };
    char *kind = NULL;
    if (!check_keys(object, keys) || !read_text(object, "label_is", &kind)) return false;
    e->label_is_text = strcmp(kind, "texts") == 0;
    bool known = e->label_is_text || strcmp(kind, "numbers") == 0;
    cd_free(kind);
    if (!known) return wrong("label_is", "\"texts\" or \"numbers\"");
    if (!read_set(object, "classes", e->label_is_text, &e->classes)) return false;
    bool right = e->task == CD_TABLE_BINARY ? e->classes.count == 2 : e->classes.count >= 2;
    return right || wrong("classes", "two texts, or for the task \"classes\" more");
}

static bool read_task(const cd_json *object, cd_encoder *e)
{
    const cd_json *task = cd_json_get(object, "task");
    for (int i = CD_TABLE_REGRESSION; cd_json_is(task, CD_JSON_STRING) && i <= CD_TABLE_CLASSES;
         i++) {
        if (strcmp(task->string, task_names[i]) == 0) e->task = (cd_table_task)i;
    }
    return e->task != CD_TABLE_AUTO || wrong("task", "\"regression\", \"binary\" or \"classes\"");
}

static bool read_encoder(const cd_json *object, cd_encoder *e)
{
    static const char *const of_regression[] = {
        "task", "label", "mean", "std", "fill_missing", "zeros_for_unknown", "columns", NULL
    };
    if (!read_task(object, e)) return false;
    bool regression = e->task == CD_TABLE_REGRESSION;
    if (regression ? !check_keys(object, of_regression) : !read_label(object, e)) return false;
    if (regression && !read_scaling(object, &e->scaling)) return false;
    (void)cd_format(e->sentence, sizeof e->sentence, "the model's task is %s",
                    regression ? "regression" : "to tell classes apart");
    return read_text(object, "label", &e->label) &&
           read_truth(object, "fill_missing", &e->fill_missing) &&
           read_truth(object, "zeros_for_unknown", &e->zeros_for_unknown) &&
           read_columns(cd_json_get(object, "columns"), e) && cd_encoder_finish(e, CD_ERR_FORMAT);
}

cd_encoder *cd_encoder_from_json(const char *text)
{
    if (!cd_ok()) return NULL;
    if (!text || strnlen(text, CD_ENCODER_MAX_JSON + 1) > CD_ENCODER_MAX_JSON) {
        (void)cd_fail(text ? CD_ERR_FORMAT : CD_ERR_ARGUMENT,
                      text ? "encoder: the JSON is longer than %d bytes"
                           : "encoder: the JSON is NULL",
                      CD_ENCODER_MAX_JSON);
        return NULL;
    }
    cd_json_document document;
    if (!cd_json_parse(&document, "encoder", text, CD_ERR_FORMAT)) return NULL;
    cd_encoder *e = cd_encoder_new();
    bool done = e && read_encoder(document.root, e);
    cd_json_free(&document);
    if (done) return cd_hand(e);
    if (e) cd_object_disown(&e->object);
    return NULL;
}
