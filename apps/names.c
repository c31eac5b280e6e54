/* Reads a file of class names. */
#include "apps/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 16 << 20 };

static bool read_text(names *out, FILE *file, const char *path, size_t *bytes)
{
    size_t room = 1 << 16, size = 0;
    for (;;) {
        char *larger = room <= LARGEST_FILE ? realloc(out->text, room + 1) : NULL;
        if (!larger) {
            return cd_fail(room > LARGEST_FILE ? CD_ERR_FORMAT : CD_ERR_MEMORY,
                           room > LARGEST_FILE ? "%s is too large for a list of names"
                                               : "%s: out of memory for its names",
                           path);
        }
        out->text = larger;
        size += fread(out->text + size, 1, room - size, file);
        if (ferror(file)) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
        if (size < room) break;
        room *= 2;
    }
    out->text[size] = '\0';
    *bytes = size;
    return true;
}

/* The text after UTF-8's byte-order mark; NULL with a library error for UTF-16, UTF-32 or a NUL. */
static char *text_of(const names *n, size_t size, const char *path)
{
    const char *mark = n->text;
    bool wide = size >= 2 && (memcmp(mark, "\xFF\xFE", 2) == 0 || memcmp(mark, "\xFE\xFF", 2) == 0);
    if (wide || strlen(n->text) != size) {
        (void)cd_fail(CD_ERR_FORMAT, "%s: %s: a list of names is text in UTF-8, a line each", path,
                      wide ? "this is text in UTF-16 or UTF-32" : "it holds a zero byte");
        return NULL;
    }
    return n->text + (strncmp(mark, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The end of the line at `at`. *next becomes the beginning of the next line, after \n, \r\n or
 * \r. */
static char *line_end(char *at, char **next)
{
    char *end = at + strcspn(at, "\r\n");
    *next = end + (*end != '\0') + (end[0] == '\r' && end[1] == '\n');
    return end;
}

/* Cuts the text into lines, in place, without the blanks at both ends of each. */
static bool cut(names *out, char *text)
{
    size_t lines = 1;
    for (char *at = text, *next; *at; at = next, lines++) (void)line_end(at, &next);
    out->name = calloc(lines, sizeof *out->name);
    if (!out->name) return cd_fail(CD_ERR_MEMORY, "out of memory for %zu names", lines);
    char *at = text, *next;
    for (int64_t k = 0; *at; k++, at = next) {
        char *end = line_end(at, &next);
        while (at < end && is_blank(*at)) at++;
        while (at < end && is_blank(end[-1])) end--;
        *end = '\0';
        out->name[k] = at;
        if (at < end) out->count = k + 1;
    }
    return true;
}

static bool check_names(const names *n, const char *path)
{
    if (n->count == 0) return cd_fail(CD_ERR_FORMAT, "%s: there is no name in it", path);
    if (n->name[0][0] == '{' || n->name[0][0] == '[') {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: this looks like JSON or Python: a list of names is plain text, a line "
                       "each",
                       path);
    }
    for (int64_t k = 0; k < n->count; k++) {
        if (!n->name[k][0]) {
            return cd_fail(CD_ERR_FORMAT, "%s: line %lld is empty: each line is a name", path,
                           (long long)k + 1);
        }
    }
    return true;
}

bool names_read(names *out, const char *path)
{
    *out = (names){ .count = 0 };
    FILE *file = fopen(path, "rb");
    if (!file) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    size_t size = 0;
    bool done = read_text(out, file, path, &size);
    (void)fclose(file);
    char *text = done ? text_of(out, size, path) : NULL;
    done = text && cut(out, text) && check_names(out, path);
    if (!done) names_free(out);
    return done;
}

void names_free(names *n)
{
    free(n->text);
    free(n->name);
    *n = (names){ .count = 0 };
}
