/* The escapes of the styles, and lines that are made of spans. */
#include "apps/style.h"

#include <stdlib.h>
#include <string.h>

#include "apps/cells.h"

/* Whether a variable is set and not empty. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* What the environment says about colours for any stream: 1 yes, 0 no, -1 nothing. */
static int asked_by_environment(void)
{
    const char *force = variable("FORCE_COLOR"), *also = variable("CLICOLOR_FORCE");
    if (variable("NO_COLOR")) return 0;
    if (force) return strcmp(force, "0") != 0 && strcmp(force, "false") != 0;
    return also && strcmp(also, "0") != 0 ? 1 : -1;
}

static bool has_colors(style_choice choice, bool terminal)
{
    if (choice != STYLE_AUTO) return choice == STYLE_ALWAYS;
    int asked = asked_by_environment();
    if (asked >= 0) return asked;
    const char *kind = variable("TERM");
    return terminal && kind && strcmp(kind, "dumb") != 0;
}

style_colors style_decide(style_choice choice, bool terminal)
{
    if (!has_colors(choice, terminal)) return STYLE_NO_COLORS;
    const char *kind = variable("TERM");
    bool many = (kind && strstr(kind, "256color")) || variable("COLORTERM");
    return many ? STYLE_256_COLORS : STYLE_8_COLORS;
}

style_choice style_choice_of(const char *word)
{
    if (word && strcmp(word, "always") == 0) return STYLE_ALWAYS;
    return word && strcmp(word, "never") == 0 ? STYLE_NEVER : STYLE_AUTO;
}

/* The colours 160, 130 and 28 are #d70000, #af5f00 and #008700 in xterm's cube: their contrast (as
 * WCAG 2 computes it) is 5.4, 4.7 and 4.7 to white, and 3.9, 4.5 and 4.5 to black. Bright yellow
 * cannot be read on white. */
const char *style_on(style s, style_colors colors)
{
    bool many = colors == STYLE_256_COLORS;
    if (colors == STYLE_NO_COLORS) return "";
    switch (s) {
    case STYLE_PLAIN:
        return "";
    case STYLE_STRONG:
        return "\033[1m";
    case STYLE_FAINT:
        return "\033[2m";
    case STYLE_ERROR:
        return many ? "\033[1;38;5;160m" : "\033[1;31m";
    case STYLE_WARNING:
        return many ? "\033[38;5;130m" : "\033[33m";
    case STYLE_SAVED:
        return many ? "\033[38;5;28m" : "\033[32m";
    }
    return "";
}

const char *style_off(style s, style_colors colors)
{
    return *style_on(s, colors) ? "\033[0m" : "";
}

/* Whether the span after span i that has a text goes on in the same style. */
static bool goes_on(const span *spans, int count, int i)
{
    int next = i + 1;
    while (next < count && !*spans[next].text) next++;
    return next < count && spans[next].style == spans[i].style;
}

void write_spans(FILE *stream, const span *spans, int count, int width, style_colors colors)
{
    enum { MOST_SPANS = 64, CODES = 24 }; /* bytes of the two escapes around a span */
    char line[LINE_BYTES + MOST_SPANS * CODES], *to = line;
    size_t room = LINE_BYTES; /* for the texts */
    style now = STYLE_PLAIN;
    *to = '\0';
    if (count > MOST_SPANS) count = MOST_SPANS;
    for (int i = 0; i < count; i++) {
        if (!*spans[i].text || room <= 1) continue;
        if (now != spans[i].style) to = stpcpy(to, style_on(spans[i].style, colors));
        now = spans[i].style;
        (void)cd_escape_text(to, room, spans[i].text);
        room -= strlen(to);
        to += strlen(to);
        if (goes_on(spans, count, i) && room > 1) continue;
        to = stpcpy(to, style_off(now, colors));
        now = STYLE_PLAIN;
    }
    int indent = (count > 0 ? (int)strspn(spans[0].text, " ") : 0) + 2;
    wrap(stream, line, 0, indent, width);
}
