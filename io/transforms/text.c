/* The text form of transforms: reading and writing it. Its words are in text_words.c. */
#include <limits.h>
#include <string.h>

#include "core/error.h"
#include "core/nearest.h"
#include "core/text_internal.h"
#include "core/words_internal.h"
#include "io/preprocess_internal.h"
#include "io/transforms/text_internal.h"

static const char from_text[] = "augmentation_from_text", to_text[] = "augmentation_to_text";

/* --- errors ----------------------------------------------------------------------------------- */

static bool fail_word(const cd_words *r)
{
    const char *best = NULL;
    int distance = INT_MAX;
    char known[256] = "";
    for (int i = 0; i < cd_text_word_count; i++) {
        const char *word = cd_text_words[i].word;
        cd_nearest_offer(r->word, word, &best, &distance);
        cd_append_text(known, sizeof known, i ? ", " : "");
        cd_append_text(known, sizeof known, word);
    }
    if (cd_words_end_item(r)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: a transform is missing at column %d, where there is %s; the words are "
                       "%s",
                       from_text, r->column, *r->word ? "a comma" : "the end", known);
    }
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: there is no transform \"%s\" (column %d)%s%s%s; the words are %s",
                   from_text, r->word, r->column, best ? ", did you mean \"" : "", best ? best : "",
                   best ? "\"?" : "", known);
}

/* "crop" has these settings: "PADDING, sides LEFT TOP RIGHT BOTTOM, edge". */
static void list_settings(const cd_text_word *w, char *out, size_t size)
{
    *out = '\0';
    for (int i = 0; i < CD_TEXT_SETTINGS && w->setting[i].key; i++) {
        const cd_text_setting *s = &w->setting[i];
        cd_append_text(out, size, i ? ", " : "");
        cd_append_text(out, size, s->key);
        cd_append_text(out, size, *s->key && *s->what ? " " : "");
        cd_append_text(out, size, s->what);
    }
}

static bool fail_setting(const cd_words *r, const cd_text_word *w, const char *key, int numbers)
{
    char known[256];
    list_settings(w, known, sizeof known);
    if (numbers < 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: \"%s\" does not know \"%s\" (column %d); it takes: %s (a comma "
                       "separates transforms)",
                       from_text, w->word, r->word, r->column, known);
    }
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s: \"%s%s%s\" has %d number%s (before column %d); it takes: %s", from_text,
                   w->word, *key ? " " : "", key, numbers, numbers == 1 ? "" : "s", r->column,
                   known);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The setting with this key for so many numbers; for -1, any with the key. */
static const cd_text_setting *find_setting(const cd_text_word *w, const char *key, int numbers)
{
    for (int i = 0; i < CD_TEXT_SETTINGS && w->setting[i].key; i++) {
        const cd_text_setting *s = &w->setting[i];
        if (strcmp(s->key, key) != 0) continue;
        if (numbers < 0 || cd_setting_numbers(s) == numbers) return s;
    }
    return NULL;
}

/* Reads the numbers behind a key and applies them. */
static bool read_numbers(cd_words *r, const cd_text_word *w, const char *key, double *value)
{
    enum { MOST = 4 };
    double number[MOST] = { 0 };
    int count = 0;
    for (; r->is_number; cd_words_next(r)) {
        if (count < MOST) number[count] = r->number;
        count++;
    }
    if (count == 0 && !*key) return true;
    const cd_text_setting *s = find_setting(w, key, count);
    if (!s) return fail_setting(r, w, key, count);
    cd_setting_apply(s, number, value);
    return true;
}

/* Reads what is behind a word, up to the comma or the end. */
static bool read_settings(cd_words *r, const cd_text_word *w, double *value)
{
    bool alone = cd_words_end_item(r);
    if (alone && w->needs_numbers) return fail_setting(r, w, "", 0);
    if (!read_numbers(r, w, "", value)) return false;
    while (!cd_words_end_item(r)) {
        char key[CD_WORD_BYTES];
        if (!find_setting(w, r->word, -1)) return fail_setting(r, w, "", -1);
        memcpy(key, r->word, sizeof key);
        cd_words_next(r);
        if (!read_numbers(r, w, key, value)) return false;
    }
    return true;
}

static bool fail_full(const cd_words *r)
{
    return cd_fail(CD_ERR_ARGUMENT, "%s: more than %d transforms (column %d)", from_text,
                   CD_AUGMENTATION_MAX, r->column);
}

static bool read_sample(cd_words *r, const cd_text_word *w, const cd_preprocess *recipe,
                        cd_augmentation *a)
{
    cd_transform t = w->sample(recipe);
    if (!t.apply || !read_settings(r, w, t.value) || !w->check(w->word, t.value)) return false;
    if (a->transform_count == CD_AUGMENTATION_MAX) return fail_full(r);
    a->transforms[a->transform_count++] = t;
    return true;
}

static bool read_batch(cd_words *r, const cd_text_word *w, int64_t classes, cd_augmentation *a)
{
    cd_batch_transform t = w->batch(classes);
    if (!t.apply || !read_settings(r, w, t.value) || !w->check(w->word, t.value)) return false;
    if (a->batch_transform_count == CD_AUGMENTATION_MAX) return fail_full(r);
    a->batch_transforms[a->batch_transform_count++] = t;
    return true;
}

static bool read_item(cd_words *r, const cd_preprocess *recipe, int64_t classes, cd_augmentation *a)
{
    for (int i = 0; i < cd_text_word_count; i++) {
        const cd_text_word *w = &cd_text_words[i];
        if (strcmp(w->word, r->word) != 0) continue;
        cd_words_next(r);
        return w->sample ? read_sample(r, w, recipe, a) : read_batch(r, w, classes, a);
    }
    return fail_word(r);
}

static bool check_recipe(const char *function, const cd_preprocess *recipe, int64_t classes)
{
    if (!cd_ok()) return false;
    if (!recipe) return cd_fail(CD_ERR_ARGUMENT, "%s: the recipe is NULL", function);
    const char *fault = cd_preprocess_fault(recipe);
    if (fault) return cd_fail(CD_ERR_ARGUMENT, "%s: the recipe: %s", function, fault);
    if (classes >= 0) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: %lld classes; it must be 0 or more", function,
                   (long long)classes);
}

/* The recipe with a mean of 0 and a std of 1 for channels that it does not have. */
static cd_preprocess filled(const cd_preprocess *recipe)
{
    cd_preprocess full = *recipe;
    for (int c = full.channels; c < 3; c++) {
        full.mean[c] = 0;
        full.std[c] = 1;
    }
    return full;
}

bool cd_augmentation_from_text(const char *text, const cd_preprocess *recipe, int64_t classes,
                               cd_augmentation *out)
{
    if (out) *out = (cd_augmentation){ .transform_count = 0 };
    if (!check_recipe(from_text, recipe, classes)) return false;
    if (!text || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the %s is NULL", from_text, text ? "result" : "text");
    }
    if (strlen(text) >= CD_AUGMENTATION_TEXT) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the text has %zu bytes; up to %d are read", from_text,
                       strlen(text), CD_AUGMENTATION_TEXT - 1);
    }
    cd_augmentation a = { .transform_count = 0 };
    cd_preprocess full = filled(recipe);
    cd_words r;
    cd_words_begin(&r, text);
    bool none = strcmp(r.word, "none") == 0;
    if (none) cd_words_next(&r);
    if (!*r.word) return true;
    if (none) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: \"none\" stands alone, but \"%s\" follows", from_text,
                       r.word);
    }
    for (;; cd_words_next(&r)) {
        if (!read_item(&r, &full, classes, &a)) return false;
        if (!*r.word) break;
    }
    *out = a;
    return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* The text so far, in the caller's memory. */
typedef struct writer {
    char *out;
    size_t size, used;
    bool full; /* something did not fit */
} writer;

static void put(writer *w, const char *text)
{
    size_t n = strlen(text);
    if (w->full || n >= w->size - w->used) {
        w->full = true;
        return;
    }
    memcpy(w->out + w->used, text, n + 1);
    w->used += n;
}

static void put_setting(writer *w, const cd_text_setting *s, const double *number)
{
    if (*s->key) {
        put(w, " ");
        put(w, s->key);
    }
    for (int i = 0; i < cd_setting_numbers(s); i++) {
        char text[40];
        (void)cd_format_shortest(text, sizeof text, number[i]);
        put(w, " ");
        put(w, text);
    }
}

/* Whether the values of a setting must be written: `now` are those that the text so far gives. A
 * setting of the whole jitter is tried before those of its parts. */
static bool writes(const cd_text_setting *s, const double *wanted, const double *now,
                   double *number)
{
    if (cd_same_values(wanted + s->at, now + s->at, s->count)) return false;
    if (s->kind == CD_SETTING_FLAG) return wanted[s->at] == s->flag;
    return cd_setting_invert(s, wanted, number);
}

/* Writes a word with the settings that make its `count` values, which begin as `now`, those that
 * are wanted. False when no settings do. */
static bool put_word(writer *w, const cd_text_word *word, const double *wanted, double *now,
                     int count)
{
    bool any = false;
    put(w, w->used ? ", " : "");
    put(w, word->word);
    for (int i = 0; i < CD_TEXT_SETTINGS && word->setting[i].key; i++) {
        const cd_text_setting *s = &word->setting[i];
        double number[8];
        if (!writes(s, wanted, now, number)) continue;
        put_setting(w, s, number);
        cd_setting_apply(s, number, now);
        any = true;
    }
    if (!any && word->needs_numbers && word->setting[0].key) put(w, " 0");
    return cd_same_values(wanted, now, count);
}

static bool put_sample(writer *w, const cd_transform *t, const cd_preprocess *recipe)
{
    for (int i = 0; i < cd_text_word_count; i++) {
        const cd_text_word *word = &cd_text_words[i];
        if (!word->sample) continue;
        cd_transform base = word->sample(recipe);
        if (base.apply && base.apply == t->apply) {
            return put_word(w, word, t->value, base.value, CD_TRANSFORM_VALUES);
        }
    }
    return false;
}

static bool put_batch(writer *w, const cd_batch_transform *t, int64_t classes)
{
    for (int i = 0; i < cd_text_word_count; i++) {
        const cd_text_word *word = &cd_text_words[i];
        if (!word->batch) continue;
        cd_batch_transform base = word->batch(classes);
        if (base.apply && base.apply == t->apply) {
            return put_word(w, word, t->value, base.value, CD_BATCH_TRANSFORM_VALUES);
        }
    }
    return false;
}

static bool put_all(writer *w, const cd_augmentation *a, const cd_preprocess *recipe,
                    int64_t classes)
{
    const char *bad = NULL;
    for (int i = 0; i < a->transform_count && !bad; i++) {
        if (!put_sample(w, &a->transforms[i], recipe)) bad = a->transforms[i].name;
    }
    for (int i = 0; i < a->batch_transform_count && !bad; i++) {
        if (!put_batch(w, &a->batch_transforms[i], classes)) bad = a->batch_transforms[i].name;
    }
    if (!bad) return true;
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: no text gives this transform: %s; of those that have a word the size, mean "
                   "and std must be the recipe's",
                   to_text, bad);
}

bool cd_augmentation_to_text(const cd_augmentation *a, const cd_preprocess *recipe, int64_t classes,
                             char *out, size_t size)
{
    if (out && size) *out = '\0';
    if (!check_recipe(to_text, recipe, classes)) return false;
    if (!a || !out || size == 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the %s is NULL or has no room", to_text,
                       a ? "text" : "augmentation");
    }
    if (a->transform_count < 0 || a->transform_count > CD_AUGMENTATION_MAX ||
        a->batch_transform_count < 0 || a->batch_transform_count > CD_AUGMENTATION_MAX) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: counts of %d and %d transforms; they must be 0 to %d",
                       to_text, a->transform_count, a->batch_transform_count, CD_AUGMENTATION_MAX);
    }
    writer w = { .out = out, .size = size };
    cd_preprocess full = filled(recipe);
    if (a->transform_count + a->batch_transform_count == 0) put(&w, "none");
    bool done = put_all(&w, a, &full, classes);
    if (done && w.full) {
        done = cd_fail(CD_ERR_ARGUMENT, "%s: %zu bytes are too few for the text", to_text, size);
    }
    if (!done) *out = '\0';
    return done;
}
