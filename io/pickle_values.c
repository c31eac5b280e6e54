/* Step 5 of cd_load (checkpoint.c): the arrays of a pickle's values, and questions about values. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/pickle_internal.h"

const char *cd_pickle_kind_name(cd_pickle_kind kind)
{
    static const char *const names[] = {
        [CD_PICKLE_NONE] = "None",
        [CD_PICKLE_BOOL] = "a bool",
        [CD_PICKLE_INTEGER] = "an integer",
        [CD_PICKLE_LONG] = "a long integer",
        [CD_PICKLE_FLOAT] = "a float",
        [CD_PICKLE_TEXT] = "a string",
        [CD_PICKLE_TUPLE] = "a tuple",
        [CD_PICKLE_LIST] = "a list",
        [CD_PICKLE_DICT] = "a dict",
        [CD_PICKLE_GLOBAL] = "a function or class",
        [CD_PICKLE_STORAGE] = "a storage",
        [CD_PICKLE_TENSOR] = "a tensor",
        [CD_PICKLE_UNBUILT_PARAMETER] = "an unfinished Parameter",
        [CD_PICKLE_UNBUILT_TENSOR] = "an unfinished tensor",
        [CD_PICKLE_OPAQUE] = "an object that is not looked into",
        [CD_PICKLE_SET] = "a set",
        [CD_PICKLE_NAME] = "a function or class",
        [CD_PICKLE_OBJECT] = "an object of an unknown class",
    };
    return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "?";
}

bool cd_pickle_fail(const cd_pickle *pickle, cd_code code, const char *format, ...)
{
    char sentence[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return cd_bytes_fail(pickle->cursor.bytes, code, pickle->opcode_at, "pickle: %s", sentence);
}

bool cd_pickle_new(cd_pickle *pickle, cd_pickle_value value, cd_pickle_id *out)
{
    if (pickle->value_count >= CD_PICKLE_NO_VALUE - 1) {
        return cd_pickle_fail(pickle, CD_ERR_MEMORY, "too many values");
    }
    if (!cd_budget_grow(pickle->budget, &pickle->values, &pickle->value_capacity,
                        pickle->value_count + 1, sizeof *pickle->values)) {
        return false;
    }
    *out = (cd_pickle_id)pickle->value_count;
    pickle->values[pickle->value_count++] = value;
    return true;
}

cd_pickle_id cd_pickle_item(const cd_pickle *pickle, const cd_pickle_value *tuple, uint32_t i)
{
    return pickle->cells[tuple->as.cells.first + i].value;
}

bool cd_pickle_is_tuple(const cd_pickle *pickle, cd_pickle_id id, uint32_t at_least,
                        uint32_t at_most)
{
    const cd_pickle_value *value = cd_pickle_value_of(pickle, id);
    return value->kind == CD_PICKLE_TUPLE && value->count >= at_least && value->count <= at_most;
}

bool cd_pickle_unsigned(const cd_pickle *pickle, cd_pickle_id id, int64_t *out)
{
    const cd_pickle_value *value = cd_pickle_value_of(pickle, id);
    if (value->kind != CD_PICKLE_INTEGER || value->as.integer < 0) return false;
    *out = value->as.integer;
    return true;
}

bool cd_pickle_text(const cd_pickle *pickle, cd_pickle_id id, const char **text, size_t *size)
{
    const cd_pickle_value *value = cd_pickle_value_of(pickle, id);
    if (value->kind != CD_PICKLE_TEXT) return false;
    *text = (const char *)pickle->cursor.bytes->data + value->as.text_at;
    *size = value->count;
    return true;
}

bool cd_pickle_c_string(const cd_pickle *pickle, cd_pickle_id id, const char **text, size_t *size)
{
    return cd_pickle_value_of(pickle, id)->is_c_string && cd_pickle_text(pickle, id, text, size);
}

bool cd_pickle_text_is(const cd_pickle *pickle, cd_pickle_id id, const char *text)
{
    const char *found;
    size_t size;
    return cd_pickle_text(pickle, id, &found, &size) && size == strlen(text) &&
           memcmp(found, text, size) == 0;
}

static bool reserve_cells(cd_pickle *pickle, uint32_t count)
{
    if (pickle->cell_count >= CD_PICKLE_NO_CELL - (size_t)count) {
        return cd_pickle_fail(pickle, CD_ERR_MEMORY, "too many values");
    }
    return cd_budget_grow(pickle->budget, &pickle->cells, &pickle->cell_capacity,
                          pickle->cell_count + count, sizeof *pickle->cells);
}

bool cd_pickle_tuple(cd_pickle *pickle, const cd_pickle_id *items, uint32_t count,
                     cd_pickle_id *out)
{
    if (!reserve_cells(pickle, count)) return false;
    cd_pickle_value value = { .kind = CD_PICKLE_TUPLE, .count = count };
    value.as.cells.first = (uint32_t)pickle->cell_count;
    for (uint32_t i = 0; i < count; i++) {
        pickle->cells[pickle->cell_count++] =
            (cd_pickle_cell){ .value = items[i], .next = CD_PICKLE_NO_CELL };
    }
    return cd_pickle_new(pickle, value, out);
}

bool cd_pickle_append(cd_pickle *pickle, cd_pickle_id container, cd_pickle_id item)
{
    if (!reserve_cells(pickle, 1)) return false;
    uint32_t cell = (uint32_t)pickle->cell_count++;
    pickle->cells[cell] = (cd_pickle_cell){ .value = item, .next = CD_PICKLE_NO_CELL };
    cd_pickle_value *list = &pickle->values[container];
    if (list->count++ == 0) {
        list->as.cells.first = cell;
    } else {
        pickle->cells[list->as.cells.last].next = cell;
    }
    list->as.cells.last = cell;
    return true;
}

bool cd_pickle_new_object(cd_pickle *pickle, cd_pickle_id class, cd_pickle_id *out)
{
    if (!cd_budget_grow(pickle->budget, &pickle->objects, &pickle->object_capacity,
                        pickle->object_count + 1, sizeof *pickle->objects)) {
        return false;
    }
    cd_pickle_value value = { .kind = CD_PICKLE_OBJECT };
    value.as.index = (uint32_t)pickle->object_count;
    pickle->objects[pickle->object_count++] = (cd_pickle_object){ .class = class,
                                                                  .items = CD_PICKLE_NO_VALUE,
                                                                  .state = CD_PICKLE_NO_VALUE };
    return cd_pickle_new(pickle, value, out);
}

/* --- going through containers ----------------------------------------------------------------- */

cd_pickle_iterator cd_pickle_iterate(const cd_pickle *pickle, cd_pickle_id container)
{
    const cd_pickle_value *value = cd_pickle_value_of(pickle, container);
    return (cd_pickle_iterator){ .cell = value->as.cells.first, .left = value->count };
}

/* The cells of a tuple follow each other and those of the other containers are linked. A tuple's
 * cells have no `next`. */
bool cd_pickle_next(const cd_pickle *pickle, cd_pickle_iterator *at, cd_pickle_id *out)
{
    if (at->left == 0) return false;
    const cd_pickle_cell *cell = &pickle->cells[at->cell];
    *out = cell->value;
    at->cell = cell->next == CD_PICKLE_NO_CELL ? at->cell + 1 : cell->next;
    at->left--;
    return true;
}

bool cd_pickle_next_pair(const cd_pickle *pickle, cd_pickle_iterator *at, cd_pickle_pair *out)
{
    return at->left >= 2 && cd_pickle_next(pickle, at, &out->key) &&
           cd_pickle_next(pickle, at, &out->value);
}

cd_pickle_id cd_pickle_get(const cd_pickle *pickle, cd_pickle_id dict, const char *key)
{
    cd_pickle_id found = CD_PICKLE_NO_VALUE;
    if (dict == CD_PICKLE_NO_VALUE || cd_pickle_value_of(pickle, dict)->kind != CD_PICKLE_DICT) {
        return found;
    }
    cd_pickle_iterator at = cd_pickle_iterate(pickle, dict);
    for (cd_pickle_pair item; cd_pickle_next_pair(pickle, &at, &item);) {
        if (cd_pickle_text_is(pickle, item.key, key)) found = item.value;
    }
    return found;
}

/* --- values in sentences ---------------------------------------------------------------------- */

const char *cd_pickle_show(const cd_pickle *pickle, cd_pickle_id id, char text[CD_PICKLE_SHOWN])
{
    enum { PART = 90 };
    const cd_pickle_value *value = cd_pickle_value_of(pickle, id);
    const char *what = cd_pickle_kind_name((cd_pickle_kind)value->kind);
    (void)snprintf(text, CD_PICKLE_SHOWN, "%s", what);
    if (value->kind == CD_PICKLE_OBJECT) {
        id = pickle->objects[value->as.index].class;
        value = cd_pickle_value_of(pickle, id);
        what = "an object of";
    }
    if (value->kind != CD_PICKLE_NAME) return text;
    const cd_pickle_name *name = &pickle->names[value->as.index];
    const char *bytes = (const char *)pickle->cursor.bytes->data;
    char module[PART], own[PART];
    (void)snprintf(text, CD_PICKLE_SHOWN, "%s %s.%s", what,
                   cd_printable(module, sizeof module, bytes + name->module_at, name->module_size),
                   cd_printable(own, sizeof own, bytes + name->name_at, name->name_size));
    return text;
}
