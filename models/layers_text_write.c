/* A text from layers: layers_text.h. */
#include <stdio.h>
#include <string.h>

#include "core/text_internal.h"
#include "models/layers_text_internal.h"

static const char to_text[] = "layers_to_text";

/* The text so far, in the caller's memory, and the options of one layer. */
typedef struct writer {
    char *out;
    size_t size, used;
    bool full; /* something did not fit */
    cd_option_item item;
    const cd_option *front[CD_OPTION_TEXT_ROWS];
    int front_count, next; /* rows whose numbers stand behind the word; the next of them */
    bool keys;             /* the part behind the word is done, and keys are written */
} writer;

static void put(writer *w, const char *text)
{
    const size_t n = strlen(text);
    if (w->full || n >= w->size - w->used) {
        w->full = true;
        return;
    }
    memcpy(w->out + w->used, text, n + 1);
    w->used += n;
}

static void put_word(writer *w, const char *word)
{
    put(w, " ");
    put(w, word);
}

static void put_number(writer *w, double number)
{
    char text[40];
    (void)cd_format_shortest(text, sizeof text, number);
    put_word(w, text);
}

static bool is_known(const writer *w, const cd_option *o)
{
    for (int i = 0; w->item.known[i]; i++) {
        if (strcmp(w->item.known[i], o->name) == 0) return true;
    }
    return false;
}

/* Whether the value follows from the input, and so is not written: a normalized_shape of several
 * dimensions does not. */
static bool follows(const writer *w, const cd_option *o, const cd_option_value *value)
{
    return is_known(w, o) && (value->kind != CD_VALUE_SIZES || value->count == 1);
}

/* Whether the value of a row that stands directly behind the word may be written there. */
static bool fits_in_front(const writer *w, const cd_option *o, const cd_option_value *value)
{
    if (value->kind == CD_VALUE_INTEGER || value->kind == CD_VALUE_REAL) return true;
    if (value->kind != CD_VALUE_SIZES) return false;
    if (o->kind == CD_OPTION_PAIR) return value->sizes[0] >= 0 && value->sizes[1] >= 0;
    if (o->kind != CD_OPTION_SHAPE) return false;
    return value->count == 1 || (o->required && w->next == w->front_count - 1);
}

static void put_sizes(writer *w, const cd_option *o, const cd_option_value *value)
{
    for (int64_t i = 0; i < value->count; i++) {
        if (o->kind == CD_OPTION_PAIR && value->sizes[i] == -1) {
            put_word(w, "none");
        } else {
            put_number(w, (double)value->sizes[i]);
        }
    }
}

/* Writes the values of an option, but for truths. */
static void put_value(writer *w, const cd_option *o, const cd_option_value *value)
{
    switch (value->kind) {
    case CD_VALUE_INTEGER:
        put_number(w, (double)value->integer);
        break;
    case CD_VALUE_REAL:
        put_number(w, value->real);
        break;
    case CD_VALUE_TEXT:
        put_word(w, value->text);
        break;
    case CD_VALUE_SIZES:
        put_sizes(w, o, value);
        break;
    case CD_VALUE_BOOL:
    case CD_VALUE_TENSOR:
        break;
    }
}

/* Writes an option as "stride 2", "inplace" or "no-bias". */
static void put_key(writer *w, const cd_option *o, const cd_option_value *value)
{
    const bool off = value->kind == CD_VALUE_BOOL && !value->truth;
    put(w, off ? " no-" : " ");
    put(w, o->name);
    put_value(w, o, value);
}

/* A visitor, for the numbers behind the word and then for the keys. */
static bool put_option(const char *name, const cd_option_value *value, void *user)
{
    writer *w = user;
    const cd_option *o = cd_option_by_key(w->item.table, name);
    if (!o) return false; /* a tensor */
    const bool usual = !o->required && cd_option_is_default(o, value);
    if (!w->keys) {
        if (w->next >= w->front_count || w->front[w->next] != o || usual) return true;
        if (!fits_in_front(w, o, value)) return true;
        put_value(w, o, value);
        w->next++;
        return true;
    }
    for (int i = 0; i < w->next; i++) {
        if (w->front[i] == o) return true;
    }
    if (!usual && !follows(w, o, value)) put_key(w, o, value);
    return true;
}

static bool put_layer(writer *w, cd_module *m)
{
    char text[128];
    const cd_module_class *c = m->class_;
    const char *why = cd_layers_refused(c, text, sizeof text);
    if (why)
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: no text gives a %s: %s", to_text, c->name, why);
    put(w, w->used > 0 ? ", " : "");
    put(w, cd_layers_word(c));
    w->item = (cd_option_item){ .numbers = 0 };
    cd_layers_set_up(&w->item, c);
    w->front_count = cd_option_rows_in_front(&w->item, w->front);
    w->next = 0;
    const void *options = cd_module_options(m);
    for (int pass = 0; options && pass < 2; pass++) {
        w->keys = pass == 1;
        if (cd_visit_options(w->item.table, options, put_option, w)) continue;
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: no text gives this %s: it has a tensor among its "
                       "options",
                       to_text, c->name);
    }
    return true;
}

static bool put_all(writer *w, cd_module *m)
{
    if (m->class_ != &cd_nn_sequential_class) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: the module is a %s, and must be a Sequential",
                       to_text, m->class_->name);
    }
    for (int i = 0; i < cd_module_child_count(m); i++) {
        if (!put_layer(w, cd_module_child(m, i))) return false;
    }
    return !w->full ||
           cd_fail(CD_ERR_ARGUMENT, "%s: %zu bytes are too few for the text", to_text, w->size);
}

bool cd_layers_to_text(cd_module *m, char *out, size_t size)
{
    if (out && size > 0) *out = '\0';
    if (!cd_ok() || !cd_check_module(m, to_text, "the module")) return false;
    if (!out || size == 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the text is NULL or has no room", to_text);
    }
    writer w = { .out = out, .size = size };
    const bool done = put_all(&w, m);
    if (!done) *out = '\0';
    return done;
}
