#include "apps/options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "apps/console.h"
#include "apps/help.h"

const option common_option_list[] = {
    { .name = "threads",
      .argument = "N",
      .help = "processors to use; results do not depend on it (default: all there are)",
      .type = OPTION_WHOLE,
      .at = offsetof(common_options, threads),
      .least = 1,
      .most = 256 },
    { .name = "seed",
      .argument = "N",
      .initial = "0",
      .help = "start of the random numbers; the same seed gives the same result",
      .type = OPTION_WHOLE,
      .at = offsetof(common_options, seed),
      .least = 0,
      .most = 4294967295.0 },
    { .name = "json",
      .help = "write one JSON object to standard output instead of text",
      .type = OPTION_FLAG,
      .at = offsetof(common_options, json) },
    { .name = "quiet",
      .help = "no progress and no warnings on standard error, errors only",
      .type = OPTION_FLAG,
      .at = offsetof(common_options, quiet) },
    { .name = "help",
      .help = "show this text",
      .type = OPTION_FLAG,
      .at = offsetof(common_options, help) },
};
const size_t common_option_count = sizeof common_option_list / sizeof *common_option_list;

/* Words that were typed may have any length: what is longer is cut, between characters. */
enum { SENTENCE_BYTES = 1024 };

int used_wrongly(const command *c, const char *format, ...)
{
    char text[SENTENCE_BYTES + LONGEST_CHARACTER], sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)failed("%s (\"%s help %s\" shows how it is used)",
                 cd_escape_text(sentence, sizeof sentence, text), program_called(), c->name);
    return 2;
}

/* --- values ----------------------------------------------------------------------------------- */

/* strtoll and strtod take more than they should: spaces before a number, a plus, words. */
static bool begins_number(const char *text)
{
    return *text && strchr("-.0123456789", *text);
}

/* A whole number, and nothing after it but `end`. */
static bool read_whole(const char *text, const char **end, int64_t *out)
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

static bool set_whole(const option *o, const char *text, int64_t *out)
{
    const char *end;
    int64_t value;
    if (!read_whole(text, &end, &value) || *end || (double)value < o->least ||
        (double)value > o->most) {
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
    if (end == text || *end || !isfinite(value) || value < o->least || value > o->most) {
        return false;
    }
    *out = value;
    return true;
}

static bool set_sizes(const option *o, const char *text, sizes *out)
{
    sizes list = { .count = 0 };
    for (const char *at = strcmp(text, "none") == 0 ? NULL : text; at; at++) {
        int64_t value;
        if (list.count == SIZES_MAX || !read_whole(at, &at, &value) || (*at && *at != ',') ||
            (double)value < o->least || (double)value > o->most) {
            return false;
        }
        list.value[list.count++] = value;
        if (!*at) break;
    }
    *out = list;
    return true;
}

/* The next word of "cosine|constant" as text of its own; NULL at the end. */
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
    void *out = (char *)values + o->at;
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
    case OPTION_WHOLE:
        return set_whole(o, text, out);
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
    const char *words[MOST], *near = NULL;
    int count = 0, apart = INT_MAX;
    const char *at = o->choices;
    while (count < MOST && (at = next_choice(at, word[count], sizeof word[count]))) {
        words[count] = word[count];
        cd_nearest_offer(text, words[count++], &near, &apart);
    }
    if (count < 2) near = NULL; /* it has been named already */
    (void)used_wrongly(c, "--%s cannot be \"%s\": it %s %s%s%s%s", o->name, text,
                       count < 2 ? "can only be" : "is",
                       listed(words, count, " or ", list, sizeof list),
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
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
    case OPTION_WHOLE:
        (void)used_wrongly(c, "--%s cannot be \"%s\": it is a whole number from %.0f to %.0f",
                           o->name, text, o->least, o->most);
        break;
    case OPTION_NUMBER:
        (void)used_wrongly(c, "--%s cannot be \"%s\": it is a number from %g to %g", o->name, text,
                           o->least, o->most);
        break;
    case OPTION_SIZES:
        (void)used_wrongly(c,
                           "--%s cannot be \"%s\": it is whole numbers from %.0f to %.0f with "
                           "commas between, %d at most, or none",
                           o->name, text, o->least, o->most, SIZES_MAX);
        break;
    }
    return false;
}

/* --- words ------------------------------------------------------------------------------------ */

/* Options of the command and those of all, by one number. */
static const option *option_at(const command *c, size_t i)
{
    return i < c->option_count ? &c->options[i] : &common_option_list[i - c->option_count];
}

static size_t options_of(const command *c)
{
    return c->option_count + common_option_count;
}

/* By the `length` letters at `name`; the number of options when there is none. */
static size_t find_option(const command *c, const char *name, size_t length)
{
    size_t count = options_of(c), i = 0;
    for (; i < count; i++) {
        const char *known = option_at(c, i)->name;
        if (strlen(known) == length && memcmp(known, name, length) == 0) break;
    }
    return i;
}

/* `word` has one dash before it, or two, as options have. */
static bool refuse_option(const command *c, const char *word)
{
    char typed[SENTENCE_BYTES + LONGEST_CHARACTER];
    const char *dashes = word[1] == '-' ? "--" : "-", *name = word + strlen(dashes);
    (void)snprintf(typed, sizeof typed, "%.*s", (int)strcspn(name, "="), name);
    const char *best = NULL;
    int apart = INT_MAX;
    for (size_t i = 0; i < options_of(c); i++) {
        cd_nearest_offer(typed, option_at(c, i)->name, &best, &apart);
    }
    (void)used_wrongly(c, "there is no option %s%s%s%s%s", dashes, typed,
                       best         ? "; did you mean --"
                       : !dashes[1] ? "; options begin with two dashes"
                                    : "",
                       best ? best : "", best ? "?" : "");
    return false;
}

/* One option at argv[*i], and its value, which may be the word after it. */
static bool take_option(const command *c, int argc, char **argv, int *i, void *values, bool *given)
{
    const char *word = argv[*i] + 2;
    size_t length = strcspn(word, "="), which = find_option(c, word, length);
    if (which == options_of(c)) return refuse_option(c, argv[*i]);
    const option *o = option_at(c, which);
    const char *text = word[length] == '=' ? word + length + 1 : NULL;
    if (given[which] && o->type != OPTION_FLAG) {
        (void)used_wrongly(c, "--%s is given twice", o->name);
        return false;
    }
    given[which] = true;
    if (o->type == OPTION_FLAG && text) {
        (void)used_wrongly(c, "--%s takes no value, and \"%s\" is given", o->name, text);
        return false;
    }
    if (o->type != OPTION_FLAG && !text) {
        /* A word that begins with two dashes is the next option, not this one's value. */
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
        if (o->initial && !set_value(o, o->initial, values)) return refuse_value(c, o, o->initial);
    }
    return true;
}

static bool check_all_there(const command *c, const bool *given, int operands, char **words)
{
    if (operands < c->least_operands) {
        char usage[USAGE_BYTES];
        (void)used_wrongly(c, "%.*s is missing: %s", (int)strcspn(c->operands, " "), c->operands,
                           usage_of(c, usage));
        return false;
    }
    if (operands > c->most_operands) {
        (void)used_wrongly(c, "\"%s\" is one word too many%s", words[c->most_operands],
                           c->most_operands == 0 ? ": every value stands after its option" : "");
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
    return check_all_there(c, given, *operand_count, operands);
}
