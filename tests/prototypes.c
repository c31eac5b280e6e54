/* How the functions of the public headers are called: see prototypes.h. The headers are read into
 * one text without comments, in which each run of blanks is one space, and a newline ends each
 * #define. */
#include "prototypes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 1 << 20, NAME_BYTES = 128 };

static char text[TEXT_BYTES];
static size_t used;

static void add(char c)
{
    if (used + 1 >= sizeof text || (c == ' ' && used > 0 && text[used - 1] == ' ')) return;
    text[used++] = c;
}

/* Adds what `from`, all of a header, has outside of comments. */
static void add_header(const char *from)
{
    bool directive = false;
    while (*from) {
        const char *end = strncmp(from, "/*", 2) == 0 ? strstr(from + 2, "*/") : NULL;
        if (end) {
            from = end + 2;
        } else if (strncmp(from, "\\\n", 2) == 0) {
            from += 2;
        } else {
            directive |= *from == '#';
            if (*from == '\n' && directive) {
                add('\n');
                directive = false;
            }
            add(isspace((unsigned char)*from) ? ' ' : *from);
            from++;
        }
    }
}

bool prototypes_read(const char *const *headers, size_t count)
{
    static char header[TEXT_BYTES];
    for (size_t i = 0; i < count; i++) {
        FILE *stream = fopen(headers[i], "r");
        if (!stream) return false;
        header[fread(header, 1, sizeof header - 1, stream)] = '\0';
        (void)fclose(stream);
        add_header(header);
    }
    return true;
}

/* --- a declaration ---------------------------------------------------------------------------- */

/* What is declared, between CD_API and the semicolon; NULL if nothing of this name is. */
static const char *find_declaration(const char *name, size_t *length)
{
    char wanted[NAME_BYTES];
    (void)snprintf(wanted, sizeof wanted, "cd_%s(", name);
    for (const char *at = text; (at = strstr(at, "CD_API ")) != NULL;) {
        at += strlen("CD_API ");
        const size_t whole = strcspn(at, ";"), before = strcspn(at, "(");
        const size_t own = strlen(wanted);
        if (before + 1 < own || before > whole) continue;
        const char *start = at + before + 1 - own;
        if (strncmp(start, wanted, own) != 0) continue;
        if (start > at && !strchr(" *", start[-1])) continue;
        *length = whole;
        return at;
    }
    return NULL;
}

typedef struct writer {
    char *to;
    size_t used, bytes;
} writer;

static void put(writer *w, const char *from, size_t length)
{
    if (w->used + length >= w->bytes) length = w->bytes - w->used - 1;
    memcpy(w->to + w->used, from, length);
    w->used += length;
    w->to[w->used] = '\0';
}

static void put_text(writer *w, const char *from)
{
    put(w, from, strlen(from));
}

/* --- a struct of options ---------------------------------------------------------------------- */

/* What stands behind `before`, a name and `after`; NULL if no header has it. */
static const char *find_behind(const char *before, const char *name, size_t length,
                               const char *after)
{
    char wanted[NAME_BYTES];
    (void)snprintf(wanted, sizeof wanted, "%s%.*s%s", before, (int)length, name, after);
    const char *at = strstr(text, wanted);
    return at ? at + strlen(wanted) : NULL;
}

/* The name at the end of a declarator: "stride" of "*stride". */
static const char *name_of(const char *declarator, size_t length)
{
    const char *name = declarator + length;
    while (name > declarator && (isalnum((unsigned char)name[-1]) || name[-1] == '_')) name--;
    return name;
}

/* The members that a statement declares, "cd_tensor *a, *b": as arguments, each with its type, or
 * as options, by name. */
static void put_members(writer *w, const char *statement, size_t length, bool option)
{
    const char *end = statement + length, *at = statement;
    const size_t first = strcspn(statement, ",;");
    const char *name = name_of(statement, first);
    const char *type_end = name;
    while (type_end > statement && type_end[-1] == '*') type_end--;
    while (at < end) {
        size_t own = strcspn(at, ",");
        if (own > (size_t)(end - at)) own = (size_t)(end - at);
        if (at[own - 1] == '_') return; /* it is no option, but keeps others in their places */
        if (w->to[w->used - 1] != '(') put_text(w, ", ");
        if (option) {
            put_text(w, ".");
            put(w, name_of(at, own), (size_t)(at + own - name_of(at, own)));
        } else {
            if (at != statement) put(w, statement, (size_t)(type_end - statement));
            put(w, at, own);
        }
        at += own + 1;
        while (at < end && *at == ' ') at++;
    }
}

/* The members up to the end of the struct, or of a macro that stands for some of them. */
static void put_struct(writer *w, const char *members, bool option)
{
    while (*members && !strchr("}\n", *members)) {
        const size_t length = strcspn(members, ";\n");
        const char *macro = NULL;
        if (strncmp(members, "CD_GUARD_", length) == 0) {
            option = true;
        } else if (strncmp(members, "CD_", 3) == 0 &&
                   (macro = find_behind("#define ", members, length, " ")) != NULL) {
            put_struct(w, macro, option);
        } else {
            put_members(w, members, length, option);
        }
        members += length;
        while (*members == ';' || *members == ' ') members++;
    }
}

/* The function that the macro cd_NAME calls, without "cd_" and with "_with"; false if there is no
 * such macro. */
static bool find_macro(const char *name, char function[NAME_BYTES])
{
    char wanted[NAME_BYTES];
    (void)snprintf(wanted, sizeof wanted, "cd_%s(", name);
    const char *body = find_behind("#define ", wanted, strlen(wanted), "");
    const size_t line = body ? strcspn(body, "\n") : 0;
    const char *at = body ? strstr(body, "_with") : NULL;
    if (!at || at > body + line) return false;
    const char *end = at + strcspn(at, "(");
    at = name_of(body, (size_t)(end - body));
    (void)snprintf(function, NAME_BYTES, "%.*s", (int)(end - at - 3), at + 3);
    return true;
}

bool prototype_of(const char *name, char *to, size_t bytes)
{
    char with[NAME_BYTES];
    size_t length;
    writer w = { .to = to, .bytes = bytes };
    const char *declaration = find_declaration(name, &length);
    if (declaration) {
        put(&w, declaration, length);
        return true;
    }
    if (!find_macro(name, with) || !(declaration = find_declaration(with, &length))) return false;
    const size_t before = strcspn(declaration, "(");
    const char *arguments = declaration + before + 1;
    const char *members = find_behind("typedef struct ", arguments, strcspn(arguments, " "), " { ");
    put(&w, declaration, before - strlen(with));
    put_text(&w, name);
    put_text(&w, "(");
    if (members) {
        put_struct(&w, members, false);
        put_text(&w, ")");
    } else {
        put(&w, arguments, length - before - 1);
    }
    return true;
}
