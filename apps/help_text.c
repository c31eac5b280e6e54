/* Writes the help texts, wrapped to the width of the terminal. */
#include "apps/help_text.h"

#include <string.h>

#include "apps/console.h"

static char program[SHOWN_BYTES] = "candela";

void set_program_name(const char *name)
{
    if (name) (void)shown(name, 0, program);
}

const char *program_name(void)
{
    return program;
}

/* The columns of a line: what is comfortable to read, or fewer where the terminal has fewer. */
static int line_width(FILE *stream)
{
    enum { COMFORTABLE = 90 };
    int columns = columns_of(stream);
    return columns > 0 && columns < COMFORTABLE ? columns : COMFORTABLE;
}

/* Writes a text in a style; returns its columns. */
static int put(FILE *stream, style s, const char *text)
{
    style_colors colors = colors_of(stream);
    fprintf(stream, "%s%s%s", style_on(s, colors), text, style_off(s, colors));
    return cells(text);
}

/* Writes a bold head, a plain text that belongs to it, and the text beside them from column
 * `indent` on. In a narrow window, or after a long head, the text begins on the next line. */
static void show_entry(FILE *stream, const char *head, const char *after, const char *text,
                       int indent)
{
    int width = line_width(stream), column = put(stream, STYLE_PLAIN, "  ");
    column += put(stream, STYLE_STRONG, head);
    column += put(stream, STYLE_PLAIN, after);
    if (width < 2 * indent) indent = 4;
    if (column > indent - 2) {
        (void)fputc('\n', stream);
        column = 0;
    }
    fprintf(stream, "%*s", indent - column, "");
    wrap(stream, text, indent, indent, width);
}

/* The length of the next word, or of an option with its value, which stay on one line. */
static int next_length(const char *at)
{
    size_t length = strcspn(at, " ");
    bool has_value = strncmp(at, "--", 2) == 0 && at[length] && strncmp(at + length, " --", 3) != 0;
    return (int)(has_value ? length + 1 + strcspn(at + length + 1, " ") : length);
}

/* Writes the program's name and `words` as a command to be typed. A long one goes on in the next
 * line after a backslash, which a shell understands. */
static void show_call(FILE *stream, const char *words, int width)
{
    enum { INDENT = 6 };
    int column = 2 + cells(program);
    fprintf(stream, "  %s", program);
    while (*words) {
        int length = next_length(words);
        /* The last word needs no room for a backslash. */
        bool fits = column + 1 + length + (words[length] ? 2 : 0) <= width;
        fprintf(stream, fits ? " %.*s" : " \\\n      %.*s", length, words);
        column = (fits ? column + 1 : INDENT) + length;
        words += length + (words[length] == ' ');
    }
    (void)fputc('\n', stream);
}

/* Writes the lines of an example, which all begin with "candela ". */
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
    char head[64], after[64], text[1024];
    (void)snprintf(head, sizeof head, "--%s", o->name);
    (void)snprintf(after, sizeof after, "%s%s", o->argument ? " " : "",
                   o->argument ? o->argument : "");
    if (o->default_value) {
        (void)snprintf(text, sizeof text, "%s (default: %s%s%s)", o->help, o->default_value,
                       o->csv_default ? "; CSV: " : "", o->csv_default ? o->csv_default : "");
    } else {
        (void)snprintf(text, sizeof text, "%s%s", o->help, o->required ? " (needed)" : "");
    }
    show_entry(stream, head, after, text, INDENT);
}

const char *usage_of(const command *c, char text[USAGE_BYTES])
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
    int column = put(stream, STYLE_STRONG, "usage:") + put(stream, STYLE_PLAIN, " ");
    wrap(stream, usage_of(c, usage), column, column, line_width(stream));
}

static void show_section(FILE *stream, const char *name)
{
    (void)put(stream, STYLE_STRONG, name);
    (void)fputc('\n', stream);
}

/* Writes the heading of the group of options that begins with o. */
static void show_group(FILE *stream, const option *o, bool is_first)
{
    char heading[64];
    (void)snprintf(heading, sizeof heading, "%s:", o->group ? o->group : "options");
    if (!is_first) (void)fputc('\n', stream);
    show_section(stream, heading);
}

void show_command(FILE *stream, const command *c)
{
    int column = put(stream, STYLE_STRONG, "candela ") + put(stream, STYLE_STRONG, c->name) +
                 put(stream, STYLE_PLAIN, ": ");
    wrap(stream, c->summary, column, 0, line_width(stream));
    (void)fputc('\n', stream);
    show_usage(stream, c);
    (void)fputc('\n', stream);
    if (c->details) {
        wrap(stream, c->details, 0, 0, line_width(stream));
        (void)fputc('\n', stream);
    }
    for (size_t i = 0; i < c->option_count; i++) {
        if (i == 0 || c->options[i].group) show_group(stream, &c->options[i], i == 0);
        show_option(stream, &c->options[i]);
    }
    if (c->option_count > 0) (void)fputc('\n', stream);
    show_section(stream, "options of every command:");
    for (size_t i = 0; i < common_option_count; i++) {
        const option *o = &common_option_list[i];
        if (c->draws_numbers || o->offset != offsetof(common_options, seed)) show_option(stream, o);
    }
    (void)fputc('\n', stream);
    show_section(stream, "example:");
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
    int column = put(stream, STYLE_STRONG, "usage:") + put(stream, STYLE_PLAIN, " ");
    (void)snprintf(text, sizeof text, "%s COMMAND [OPTIONS]", program);
    wrap(stream, text, column, column, width);
    (void)fputc('\n', stream);
    show_section(stream, "commands:");
    for (; *list; list++) show_entry(stream, (*list)->name, "", (*list)->summary, INDENT);
    (void)fputc('\n', stream);
    wrap(stream, "To begin, with the pictures of Debian's package dataset-fashion-mnist:", 0, 0,
         width);
    show_calls(stream, "candela train --data fashion-mnist --out fashion.safetensors\n"
                       "candela eval fashion.safetensors --data fashion-mnist\n"
                       "candela predict fashion.safetensors --data fashion-mnist");
    (void)snprintf(text, sizeof text,
                   "\"%s help COMMAND\" shows the options of a command, with an example.", program);
    (void)fputc('\n', stream);
    wrap(stream, text, 0, 0, width);
    wrap(stream,
         "Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C, 143 by SIGTERM, 129 "
         "by SIGHUP.",
         0, 0, width);
}
