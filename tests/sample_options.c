/* The arguments of a PyTorch class as the options of Candela's class, by its table
 * (nn/option.h). */
#include "sample_options.h"

#include <string.h>

/* Where PyTorch has one argument and Candela another option, or two: with the argument, or with one
 * word of it that then takes the argument's place, the option becomes this number, or true for
 * 0. */
static const struct pair {
    const char *key, *word, *option;
    int64_t number;
} pairs[] = {
    { "ignore_index", NULL, "ignore", 0 },
    { "reduction", "batchmean", "batchmean", 0 },
    { "anneal_strategy", "linear", "linear", 0 },
    { "mode", "max", "maximum", 0 },
    { "threshold_mode", "abs", "absolute", 0 },
    { "mode", "triangular2", "mode", CD_TRIANGULAR2 },
    { "mode", "exp_range", "mode", CD_EXP_RANGE },
};

static const cd_option *find_row(const cd_option *table, const char *name)
{
    for (const cd_option *o = table; o && o->name; o++) {
        if (strcmp(o->name, name) == 0) return o;
    }
    return NULL;
}

/* The numbers of a list. Options borrow them, so they stay until many more lists have been read. */
static const int64_t *numbers_of(const value *v)
{
    static int64_t room[4 * MOST_VALUES];
    static int used;
    if (used + v->count > 4 * MOST_VALUES) used = 0;
    int64_t *numbers = &room[used];
    used += v->count;
    for (int i = 0; i < v->count; i++) {
        numbers[i] = v->item[i].kind == NONE ? -1 : v->item[i].integer;
    }
    return numbers;
}

static bool is_list(const value *v)
{
    bool all = v->kind == LIST;
    for (int i = 0; all && i < v->count; i++) {
        all = v->item[i].kind == INTEGER || v->item[i].kind == NONE;
    }
    return all;
}

/* Whether a row takes a list of this many numbers. */
static bool takes_list(const cd_option *o, int count)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_WINDOW:
    case CD_OPTION_PAIR:
    case CD_OPTION_EXTENT:
        return count == 2;
    case CD_OPTION_SIZES:
    case CD_OPTION_SHAPE:
        return true;
    default:
        return false;
    }
}

/* Whether a row takes a number, or a word that stands for one. */
static bool takes_number(const cd_option *o, const value *v)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
        return v->kind == INTEGER;
    case CD_OPTION_REAL:
        return v->kind == INTEGER || (v->kind == REAL && !o->whole);
    default:
        return false;
    }
}

/* The words by which options know a value that is none of theirs: None, and infinity. */
static const char *word_of(const cd_option *o, const value *v)
{
    if (v->kind == WORD) return v->word;
    if (v->kind == DTYPE) return cd_dtype_name(v->dtype);
    if (v->kind == NONE && o->text && strcmp(o->text, "None") == 0) return o->text;
    if (v->kind == REAL && o->kind == CD_OPTION_REAL && o->text && v->real == o->none) {
        return o->text;
    }
    return NULL;
}

/* The value as the row takes it. False if it is of another kind. */
static bool convert(const cd_option *o, const value *v, cd_option_value *out)
{
    const bool every = o->kind == CD_OPTION_PAIR || o->kind == CD_OPTION_SHAPE;
    const value both[] = { *v, *v };
    const value list = { .kind = LIST, .item = both, .count = o->kind == CD_OPTION_PAIR ? 2 : 1 };
    *out = (cd_option_value){
        .integer = v->integer, .real = v->real, .truth = v->integer != 0, .text = word_of(o, v)
    };
    if (out->text) {
        out->kind = CD_VALUE_TEXT;
    } else if (v->kind == BOOL) {
        out->kind = CD_VALUE_BOOL;
        return o->kind == CD_OPTION_BOOL || o->kind == CD_OPTION_NEGATED;
    } else if (every && v->kind == INTEGER) {
        return convert(o, &list, out);
    } else if (is_list(v) && v->count == 1 && takes_number(o, &v->item[0])) {
        return convert(o, &v->item[0], out);
    } else if (is_list(v)) {
        out->kind = CD_VALUE_SIZES;
        out->sizes = numbers_of(v);
        out->count = v->count;
        return takes_list(o, v->count);
    } else {
        out->kind = v->kind == REAL ? CD_VALUE_REAL : CD_VALUE_INTEGER;
        return takes_number(o, v);
    }
    return true;
}

/* A constant is an option that the class has with one value only. */
static bool put_constant(const cd_option *o, const value *v, char why[WHY_BYTES])
{
    const char *word = v->kind == NONE   ? "None"
                       : v->kind == WORD ? v->word
                       : v->kind != BOOL ? ""
                       : v->integer      ? "True"
                                         : "False";
    return strcmp(word, o->text) == 0 || lack(why, "%s is another than %s", o->name, o->text);
}

static bool put(const cd_option *o, void *options, const value *v, char why[WHY_BYTES])
{
    cd_option_value converted;
    if (o->kind == CD_OPTION_CONSTANT) return put_constant(o, v, why);
    if (o->kind == CD_OPTION_TENSOR && v->kind == TENSOR) {
        *(cd_tensor **)(void *)((char *)options + o->offset) = v->tensor;
        return true;
    }
    if (!convert(o, v, &converted)) return lack(why, "%s is of another kind", o->name);
    if (cd_set_option(o, options, &converted, CD_ERR_ARGUMENT, "sample")) return true;
    if (converted.kind != CD_VALUE_TEXT) return false;
    cd_clear_error();
    return lack(why, "%s is %s", o->name, converted.text);
}

/* Sets the option that an argument sets besides its own. *instead: it has none of its own. */
static bool put_pair(const cd_option *table, void *options, const named *n, bool *instead,
                     char why[WHY_BYTES])
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct pair *p = &pairs[i];
        const cd_option *row = strcmp(p->key, n->key) == 0 ? find_row(table, p->option) : NULL;
        const bool same = n->value->kind == WORD && p->word && strcmp(n->value->word, p->word) == 0;
        if (!row || (p->word && !same)) continue;
        const value set = { .kind = p->number ? INTEGER : BOOL,
                            .integer = p->number ? p->number : 1 };
        *instead = p->word != NULL;
        return put(row, options, &set, why);
    }
    return true;
}

/* A list whose items are options, such as betas: the rows are named betas[0] and betas[1]. */
static bool put_items(const cd_option *table, void *options, const named *n, bool *found,
                      char why[WHY_BYTES])
{
    for (int i = 0; n->value->kind == LIST && i < n->value->count; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s[%d]", n->key, i);
        const cd_option *row = find_row(table, name);
        if (!row) return true;
        *found = true;
        if (!put(row, options, &n->value->item[i], why)) return false;
    }
    return true;
}

static bool put_named(const cd_option *table, void *options, const named *n, char why[WHY_BYTES])
{
    const cd_option *row = find_row(table, n->key);
    bool done = false;
    if (n->standard && (!row || !row->required)) return true;
    if (!put_pair(table, options, n, &done, why)) return false;
    if (done) return true;
    if (row) return put(row, options, n->value, why);
    if (!put_items(table, options, n, &done, why)) return false;
    return done || n->value->kind == DTYPE || is_neutral(n->key, n->value) ||
           lack(why, "there is no argument %s", n->key);
}

bool put_options(const cd_option *table, void *options, const named *given, int count,
                 char why[WHY_BYTES])
{
    *why = '\0';
    for (int i = 0; i < count; i++) {
        if (!put_named(table, options, &given[i], why)) return false;
    }
    return true;
}
