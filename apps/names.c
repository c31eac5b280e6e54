#include "apps/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 16 << 20 };

static bool read_text(names *out, FILE *file, const char *path)
{
    size_t room = 1 << 16, size = 0;
    for (;;) {
        char *larger = room <= LARGEST_FILE ? realloc(out->text, room + 1) : NULL;
        if (!larger) {
            return cd_fail(CD_ERR_MEMORY, "%s is too large for a list of names", path);
        }
        out->text = larger;
        size += fread(out->text + size, 1, room - size, file);
        if (ferror(file)) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
        if (size < room) break;
        room *= 2;
    }
    out->text[size] = '\0';
    return strlen(out->text) == size ||
           cd_fail(CD_ERR_FORMAT, "%s is no text: it holds a zero byte", path);
}

/* Cuts the text into lines, in place. */
static bool cut(names *out)
{
    int64_t lines = 1;
    for (const char *at = out->text; *at; at++) lines += *at == '\n';
    out->name = calloc((size_t)lines, sizeof *out->name);
    if (!out->name) return cd_fail(CD_ERR_MEMORY, "out of memory for %lld names", (long long)lines);
    char *at = out->text;
    for (int64_t k = 0; k < lines; k++) {
        size_t length = strcspn(at, "\n");
        char *next = at + length + (at[length] == '\n');
        at[length] = '\0';
        if (length > 0 && at[length - 1] == '\r') at[--length] = '\0';
        out->name[k] = at;
        if (length > 0) out->count = k + 1;
        at = next;
    }
    return true;
}

bool names_read(names *out, const char *path)
{
    *out = (names){ .count = 0 };
    FILE *file = fopen(path, "rb");
    if (!file) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    bool done = read_text(out, file, path) && cut(out);
    (void)fclose(file);
    if (!done) names_free(out);
    return done;
}

void names_free(names *n)
{
    free(n->text);
    free(n->name);
    *n = (names){ .count = 0 };
}
