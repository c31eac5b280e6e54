/* Parses a command's words by its table of options, and says what is wrong with them. */
#include "apps/options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "apps/console.h"
#include "apps/help_text.h"

const option common_option_list[] = {
    { .name = "threads",
      .argument = "N",
      .help = "processors to use; results do not depend on it (default: all there are)",
      .type = OPTION_INTEGER,
      .offset = offsetof(common_options, threads),
      .min = 1,
      .max = 256 },
    { .name = "seed",
      .argument = "N",
      .default_value = "0",
      .help = "start of the random numbers; the same seed gives the same result",
      .type = OPTION_INTEGER,
      .offset = offsetof(common_options, seed),
      .min = 0,
      .max = 4294967295.0 },
    { .name = "json",
      .help = "write one JSON object to standard output instead of text",
      .type = OPTION_FLAG,
      .offset = offsetof(common_options, json) },
    { .name = "quiet",
      .help = "no progress and no warnings on standard error, errors only",
      .type = OPTION_FLAG,
      .offset = offsetof(common_options, quiet) },
    { .name = "color",
      .also = "colour",
      .argument = "WHEN",
      .default_value = "auto",
      .help =
          "bold and colours: auto, on terminals that have them, as NO_COLOR and FORCE_COLOR say; "
          "always; or never",
      .type = OPTION_CHOICE,
      .offset = offsetof(common_options, color),
      .choices = "auto|always|never" },
    { .name = "help",
      .help = "show this text",
      .type = OPTION_FLAG,
      .offset = offsetof(common_options, help) },
};
const size_t common_option_count = sizeof common_option_list / sizeof *common_option_list;

/* The most bytes of a sentence. The words that it quotes may be longer, and it is then cut, between
 * characters. */
enum { SENTENCE_BYTES = 1024 };

int used_wrongly(const command *c, const char *format, ...)
{
    char text[SENTENCE_BYTES + LONGEST_CHARACTER], sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)failed("%s (\"%s help %s\" shows how it is used)",
                 cd_escape_text(sentence, sizeof sentence, text), program_name(), c->name);
    return 2;
}

/* --- values ----------------------------------------------------------------------------------- */

/* strtoll and strtod accept more than a number: spaces and a plus before it, "inf", "nan". */
static bool begins_number(const char *text)
{
    return *text && strchr("-.0123456789", *text);
}

/* Reads an integer; *end becomes the text after it. */
static bool read_integer(const char *text, const char **end, int64_t *out)
{
    char *after;
    errno = 0;
    if (!begins_number(text)) return false;
    long long value = strtoll(text, &after, 10);
    if (after == text || errno) return false;
    *out = value;
    *end = after;
    return true;
}

static bool set_integer(const option *o, const char *text, int64_t *out)
{
    const char *end;
    int64_t value;
    if (!read_integer(text, &end, &value) || *end || (double)value < o->min ||
        (double)value > o->max) {
        return false;
    }
    *out = value;
    return true;
}

static bool set_number(const option *o, const char *text, double *out)
{
    char *end;
    errno = 0;
    if (!begins_number(text)) return false;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value < o->min || value > o->max) {
        return false;
    }
    *out = value;
    return true;
}

static bool set_sizes(const option *o, const char *text, sizes *out)
{
    sizes list = { .given = true };
    for (const char *at = strcmp(text, "none") == 0 ? NULL : text; at; at++) {
        int64_t value;
        if (list.count == SIZES_MAX || !read_integer(at, &at, &value) || (*at && *at != ',') ||
            (double)value < o->min || (double)value > o->max) {
            return false;
        }
        list.value[list.count++] = value;
        if (!*at) break;
    }
    *out = list;
    return true;
}

/* Copies the first word of a list, "cosine|constant", to `word`, and returns the rest of the list;
 * NULL for an empty list. */
static const char *next_choice(const char *list, char *word, size_t bytes)
{
    if (!*list) return NULL;
    size_t length = strcspn(list, "|");
    (void)snprintf(word, bytes, "%.*s", (int)length, list);
    return list + length + (list[length] == '|');
}

static bool is_choice(const option *o, const char *text)
{
    char word[32];
    for (const char *at = o->choices; (at = next_choice(at, word, sizeof word));) {
        if (strcmp(word, text) == 0) return true;
    }
    return false;
}

static bool set_value(const option *o, const char *text, void *values)
{
    void *out = (char *)values + o->offset;
    switch (o->type) {
    case OPTION_FLAG:
        *(bool *)out = true;
        return true;
    case OPTION_CHOICE:
        if (!is_choice(o, text)) return false;
        *(const char **)out = text;
        return true;
    case OPTION_TEXT:
        *(const char **)out = text;
        return *text != '\0';
    case OPTION_INTEGER:
        return set_integer(o, text, out);
    case OPTION_NUMBER:
        return set_number(o, text, out);
    case OPTION_SIZES:
        return set_sizes(o, text, out);
    }
    return false;
}

static void refuse_choice(const command *c, const option *o, const char *text)
{
    enum { MOST = 8 };
    char word[MOST][32], list[MOST * 36];
    const char *words[MOST], *nearest = NULL;
    int count = 0, distance = INT_MAX;
    const char *at = o->choices;
    while (count < MOST && (at = next_choice(at, word[count], sizeof word[count]))) {
        words[count] = word[count];
        cd_nearest_offer(text, words[count++], &nearest, &distance);
    }
    if (count < 2) nearest = NULL; /* the sentence names the only choice anyway */
    (void)used_wrongly(
        c, "--%s cannot be \"%s\": it %s %s%s%s%s", o->name, text, count < 2 ? "can only be" : "is",
        listed(words, count, " or ", list, sizeof list), nearest ? "; did you mean " : "",
        nearest ? nearest : "", nearest ? "?" : "");
}

static bool refuse_value(const command *c, const option *o, const char *text)
{
    switch (o->type) {
    case OPTION_CHOICE:
        refuse_choice(c, o, text);
        break;
    case OPTION_TEXT:
    case OPTION_FLAG:
        (void)used_wrongly(c, "--%s needs a value that is not empty: %s", o->name, o->argument);
        break;
    case OPTION_INTEGER:
        (void)used_wrongly(c, "--%s cannot be \"%s\": it is a whole number from %.0f to %.0f",
                           o->name, text, o->min, o->max);
        break;
    case OPTION_NUMBER:
        (void)used_wrongly(c, "--%s cannot be \"%s\": it is a number from %g to %g", o->name, text,
                           o->min, o->max);
        break;
    case OPTION_SIZES:
        (void)used_wrongly(c,
                           "--%s cannot be \"%s\": it is whole numbers from %.0f to %.0f with "
                           "commas between, %d at most, or none",
                           o->name, text, o->min, o->max, SIZES_MAX);
        break;
    }
    return false;
}

/* --- words ------------------------------------------------------------------------------------ */

/* The options that a command takes, by index: its own, then the common ones. */
static const option *option_at(const command *c, size_t i)
{
    return i < c->option_count ? &c->options[i] : &common_option_list[i - c->option_count];
}

static size_t options_of(const command *c)
{
    return c->option_count + common_option_count;
}

/* The index of the option whose name is the `length` letters at `name`; options_of(c) for none. */
static size_t find_option(const command *c, const char *name, size_t length)
{
    size_t count = options_of(c), i = 0;
    for (; i < count; i++) {
        const char *known = option_at(c, i)->name;
        if (strlen(known) == length && memcmp(known, name, length) == 0) break;
    }
    return i;
}

/* `word` is no option of the command; it begins with one dash, or with two as options do. */
static bool refuse_option(const command *c, const char *word)
{
    char typed[SENTENCE_BYTES + LONGEST_CHARACTER];
    const char *dashes = word[1] == '-' ? "--" : "-", *name = word + strlen(dashes);
    (void)snprintf(typed, sizeof typed, "%.*s", (int)strcspn(name, "="), name);
    const char *nearest = NULL;
    int distance = INT_MAX;
    for (size_t i = 0; i < options_of(c); i++) {
        const option *o = option_at(c, i);
        cd_nearest_offer(typed, o->name, &nearest, &distance);
        if (o->also && strcmp(typed, o->also) == 0) {
            nearest = o->name;
            break;
        }
    }
    (void)used_wrongly(c, "there is no option %s%s%s%s%s", dashes, typed,
                       nearest      ? "; did you mean --"
                       : !dashes[1] ? "; options begin with two dashes"
                                    : "",
                       nearest ? nearest : "", nearest ? "?" : "");
    return false;
}

/* Takes the option at argv[*i], and its value, which may be the next word. given[i] tells whether
 * the option with index i has been given already. */
static bool take_option(const command *c, int argc, char **argv, int *i, void *values, bool *given)
{
    const char *word = argv[*i] + 2;
    size_t length = strcspn(word, "="), index = find_option(c, word, length);
    if (index == options_of(c)) return refuse_option(c, argv[*i]);
    const option *o = option_at(c, index);
    const char *text = word[length] == '=' ? word + length + 1 : NULL;
    if (given[index] && o->type != OPTION_FLAG) {
        (void)used_wrongly(c, "--%s is given twice", o->name);
        return false;
    }
    given[index] = true;
    if (o->type == OPTION_FLAG && text) {
        (void)used_wrongly(c, "--%s takes no value, and \"%s\" is given", o->name, text);
        return false;
    }
    if (o->type != OPTION_FLAG && !text) {
        /* A word that begins with two dashes is the next option, and no value. */
        if (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0) {
            (void)used_wrongly(c, "--%s needs a value: --%s %s", o->name, o->name, o->argument);
            return false;
        }
        text = argv[++*i];
    }
    return set_value(o, text ? text : "", values) || refuse_value(c, o, text);
}

static bool set_defaults(const command *c, void *values)
{
    for (size_t i = 0; i < options_of(c); i++) {
        const option *o = option_at(c, i);
        if (o->unset_is_nan) *(double *)(void *)((char *)values + o->offset) = (double)NAN;
        if (o->default_value && !set_value(o, o->default_value, values)) {
            return refuse_value(c, o, o->default_value);
        }
    }
    return true;
}

/* Whether the required options and the operands are given, and no operand too many. */
static bool check_all_given(const command *c, const bool *given, int operands, char **words)
{
    if (operands < c->min_operands) {
        char usage[USAGE_BYTES];
        (void)used_wrongly(c, "%.*s is missing: %s", (int)strcspn(c->operands, " "), c->operands,
                           usage_of(c, usage));
        return false;
    }
    if (operands > c->max_operands) {
        (void)used_wrongly(c, "\"%s\" is one word too many%s", words[c->max_operands],
                           c->max_operands == 0 ? ": every value stands after its option" : "");
        return false;
    }
    for (size_t i = 0; i < c->option_count; i++) {
        const option *o = &c->options[i];
        if (!o->required || given[i]) continue;
        (void)used_wrongly(c, "--%s %s is missing: %s", o->name, o->argument, o->help);
        return false;
    }
    return true;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    }
    return false;
}

const char *color_word(int argc, char **argv)
{
    static const char name[] = "--color";
    enum { NAME = sizeof name - 1 };
    const char *word = NULL;
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], name, NAME) != 0) continue;
        if (argv[i][NAME] == '=') word = argv[i] + NAME + 1;
        if (!argv[i][NAME] && i + 1 < argc) word = argv[i + 1];
    }
    return word;
}

bool parse_options(const command *c, int argc, char **argv, void *values, char **operands,
                   int *operand_count)
{
    enum { MOST_OPTIONS = 64 };
    bool given[MOST_OPTIONS] = { false }, only_operands = false;
    *operand_count = 0;
    if (asks_for_help(argc, argv)) {
        ((common_options *)values)->help = true;
        return true;
    }
    if (!set_defaults(c, values)) return false;
    for (int i = 0; i < argc; i++) {
        bool is_option = !only_operands && argv[i][0] == '-' && argv[i][1];
        if (!is_option) {
            operands[(*operand_count)++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if (argv[i][1] != '-') {
            return refuse_option(c, argv[i]);
        } else if (!take_option(c, argc, argv, &i, values, given)) {
            return false;
        }
    }
    for (size_t i = 0; i < MOST_OPTIONS; i++) {
        if (given[i]) ((common_options *)values)->given |= UINT64_C(1) << i;
    }
    return check_all_given(c, given, *operand_count, operands);
}

bool option_given(const command *c, const void *values, const char *name)
{
    const size_t index = find_option(c, name, strlen(name));
    return index < options_of(c) && ((const common_options *)values)->given >> index & 1;
}
