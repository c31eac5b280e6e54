/* Optimizers from a text: optimizer_text.h. */
#include "optim/optimizer_text.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/nearest.h"
#include "core/text_internal.h"
#include "nn/option_text_internal.h"
#include "optim/optimizer_internal.h"

static const char from_text[] = "optimizer_from_text";

/* The words: the names of the functions that make the optimizers. PyTorch's names are the same but
 * for capital letters. */
static const char *const words[] = {
#define CD_OPTIMIZER(name_) #name_,
#define CD_SCHEDULE(name_)
#include "optim/optim.def"
#undef CD_OPTIMIZER
#undef CD_SCHEDULE
    NULL,
};

/* Optimizers of PyTorch that are not here, and why. */
static const struct missing {
    const char *word, *why;
} missing[] = {
    { "LBFGS", "its step calls a closure that computes the loss several times" },
    { "SparseAdam", "it is for sparse gradients, and those of this library are dense" },
    { "ASGD", "cd_nn_averaged_model averages the weights of any optimizer" },
    { "Adafactor", "the library has not got it" },
    { "Muon", "the library has not got it" },
};

const char *cd_optimizer_text_name(int i)
{
    const int count = (int)(sizeof words / sizeof *words) - 1;
    return i >= 0 && i < count ? words[i] : NULL;
}

/* The class of a word; NULL if there is none. */
static const cd_optimizer_class *find_class(const char *word)
{
    for (int i = 0; cd_optimizer_classes[i]; i++) {
        if (cd_same_words(cd_optimizer_classes[i]->name, word) || cd_same_words(words[i], word)) {
            return cd_optimizer_classes[i];
        }
    }
    return NULL;
}

/* Fails for a word that is no optimizer's. Returns NULL. */
static const cd_optimizer_class *refuse_word(const char *function, const char *word, int column)
{
    char known[256] = "", plain[CD_WORD_BYTES];
    const char *best = NULL;
    int distance = INT_MAX;
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        if (!cd_same_words(missing[i].word, word)) continue;
        (void)cd_fail(CD_ERR_UNSUPPORTED, "%s: there is no %s: %s", function, missing[i].word,
                      missing[i].why);
        return NULL;
    }
    cd_plain_word(word, plain, sizeof plain);
    for (int i = 0; words[i]; i++) {
        cd_nearest_offer(plain, words[i], &best, &distance);
        cd_append_text(known, sizeof known, i > 0 ? ", " : "");
        cd_append_text(known, sizeof known, words[i]);
    }
    (void)cd_fail(CD_ERR_ARGUMENT,
                  "%s: there is no optimizer \"%s\" (column %d)%s%s%s%s; the words are %s",
                  function, word, column, best ? ", did you mean \"" : "", best ? best : "",
                  best ? "\"?" : "", cd_words_hint(word), known);
    return NULL;
}

/* --- settings --------------------------------------------------------------------------------- */

static bool refuse_setting(const cd_option_item *item, const cd_optimizer_setting *s)
{
    char usage[CD_OPTION_TEXT_USAGE];
    cd_option_item_usage(item, usage, sizeof usage);
    return cd_fail(CD_ERR_ARGUMENT, "%s: %s gives it a \"%s\", which it has not; it takes %s",
                   item->where, s->given_by, s->option, usage);
}

/* Gives the item a setting of the user's. `in_text` are the rows that the text gives. */
static bool give_user_setting(cd_option_item *item, const cd_optimizer_setting *s, uint64_t in_text)
{
    const cd_option *row = cd_option_by_key(item->table, s->option);
    if (!row) return refuse_setting(item, s);
    if (cd_option_is_given(item, row)) {
        const bool text = in_text >> (row - item->table) & 1;
        return cd_fail(CD_ERR_ARGUMENT, "%s: its %s is given twice, in %s and by %s: leave one out",
                       item->where, row->member, text ? "the text" : "another setting",
                       s->given_by);
    }
    char where[CD_OPTION_TEXT_WHERE];
    memcpy(where, item->where, sizeof where);
    (void)snprintf(item->where, sizeof item->where, "%s: %s", from_text, s->given_by);
    const bool given = cd_option_give_number(item, row, s->value);
    memcpy(item->where, where, sizeof where);
    return given;
}

/* Gives the item what the user has given elsewhere, and then the program's defaults. */
static bool give_settings(cd_option_item *item, const cd_optimizer_setting *settings, int count)
{
    const uint64_t in_text = item->given;
    for (int i = 0; i < count; i++) {
        if (settings[i].given_by && !give_user_setting(item, &settings[i], in_text)) return false;
    }
    for (int i = 0; i < count; i++) {
        if (settings[i].given_by) continue;
        const cd_option *row = cd_option_by_key(item->table, settings[i].option);
        if (!row || cd_option_is_given(item, row)) continue;
        if (!cd_option_give_number(item, row, settings[i].value)) return false;
    }
    return true;
}

static bool check_settings(const cd_optimizer_setting *settings, int count)
{
    if (count < 0 || (count > 0 && !settings)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .settings is NULL, or there are %d of them", from_text,
                       count);
    }
    for (int i = 0; i < count; i++) {
        if (settings[i].option && isfinite(settings[i].value)) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .settings[%d] must have the name of an option and a finite number",
                       from_text, i);
    }
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Reads the text behind the word and makes the optimizer. `options` is the class's struct. */
static cd_optimizer *read_and_make(const cd_optimizer_class *class_, cd_words *w,
                                   const cd_optimizer_from_text_options *o, void *options)
{
    cd_option_item item = { .table = class_->options, .options = options, .numbers = 1 };
    (void)snprintf(item.where, sizeof item.where, "%s: \"%s\"", from_text, w->word);
    cd_words_next(w);
    if (!cd_option_item_read(&item, w)) return NULL;
    if (*w->word) {
        (void)cd_fail(
            CD_ERR_ARGUMENT,
            "%s: there is a comma (column %d), and a text is one optimizer without commas",
            item.where, w->column);
        return NULL;
    }
    if (!give_settings(&item, o->settings, o->setting_count) || !cd_option_item_check(&item)) {
        return NULL;
    }
    cd_optimizer *made = cd_optimizer_make(class_, o->module, options);
    if (!made) (void)cd_option_item_failed(&item);
    return made;
}

cd_optimizer *cd_optimizer_from_text_with(cd_optimizer_from_text_options o)
{
    if (!cd_ok()) return NULL;
    if (!o.text || strlen(o.text) >= CD_OPTIMIZER_TEXT) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the text is NULL or has %d bytes or more", from_text,
                      CD_OPTIMIZER_TEXT);
        return NULL;
    }
    if (!o.module) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the module is NULL", from_text);
        return NULL;
    }
    if (!check_settings(o.settings, o.setting_count)) return NULL;
    cd_words w;
    cd_words_begin(&w, o.text);
    const cd_optimizer_class *class_ = find_class(w.word);
    if (!class_) {
        (void)refuse_word(from_text, w.word, w.column);
        return NULL;
    }
    void *options = cd_alloc_zeroed(1, class_->options_bytes);
    if (!options) return NULL;
    cd_optimizer *made = read_and_make(class_, &w, &o, options);
    cd_free(options);
    return made;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Where a text is written. */
typedef struct written {
    const cd_option *table;
    char *out;
    size_t size;
} written;

static void write_number(const written *w, double value)
{
    char text[40] = " ";
    (void)cd_format_shortest(text + 1, sizeof text - 1, value + 0.0); /* minus zero is meant as 0 */
    cd_append_text(w->out, w->size, text);
}

static bool write_option(const char *name, const cd_option_value *value, void *user)
{
    const written *w = user;
    const cd_option *row = cd_option_by_key(w->table, name);
    if (!row || strcmp(name, "lr") == 0 || cd_option_is_default(row, value)) return true;
    cd_append_text(w->out, w->size, value->kind == CD_VALUE_BOOL && !value->truth ? " no-" : " ");
    cd_append_text(w->out, w->size, cd_option_key(row));
    if (value->kind == CD_VALUE_REAL) write_number(w, value->real);
    if (value->kind == CD_VALUE_INTEGER) write_number(w, (double)value->integer);
    return true;
}

const char *cd_optimizer_to_text(const cd_optimizer *o, char *out, size_t size)
{
    static const char function[] = "optimizer_to_text";
    if (out && size > 0) *out = '\0';
    if (!cd_ok() || !cd_check_optimizer(o, function, "the optimizer")) return NULL;
    if (!out || size == 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the text is NULL, or has no room", function);
        return NULL;
    }
    const written w = { o->class_->options, out, size };
    for (int i = 0; words[i]; i++) {
        if (find_class(words[i]) == o->class_) cd_append_text(out, size, words[i]);
    }
    write_number(&w, cd_optimizer_rate(o, 0));
    (void)cd_visit_options(w.table, o->groups[0].options, write_option, (void *)&w);
    return out;
}

bool cd_optimizer_text_usage(const char *word, char *out, size_t size)
{
    static const char function[] = "optimizer_text_usage";
    if (!cd_option_usage_begin(function, word, out, size)) return false;
    const cd_optimizer_class *class_ = find_class(word);
    if (!class_) return refuse_word(function, word, 1);
    cd_option_item item = { .table = class_->options, .numbers = 1 };
    cd_option_item_usage(&item, out, size);
    return true;
}
