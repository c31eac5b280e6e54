#include "apps/help.h"

#include <string.h>

#include "apps/console.h"

static char program[SHOWN_BYTES] = "candela";

void help_called(const char *called)
{
    if (called) (void)shown(called, 0, program);
}

const char *program_called(void)
{
    return program;
}

/* Columns of the lines: what is comfortable to read, or what the terminal has. */
static int line_width(FILE *stream)
{
    enum { COMFORTABLE = 90 };
    int columns = columns_of(stream);
    return columns > 0 && columns < COMFORTABLE ? columns : COMFORTABLE;
}

/* A head, and beside it, behind `indent` columns, what it means; in a narrow window below it. */
static void show_entry(FILE *stream, const char *head, const char *text, int indent)
{
    int width = line_width(stream), column = fprintf(stream, "  %s", head);
    if (width < 2 * indent) indent = 4;
    if (column > indent - 2) {
        (void)fputc('\n', stream);
        column = 0;
    }
    fprintf(stream, "%*s", indent - column, "");
    wrap(stream, text, indent, indent, width);
}

/* Letters of the next word; of an option and its value, which stay on one line, both. */
static int next_words(const char *at)
{
    size_t length = strcspn(at, " ");
    bool has_value = strncmp(at, "--", 2) == 0 && at[length] && strncmp(at + length, " --", 3) != 0;
    return (int)(has_value ? length + 1 + strcspn(at + length + 1, " ") : length);
}

/* The program and `words` as they are typed; where that is too long it goes on in the next line,
 * behind a backslash, as a shell takes it. */
static void show_call(FILE *stream, const char *words, int width)
{
    enum { INDENT = 6 };
    int column = 2 + cells(program);
    fprintf(stream, "  %s", program);
    while (*words) {
        int length = next_words(words);
        /* The last word needs no place for a backslash. */
        bool fits = column + 1 + length + (words[length] ? 2 : 0) <= width;
        fprintf(stream, fits ? " %.*s" : " \\\n      %.*s", length, words);
        column = (fits ? column + 1 : INDENT) + length;
        words += length + (words[length] == ' ');
    }
    (void)fputc('\n', stream);
}

/* Lines that begin with "candela ". */
static void show_calls(FILE *stream, const char *lines)
{
    static const char name[] = "candela ";
    enum { NAME = sizeof name - 1, LONGEST = 256 };
    while (*lines) {
        char words[LONGEST];
        size_t length = strcspn(lines, "\n");
        (void)snprintf(words, sizeof words, "%.*s", (int)(length - NAME), lines + NAME);
        show_call(stream, words, line_width(stream));
        lines += length + (lines[length] == '\n');
    }
}

static void show_option(FILE *stream, const option *o)
{
    enum { INDENT = 26 };
    char head[64], text[1024];
    (void)snprintf(head, sizeof head, "--%s%s%s", o->name, o->argument ? " " : "",
                   o->argument ? o->argument : "");
    (void)snprintf(text, sizeof text, "%s%s%s%s", o->help, o->initial ? " (default: " : "",
                   o->initial ? o->initial : "",
                   o->initial    ? ")"
                   : o->required ? " (needed)"
                                 : "");
    show_entry(stream, head, text, INDENT);
}

const char *usage_of(const command *c, char *text)
{
    int used = snprintf(text, USAGE_BYTES, "%s %s%s%s", program, c->name, *c->operands ? " " : "",
                        c->operands);
    for (size_t i = 0; i < c->option_count; i++) {
        const option *o = &c->options[i];
        if (!o->required) continue;
        used += snprintf(text + used, USAGE_BYTES - (size_t)used, " --%s %s", o->name, o->argument);
    }
    (void)snprintf(text + used, USAGE_BYTES - (size_t)used, " [OPTIONS]");
    return text;
}

static void show_usage(FILE *stream, const command *c)
{
    char usage[USAGE_BYTES];
    wrap(stream, usage_of(c, usage), fprintf(stream, "usage: "), 7, line_width(stream));
}

void show_command(FILE *stream, const command *c)
{
    int column = fprintf(stream, "candela %s: ", c->name);
    wrap(stream, c->does, column, 0, line_width(stream));
    (void)fputc('\n', stream);
    show_usage(stream, c);
    (void)fputc('\n', stream);
    if (c->details) {
        wrap(stream, c->details, 0, 0, line_width(stream));
        (void)fputc('\n', stream);
    }
    for (size_t i = 0; i < c->option_count; i++) show_option(stream, &c->options[i]);
    if (c->option_count > 0) (void)fputc('\n', stream);
    for (size_t i = 0; i < common_option_count; i++) show_option(stream, &common_option_list[i]);
    fprintf(stream, "\nexample:\n");
    show_calls(stream, c->example);
}

void show_commands(FILE *stream, const command *const *list)
{
    enum { INDENT = 12 };
    char text[SHOWN_BYTES + 128];
    int width = line_width(stream);
    wrap(stream, "candela trains and evaluates neural networks, and predicts with them.", 0, 0,
         width);
    (void)fputc('\n', stream);
    (void)snprintf(text, sizeof text, "usage: %s COMMAND [OPTIONS]", program);
    wrap(stream, text, 0, 7, width);
    (void)fputc('\n', stream);
    for (; *list; list++) show_entry(stream, (*list)->name, (*list)->does, INDENT);
    (void)fputc('\n', stream);
    wrap(stream, "To begin, with the pictures of Debian's package dataset-fashion-mnist:", 0, 0,
         width);
    show_calls(stream, "candela train --data fashion-mnist --out fashion.safetensors\n"
                       "candela eval fashion.safetensors --data fashion-mnist\n"
                       "candela predict fashion.safetensors --data fashion-mnist");
    (void)snprintf(text, sizeof text,
                   "\"%s help COMMAND\" shows the options of one, with an example.", program);
    (void)fputc('\n', stream);
    wrap(stream, text, 0, 0, width);
    wrap(
        stream,
        "Exit status: 0 done, 1 failed, 2 used wrongly, 130 stopped by Ctrl-C, 143 by SIGTERM, 129 "
        "by SIGHUP.",
        0, 0, width);
}
