#include "apps/help.h"

#include <string.h>

enum { WIDTH = 90, INDENT = 26 };

/* Words of `text`, broken into lines; `column` is where the first stands, `indent` the others. */
static void wrap(FILE *stream, const char *text, int column, int indent)
{
    bool first = true;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (!first && column + 1 + length > WIDTH) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            (void)fputc(' ', stream);
            column++;
        }
        fprintf(stream, "%.*s", length, text);
        column += length;
        first = false;
        text += length + (text[length] == ' ');
    }
    (void)fputc('\n', stream);
}

static void show_option(FILE *stream, const option *o)
{
    char text[1024];
    int column = fprintf(stream, "  --%s%s%s", o->name, o->argument ? " " : "",
                         o->argument ? o->argument : "");
    if (column >= INDENT - 1) {
        (void)fputc('\n', stream);
        column = 0;
    }
    fprintf(stream, "%*s", INDENT - column, "");
    (void)snprintf(text, sizeof text, "%s%s%s%s", o->help, o->initial ? " (default: " : "",
                   o->initial ? o->initial : "",
                   o->initial    ? ")"
                   : o->required ? " (needed)"
                                 : "");
    wrap(stream, text, INDENT, INDENT);
}

void show_command(FILE *stream, const command *c)
{
    fprintf(stream, "candela %s: ", c->name);
    wrap(stream, c->does, (int)strlen(c->name) + 10, 0);
    fprintf(stream, "\nusage: candela %s%s%s", c->name, *c->operands ? " " : "", c->operands);
    for (size_t i = 0; i < c->option_count; i++) {
        const option *o = &c->options[i];
        if (o->required) fprintf(stream, " --%s %s", o->name, o->argument);
    }
    fprintf(stream, " [OPTIONS]\n\n");
    if (c->details) {
        wrap(stream, c->details, 0, 0);
        (void)fputc('\n', stream);
    }
    for (size_t i = 0; i < c->option_count; i++) show_option(stream, &c->options[i]);
    if (c->option_count > 0) (void)fputc('\n', stream);
    for (size_t i = 0; i < common_option_count; i++) show_option(stream, &common_option_list[i]);
    fprintf(stream, "\nexample:\n  ");
    for (const char *at = c->example; *at; at++) {
        (void)fputc(*at, stream);
        if (*at == '\n') fprintf(stream, "  ");
    }
    (void)fputc('\n', stream);
}

void show_commands(FILE *stream, const command *const *list)
{
    fprintf(stream, "candela trains, judges and uses neural networks.\n\n"
                    "usage: candela COMMAND [OPTIONS]\n\n");
    for (; *list; list++) fprintf(stream, "  %-10s%s\n", (*list)->name, (*list)->does);
    fprintf(stream, "\n\"candela help COMMAND\" shows the options of one, with an example.\n"
                    "Exit status: 0 done, 1 failed, 2 used wrongly, 130 stopped by Ctrl-C,\n"
                    "143 by SIGTERM, 129 by SIGHUP.\n");
}
