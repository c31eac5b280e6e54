/* Options in the words of a command line: option_text_internal.h. */
#include "nn/option_text_internal.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "core/shape.h"
#include "core/text_internal.h"

/* --- rows ------------------------------------------------------------------------------------- */

static bool is_truth(const cd_option *o)
{
    return o->kind == CD_OPTION_BOOL || o->kind == CD_OPTION_NEGATED;
}

/* Whether a number directly behind the word may be the option's. */
static bool takes_number(const cd_option *o)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
    case CD_OPTION_PAIR:
    case CD_OPTION_SIZES:
    case CD_OPTION_SHAPE:
    case CD_OPTION_REAL:
        return true;
    default:
        return false;
    }
}

/* Whether an item may have the option at all: not one without a field, nor a tensor. */
static bool is_readable(const cd_option *o)
{
    return o->kind != CD_OPTION_CONSTANT && o->kind != CD_OPTION_TENSOR;
}

static bool is_listed(const char *const *names, const cd_option *o)
{
    for (int i = 0; names && names[i]; i++) {
        if (strcmp(names[i], o->name) == 0) return true;
    }
    return false;
}

static bool is_known(const cd_option_item *item, const cd_option *o)
{
    return is_listed(item->known, o);
}

/* Whether the text must give the option. */
static bool is_required(const cd_option_item *item, const cd_option *o)
{
    return o->required && !is_known(item, o) && !is_listed(item->filled, o);
}

/* The most numbers that an option takes behind its key; in front, where `last` says that no other
 * option takes numbers behind it. */
static int most_numbers(const cd_option *o, bool in_front, bool last)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_SIZES:
        return CD_OPTION_TEXT_SIZES;
    case CD_OPTION_SHAPE:
        return in_front && !(last && o->required) ? 1 : CD_MAX_DIMS;
    case CD_OPTION_PAIR:
        return 2;
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
        return in_front ? 1 : 2;
    default:
        return takes_number(o) ? 1 : 0;
    }
}

int cd_option_rows_in_front(const cd_option_item *item, const cd_option *in[CD_OPTION_TEXT_ROWS])
{
    int count = 0;
    for (const cd_option *o = item->table; o->name && count < item->numbers; o++) {
        if (is_known(item, o)) continue;
        if (takes_number(o)) {
            in[count++] = o;
        } else if (count > 0) {
            break;
        }
        if (o->kind == CD_OPTION_SIZES) break; /* it takes all numbers */
    }
    return count;
}

static uint64_t bit_of(const cd_option_item *item, const cd_option *row)
{
    return (uint64_t)1 << (row - item->table);
}

const cd_option *cd_option_by_key(const cd_option *table, const char *key)
{
    for (const cd_option *o = table; o->name; o++) {
        if (!is_readable(o)) continue;
        if (cd_same_words(o->name, key) || cd_same_words(o->member, key)) return o;
    }
    return NULL;
}

bool cd_option_is_given(const cd_option_item *item, const cd_option *row)
{
    return item->given & bit_of(item, row);
}

/* --- sentences -------------------------------------------------------------------------------- */

const char *cd_option_key(const cd_option *o)
{
    return strchr(o->name, '[') ? o->member : o->name;
}

static void put_upper(const char *name, char *out, size_t size)
{
    char upper[CD_WORD_BYTES];
    size_t n = 0;
    for (; name[n] && n < sizeof upper - 1; n++) {
        const char c = name[n];
        upper[n] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    upper[n] = '\0';
    cd_append_text(out, size, upper);
}

static void put_choices(const cd_option *o, char *out, size_t size)
{
    for (int i = 0; o->choices[i]; i++) {
        cd_append_text(out, size, i > 0 ? " | " : " ");
        cd_append_text(out, size, o->choices[i]);
    }
}

/* " N [N]", " same | valid | N": the values behind a key. */
static void put_values(const cd_option *o, char *out, size_t size)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_CHOICE:
        put_choices(o, out, size);
        return;
    case CD_OPTION_DTYPE:
        cd_append_text(out, size, " float32 | float64");
        return;
    case CD_OPTION_REDUCTION:
        cd_append_text(out, size, " mean | sum | none");
        return;
    case CD_OPTION_SIZES:
    case CD_OPTION_SHAPE:
        cd_append_text(out, size, " N ...");
        return;
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
    case CD_OPTION_PAIR:
        cd_append_text(out, size, " N [N]");
        break;
    case CD_OPTION_REAL:
        cd_append_text(out, size, o->whole ? " N" : " X");
        break;
    default:
        cd_append_text(out, size, " N");
        break;
    }
    if (o->choices) {
        cd_append_text(out, size, " |");
        put_choices(o, out, size);
    } else if (o->kind == CD_OPTION_REAL && o->text) {
        cd_append_text(out, size, " | ");
        cd_append_text(out, size, o->text);
    }
}

/* One option of what an item takes. `front` is 1 in front of the keys, 2 as the last one there. */
static void put_row(const cd_option_item *item, const cd_option *o, int front, char *out,
                    size_t size)
{
    const bool required = is_required(item, o);
    cd_append_text(out, size, *out ? " " : "");
    cd_append_text(out, size, required ? "" : "[");
    if (front > 0) {
        put_upper(cd_option_key(o), out, size);
        const bool many = most_numbers(o, true, front == 2) > 2;
        cd_append_text(out, size, many ? " ..." : o->kind == CD_OPTION_PAIR ? " [N]" : "");
    } else {
        cd_append_text(out, size, o->kind == CD_OPTION_NEGATED ? "no-" : "");
        cd_append_text(out, size, cd_option_key(o));
        if (!is_truth(o)) put_values(o, out, size);
    }
    cd_append_text(out, size, required ? "" : "]");
}

bool cd_option_usage_begin(const char *function, const char *word, char *out, size_t size)
{
    if (out && size > 0) *out = '\0';
    if (!cd_ok()) return false;
    if (word && out && size > 0) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: the word or the text is NULL, or has no room", function);
}

void cd_option_item_usage(const cd_option_item *item, char *out, size_t size)
{
    const cd_option *front[CD_OPTION_TEXT_ROWS];
    const int count = cd_option_rows_in_front(item, front);
    (void)cd_format(out, size, "%s", item->front_usage ? item->front_usage : "");
    for (int i = 0; i < count; i++) put_row(item, front[i], i == count - 1 ? 2 : 1, out, size);
    for (const cd_option *o = item->table; o->name; o++) {
        bool in_front = false;
        for (int i = 0; i < count && !in_front; i++) in_front = front[i] == o;
        if (!in_front && is_readable(o) && !is_known(item, o)) put_row(item, o, 0, out, size);
    }
    for (const cd_option *o = item->table; o->name; o++) {
        if (is_readable(o) && is_known(item, o)) put_row(item, o, 0, out, size);
    }
    if (item->own_usage) {
        cd_append_text(out, size, *out ? " " : "");
        cd_append_text(out, size, item->own_usage);
    }
}

/* Fails with the sentence and with what the item takes. */
static bool refuse(const cd_option_item *item, const char *format, ...) CD_PRINTF(2, 3);
static bool refuse(const cd_option_item *item, const char *format, ...)
{
    char sentence[240], usage[CD_OPTION_TEXT_USAGE];
    va_list arguments;
    va_start(arguments, format);
    (void)cd_vformat(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    cd_option_item_usage(item, usage, sizeof usage);
    return cd_fail(CD_ERR_ARGUMENT, "%s: %s; it takes %s", item->where, sentence,
                   *usage ? usage : "nothing");
}

static bool refuse_key(const cd_option_item *item, const cd_words *w)
{
    const char *best = NULL;
    int distance = INT_MAX;
    char typed[CD_WORD_BYTES];
    cd_plain_word(w->word, typed, sizeof typed);
    for (const cd_option *o = item->table; o->name; o++) {
        const char *names[] = { o->name, o->member };
        for (int i = 0; i < 2 && is_readable(o); i++) {
            char plain[CD_WORD_BYTES];
            const char *near = NULL;
            cd_plain_word(names[i], plain, sizeof plain);
            cd_nearest_offer(typed, plain, &near, &distance);
            if (near) best = i == 0 ? cd_option_key(o) : o->member;
        }
    }
    const bool comma = !best && item->list_of && !*cd_words_hint(w->word);
    return refuse(item, "it has no \"%s\" (column %d)%s%s%s%s%s%s", w->word, w->column,
                  best ? ", did you mean \"" : "", best ? best : "", best ? "\"?" : "",
                  comma ? ", and a comma separates " : "", comma ? item->list_of : "",
                  cd_words_hint(w->word));
}

bool cd_option_item_failed(const cd_option_item *item)
{
    cd_error error;
    if (cd_error_code() == CD_ERR_MEMORY || !cd_error_take(&error)) return false;
    return cd_fail(error.code, "%s: %s", item->where, error.message);
}

/* --- giving ----------------------------------------------------------------------------------- */

bool cd_option_give(cd_option_item *item, const cd_option *row, const cd_option_value *value)
{
    if (!cd_set_option(row, item->options, value, CD_ERR_ARGUMENT, item->where)) return false;
    item->given |= bit_of(item, row);
    return true;
}

static bool is_whole(double number)
{
    return number == trunc(number) && fabs(number) < 0x1p53;
}

static cd_option_value value_of(double number)
{
    if (!is_whole(number)) return (cd_option_value){ .kind = CD_VALUE_REAL, .real = number };
    return (cd_option_value){ .kind = CD_VALUE_INTEGER, .integer = (int64_t)number };
}

bool cd_option_give_number(cd_option_item *item, const cd_option *row, double number)
{
    const cd_option_value truth = { .kind = CD_VALUE_BOOL, .truth = number != 0 },
                          value = value_of(number);
    return cd_option_give(item, row, is_truth(row) ? &truth : &value);
}

/* Each option has one value. */
static bool check_new(const cd_option_item *item, const cd_option *row, int column)
{
    return !cd_option_is_given(item, row) ||
           refuse(item, "\"%s\" is given twice, the second time before column %d",
                  cd_option_key(row), column);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* The numbers that stand in a row of a text. */
typedef struct numbers {
    double number[CD_OPTION_TEXT_SIZES];
    int count; /* of all of them; those beyond the array are counted alone */
} numbers;

static void read_numbers(cd_words *w, numbers *n)
{
    for (n->count = 0; w->is_number; cd_words_next(w), n->count++) {
        if (n->count < CD_OPTION_TEXT_SIZES) n->number[n->count] = w->number;
    }
}

/* Gives a row `count` numbers, of which it takes so many. One for height and width is both. */
static bool give_numbers(cd_option_item *item, const cd_option *row, const double *number,
                         int count)
{
    const bool list = row->kind == CD_OPTION_SIZES || row->kind == CD_OPTION_SHAPE;
    const bool both = row->kind == CD_OPTION_PAIR && count == 1;
    if (!list && !both && count == 1) return cd_option_give_number(item, row, number[0]);
    int64_t *sizes = item->sizes + item->sizes_used;
    const int wanted = both ? 2 : count;
    if (wanted > CD_OPTION_TEXT_SIZES - item->sizes_used) {
        return refuse(item, "its lists have more than %d numbers", CD_OPTION_TEXT_SIZES);
    }
    for (int i = 0; i < wanted; i++) {
        const double n = number[both ? 0 : i];
        if (!is_whole(n)) return cd_refuse_option(row, CD_ERR_ARGUMENT, item->where);
        sizes[i] = (int64_t)n;
    }
    item->sizes_used += wanted;
    const cd_option_value value = { .kind = CD_VALUE_SIZES, .sizes = sizes, .count = wanted };
    return cd_option_give(item, row, &value);
}

/* Gives the numbers directly behind the word to the first rows. */
static bool read_front(cd_option_item *item, cd_words *w)
{
    const cd_option *row[CD_OPTION_TEXT_ROWS];
    const int rows = cd_option_rows_in_front(item, row);
    numbers n;
    read_numbers(w, &n);
    int used = 0;
    for (int i = 0; i < rows && used < n.count && used < CD_OPTION_TEXT_SIZES; i++) {
        const int most = most_numbers(row[i], true, i == rows - 1), left = n.count - used;
        const int taken = left < most ? left : most;
        if (used + taken > CD_OPTION_TEXT_SIZES) break;
        if (!give_numbers(item, row[i], n.number + used, taken)) return false;
        used += taken;
    }
    return used == n.count ||
           refuse(item, "%d number%s behind the word (before column %d), of which %d %s used",
                  n.count, n.count == 1 ? "" : "s", w->column, used, used == 1 ? "is" : "are");
}

/* --- words ------------------------------------------------------------------------------------ */

/* The word of a list that is meant, as the list writes it; NULL if there is none. */
static const char *find_word(const char *const *list, const char *word)
{
    for (int i = 0; list && list[i]; i++) {
        if (cd_same_words(list[i], word)) return list[i];
    }
    return NULL;
}

/* The word behind a key as cd_set_option knows it; NULL if the option has no such word. */
static const char *word_for(const cd_option *o, const char *word)
{
    static const char *const dtypes[] = { "float32", "float64", NULL };
    static const char *const reductions[] = { "mean", "sum", "none", NULL };
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_DTYPE:
        return find_word(dtypes, word);
    case CD_OPTION_REDUCTION:
        return find_word(reductions, word);
    case CD_OPTION_REAL:
        /* "-inf" is not "inf": cd_same_words passes over the sign. */
        if (o->any && strcmp(word, "-inf") == 0) return "-inf";
        if (o->any && cd_same_words(word, "inf") && word[0] != '-') return "inf";
        if (o->any && cd_same_words(word, "nan")) return "nan";
        return o->text && cd_same_words(word, o->text) ? o->text : NULL;
    default:
        return find_word(o->choices, word);
    }
}

/* Reads a truth: nothing, "true" or "false" behind the key. */
static bool read_truth(cd_option_item *item, cd_words *w, const cd_option *row, bool truth)
{
    if (cd_same_words(w->word, "true") || cd_same_words(w->word, "false")) {
        if (cd_same_words(w->word, "false")) truth = !truth;
        cd_words_next(w);
    }
    const cd_option_value value = { .kind = CD_VALUE_BOOL, .truth = truth };
    return cd_option_give(item, row, &value);
}

/* Reads the height and width of a PAIR, where a "none" is -1. */
static bool read_pair(cd_option_item *item, cd_words *w, const cd_option *row)
{
    double number[3];
    int count = 0;
    for (; count < 3; cd_words_next(w), count++) {
        const bool none = !w->is_number && cd_same_words(w->word, "none");
        if (!w->is_number && !none) break;
        number[count] = none ? -1 : w->number;
    }
    if (count == 0 || count > 2) return cd_refuse_option(row, CD_ERR_ARGUMENT, item->where);
    return give_numbers(item, row, number, count);
}

/* Reads the values behind the key of an option. */
static bool read_values(cd_option_item *item, cd_words *w, const cd_option *row)
{
    if (row->kind == CD_OPTION_PAIR) return read_pair(item, w, row);
    const char *word = w->is_number ? NULL : word_for(row, w->word);
    if (word) {
        cd_words_next(w);
        const cd_option_value value = { .kind = CD_VALUE_TEXT, .text = word };
        return cd_option_give(item, row, &value);
    }
    const int most = most_numbers(row, false, true);
    if (!w->is_number) {
        return refuse(item, "\"%s\" (before column %d) has no value%s%s%s", cd_option_key(row),
                      w->column, cd_words_end_item(w) ? "" : ", and \"",
                      cd_words_end_item(w) ? "" : w->word,
                      cd_words_end_item(w) ? "" : "\" is none");
    }
    if (most == 0) return cd_refuse_option(row, CD_ERR_ARGUMENT, item->where);
    numbers n;
    read_numbers(w, &n);
    if (n.count > most) {
        return refuse(item, "\"%s\" has %d numbers (before column %d)", cd_option_key(row), n.count,
                      w->column);
    }
    return give_numbers(item, row, n.number, n.count);
}

/* The stem of "betas[0]" is "betas"; of "beta" there is none. */
static bool is_stem(const cd_option *o, const char *key)
{
    char stem[CD_WORD_BYTES];
    const char *end = strstr(o->name, "[0]");
    if (!end || (size_t)(end - o->name) >= sizeof stem) return false;
    memcpy(stem, o->name, (size_t)(end - o->name));
    stem[end - o->name] = '\0';
    return cd_same_words(stem, key);
}

/* Reads the two numbers of "betas", whose rows follow each other. */
static bool read_both(cd_option_item *item, cd_words *w, const cd_option *row)
{
    char key[CD_WORD_BYTES];
    memcpy(key, w->word, sizeof key);
    if (!check_new(item, row, w->column) || !check_new(item, row + 1, w->column)) return false;
    cd_words_next(w);
    numbers n;
    read_numbers(w, &n);
    if (n.count != 2) {
        return refuse(item, "\"%s\" has %d number%s (before column %d), and must have 2", key,
                      n.count, n.count == 1 ? "" : "s", w->column);
    }
    return cd_option_give_number(item, row, n.number[0]) &&
           cd_option_give_number(item, row + 1, n.number[1]);
}

/* The truth that a key switches off, "no-bias" or "no_bias"; NULL if it is no such key. */
static const cd_option *find_switched_off(const cd_option *table, const char *key)
{
    char plain[CD_WORD_BYTES];
    cd_plain_word(key, plain, sizeof plain);
    if (strncmp(plain, "no", 2) != 0) return NULL;
    for (const cd_option *o = table; o->name; o++) {
        if (is_truth(o) && cd_same_words(o->name, plain + 2)) return o;
    }
    return NULL;
}

static bool read_key(cd_option_item *item, cd_words *w)
{
    if (item->own_key && item->own_key(item, w)) return true;
    if (!cd_ok()) return false;
    for (const cd_option *o = item->table; o->name; o++) {
        if (is_stem(o, w->word)) return read_both(item, w, o);
    }
    const cd_option *row = cd_option_by_key(item->table, w->word), *off = NULL;
    if (!row) row = off = find_switched_off(item->table, w->word);
    if (!row) return refuse_key(item, w);
    /* no_bias is the field of this library's that is the negation of PyTorch's bias. */
    const bool negation = row->kind == CD_OPTION_NEGATED && !cd_same_words(row->name, w->word);
    if (!check_new(item, row, w->column)) return false;
    cd_words_next(w);
    return is_truth(row) ? read_truth(item, w, row, !off && !negation) : read_values(item, w, row);
}

bool cd_option_item_read(cd_option_item *item, cd_words *w)
{
    int rows = 0;
    while (item->table[rows].name) rows++;
    if (rows > CD_OPTION_TEXT_ROWS) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: its table has more than %d options", item->where,
                       CD_OPTION_TEXT_ROWS);
    }
    if (!read_front(item, w)) return false;
    while (!cd_words_end_item(w)) {
        if (!read_key(item, w)) return false;
    }
    return true;
}

bool cd_option_item_check(const cd_option_item *item)
{
    for (const cd_option *o = item->table; o->name; o++) {
        if (o->required && !cd_option_is_given(item, o)) {
            return refuse(item, "\"%s\" is missing", cd_option_key(o));
        }
    }
    return true;
}
