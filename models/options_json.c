/* Options as JSON: models/options_json_internal.h. */
#include "models/options_json_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/json_write_internal.h"

/* --- writing ---------------------------------------------------------------------------------- */

static void put_integer(cd_json_writer *w, int64_t value)
{
    if (value < 0) cd_json_put(w, "-");
    cd_json_put_whole(w, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static void put_sizes(cd_json_writer *w, const cd_option_value *value)
{
    for (int64_t i = 0; i < value->count; i++) {
        cd_json_put(w, i > 0 ? ", " : "[");
        put_integer(w, value->sizes[i]);
    }
    cd_json_put(w, value->count > 0 ? "]" : "[]");
}

static bool put_option(const char *name, const cd_option_value *value, void *user)
{
    cd_json_writer *w = user;
    if (w->size > 1) cd_json_put(w, ", ");
    cd_json_put_string(w, name);
    cd_json_put(w, ": ");
    switch (value->kind) {
    case CD_VALUE_INTEGER:
        put_integer(w, value->integer);
        break;
    case CD_VALUE_REAL:
        cd_json_put_number(w, value->real);
        break;
    case CD_VALUE_BOOL:
        cd_json_put(w, value->truth ? "true" : "false");
        break;
    case CD_VALUE_TEXT:
        cd_json_put_string(w, value->text);
        break;
    case CD_VALUE_SIZES:
        put_sizes(w, value);
        break;
    case CD_VALUE_TENSOR:
        cd_json_put(w, "{\"shape\": ");
        put_sizes(w, value);
        cd_json_put(w, ", \"dtype\": ");
        cd_json_put_string(w, value->text);
        cd_json_put(w, "}");
        break;
    }
    return true;
}

char *cd_options_to_json(const cd_option *table, const void *options)
{
    cd_json_writer w = { .max_size = 0 };
    cd_json_put(&w, "{");
    (void)cd_visit_options(table, options, put_option, &w);
    cd_json_put(&w, "}");
    return cd_json_finish(&w);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The state of one cd_options_from_json. */
typedef struct reading {
    int64_t *sizes; /* room for CD_OPTIONS_SIZES_MAX elements, of all lists together */
    int64_t used;   /* how many of them are used */
    cd_code code;   /* of errors */
    const char *where;
} reading;

static bool read_list(reading *r, const cd_json *list, const char *name, cd_option_value *value)
{
    if (list->count > CD_OPTIONS_SIZES_MAX - r->used) {
        return cd_fail(r->code, "%s: the option \"%s\" must be a list of at most %d sizes",
                       r->where, name, CD_OPTIONS_SIZES_MAX);
    }
    int64_t *sizes = r->sizes + r->used;
    const cd_json *item = cd_json_first(list);
    for (uint32_t i = 0; i < list->count; i++, item = cd_json_after(item)) {
        if (!cd_json_is(item, CD_JSON_INTEGER)) {
            return cd_fail(r->code, "%s: the option \"%s\" must be a list of whole numbers",
                           r->where, name);
        }
        sizes[i] = item->integer;
    }
    r->used += list->count;
    *value = (cd_option_value){ .kind = CD_VALUE_SIZES, .sizes = sizes, .count = list->count };
    return true;
}

/* Reads a tensor's shape and dtype: {"shape": [3], "dtype": "float32"}. */
static bool read_tensor(reading *r, const cd_json *object, const char *name, cd_option_value *value)
{
    const cd_json *shape = cd_json_get(object, "shape"), *dtype = cd_json_get(object, "dtype");
    if (object->count != 2 || !cd_json_is(shape, CD_JSON_LIST) ||
        !cd_json_is(dtype, CD_JSON_STRING)) {
        return cd_fail(r->code,
                       "%s: the option \"%s\" is an object, which only a tensor is, with a list "
                       "\"shape\" and a text \"dtype\"",
                       r->where, name);
    }
    if (!read_list(r, shape, name, value)) return false;
    value->kind = CD_VALUE_TENSOR;
    value->text = dtype->string;
    return true;
}

static bool read_value(reading *r, const cd_json *json, const char *name, cd_option_value *value)
{
    switch (json->kind) {
    case CD_JSON_FALSE:
    case CD_JSON_TRUE:
        *value = (cd_option_value){ .kind = CD_VALUE_BOOL, .truth = json->kind == CD_JSON_TRUE };
        return true;
    case CD_JSON_INTEGER:
        *value = (cd_option_value){ .kind = CD_VALUE_INTEGER, .integer = json->integer };
        return true;
    case CD_JSON_REAL:
        *value = (cd_option_value){ .kind = CD_VALUE_REAL, .real = json->real };
        return true;
    case CD_JSON_STRING:
        *value = (cd_option_value){ .kind = CD_VALUE_TEXT, .text = json->string };
        return true;
    case CD_JSON_LIST:
        return read_list(r, json, name, value);
    case CD_JSON_OBJECT:
        return read_tensor(r, json, name, value);
    case CD_JSON_NULL:
        break;
    }
    return cd_fail(r->code, "%s: the option \"%s\" is null, which no option takes", r->where, name);
}

static bool check_required(const reading *r, const cd_option *table, const cd_json *object)
{
    for (const cd_option *o = table; o->name; o++) {
        if (o->required && !cd_json_get(object, o->name)) {
            return cd_refuse_option(o, r->code, r->where);
        }
    }
    return true;
}

bool cd_options_from_json(const cd_option *table, void *options,
                          int64_t sizes[CD_OPTIONS_SIZES_MAX], const cd_json *object,
                          const char *name, cd_code code, const char *where)
{
    reading r = { .sizes = sizes, .code = code, .where = where };
    if (!cd_json_is(object, CD_JSON_OBJECT)) {
        return cd_fail(code, "%s: the options of %s must be a JSON object", where, name);
    }
    const cd_json *key = cd_json_first(object);
    for (uint32_t i = 0; i < object->count; i++, key = cd_json_after(key + 1)) {
        const cd_option *option = cd_find_option(table, key->string, name, code, where);
        cd_option_value value;
        if (!option || !read_value(&r, key + 1, key->string, &value) ||
            !cd_set_option(option, options, &value, code, where)) {
            return false;
        }
    }
    return check_required(&r, table, object);
}
