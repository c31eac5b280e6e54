/* Writes the block at the end of a run. */
#include "apps/run_summary.h"

#include <stdlib.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/command_line.h"
#include "apps/console.h"
#include "apps/help_text.h"

/* Where the lines go. */
typedef struct block {
    const run_summary *s;
    int width;
    bool utf8;
    void (*line)(const span *spans, int count, void *user);
    void *user;
} block;

static void add_text(const block *b, style s, const char *text)
{
    const span one = { s, text };
    b->line(&one, 1, b->user);
}

static void add_trends(const block *b)
{
    const trend *t = b->s->trends;
    int count = 0, name_width = 0;
    for (; count < SUMMARY_TRENDS && t[count].name; count++) {
        if (cells(t[count].name) > name_width) name_width = cells(t[count].name);
    }
    for (int i = 0; i < count; i++) {
        char text[TREND_BYTES];
        add_text(b, STYLE_PLAIN, trend_line(&t[i], name_width, b->width, b->utf8, text));
    }
}

static void add_best(const block *b)
{
    char text[256], time[64];
    if (b->s->best_epoch > 0) {
        (void)snprintf(text, sizeof text, "best epoch: %lld", (long long)b->s->best_epoch);
        const char *by = b->s->best_by ? b->s->best_by : "";
        const span best[] = { { STYLE_STRONG, text },
                              { STYLE_PLAIN, *by ? ", " : "" },
                              { STYLE_PLAIN, by } };
        b->line(best, 3, b->user);
    }
    (void)snprintf(time, sizeof time, "%.1f s in all", b->s->seconds);
    const char *why = b->s->why ? b->s->why : "";
    const span end[] = { { STYLE_PLAIN, why },
                         { STYLE_PLAIN, *why ? ", " : "" },
                         { STYLE_FAINT, time } };
    b->line(end, 3, b->user);
}

/* The files, the model's line last: it is what the run was for. */
static void add_files(const block *b)
{
    for (int i = SUMMARY_FILES - 1; i >= 0; i--) {
        const char *path = b->s->files[i].path, *what = b->s->files[i].what;
        if (!path) continue;
        const span line[] = { { i == 0 ? STYLE_SAVED : STYLE_PLAIN, "saved " },
                              { i == 0 ? STYLE_SAVED : STYLE_PLAIN, what },
                              { i == 0 ? STYLE_SAVED : STYLE_PLAIN, ": " },
                              { i == 0 ? STYLE_SAVED : STYLE_PLAIN, path } };
        b->line(line, 4, b->user);
    }
}

/* Adds a command of words, each quoted. A word that would pass the width goes to the next line, an
 * option with its value. */
static bool add_call(const block *b, const char *const *words)
{
    enum { INDENT = 6 };
    char *text = NULL;
    size_t bytes;
    FILE *f = open_memstream(&text, &bytes);
    int column = 2 + cells(program_name());
    if (f) fprintf(f, "  %s", program_name());
    for (int i = 0; f && i < CALL_WORDS && words[i]; i++) {
        bool pair = strncmp(words[i], "--", 2) == 0 && i + 1 < CALL_WORDS && words[i + 1];
        char *word = shell_quoted(words[i]), *value = pair ? shell_quoted(words[i + 1]) : NULL;
        if (!word || (pair && !value)) {
            free(word);
            free(value);
            (void)fclose(f);
            free(text);
            return false;
        }
        int columns = cells(word) + (pair ? 1 + cells(value) : 0);
        i += pair;
        bool last = i + 1 >= CALL_WORDS || !words[i + 1];
        bool fits = b->width == 0 || column + 1 + columns + (last ? 0 : 2) <= b->width;
        fprintf(f, fits ? " %s%s%s" : " \\\n      %s%s%s", word, pair ? " " : "",
                pair ? value : "");
        column = (fits ? column + 1 : INDENT) + columns;
        free(word);
        free(value);
    }
    /* Where memory runs out as it ends, glibc's stream is closed without an error, and without a
     * text. */
    const bool whole = f && !ferror(f);
    if (!f || fclose(f) != 0 || !whole || !text) {
        free(text);
        return cd_fail(CD_ERR_MEMORY, "out of memory for the summary");
    }
    for (char *at = text, *end; *at; at = end) {
        end = at + strcspn(at, "\n");
        if (*end) *end++ = '\0';
        add_text(b, STYLE_PLAIN, at);
    }
    free(text);
    return true;
}

bool run_summary_lines(const run_summary *s, int width, bool utf8,
                       void (*line)(const span *spans, int count, void *user), void *user)
{
    const block b = { s, width, utf8, line, user };
    bool done = true;
    add_trends(&b);
    add_best(&b);
    add_files(&b);
    if (s->calls[0][0]) add_text(&b, STYLE_STRONG, "next:");
    for (int i = 0; done && i < SUMMARY_CALLS && s->calls[i][0]; i++)
        done = add_call(&b, s->calls[i]);
    return done;
}

static void print_one(const span *spans, int count, void *user)
{
    (void)user;
    if (spans[0].text[0] == ' ') { /* only those of commands begin so */
        print_command(spans[0].text);
    } else {
        print_spans(spans, count);
    }
}

bool run_summary_show(const run_summary *s)
{
    return run_summary_lines(s, columns_of(stdout), locale_is_utf8(), print_one, NULL);
}
