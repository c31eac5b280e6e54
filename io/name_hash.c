/* Step 6 of cd_load (checkpoint.c): compares a file with the hash in its name. */
#include "io/name_hash_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/memory_internal.h"
#include "io/sha256_internal.h"

enum { DIGITS_MIN = 8, DIGITS_MAX = 2 * CD_SHA256_BYTES, PIECE = 1 << 16 };

/* Whether the dash before `digits` hexadecimal digits is the last one of a UUID, as in
 * run-1b4e28ba-2fa1-41d2-883f-0016d3cca427.ckpt. */
static bool ends_uuid(const char *name, const char *dash, size_t digits)
{
    enum { LAST = 12, GROUP = 4 };
    return digits == LAST && dash - name > GROUP && dash[-GROUP - 1] == '-' &&
           strspn(dash - GROUP, "0123456789abcdef") == GROUP;
}

const char *cd_name_hash(const char *path, size_t *size)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dash = strrchr(name, '-');
    if (!dash) return NULL;
    size_t digits = strspn(dash + 1, "0123456789abcdef"), decimal = strspn(dash + 1, "0123456789");
    if (digits < DIGITS_MIN || digits > DIGITS_MAX || digits == decimal) return NULL;
    if (ends_uuid(name, dash, digits)) return NULL;
    *size = digits;
    return dash[1 + digits] == '.' ? dash + 1 : NULL;
}

/* Writes the SHA-256 of the file in hexadecimal to `text`. */
static bool hash_of(const cd_source *source, char text[DIGITS_MAX + 1])
{
    unsigned char out[CD_SHA256_BYTES], *piece = cd_alloc(PIECE);
    cd_sha256 hash;
    cd_sha256_begin(&hash);
    bool ok = piece != NULL;
    for (uint64_t at = 0; ok && at < source->size; at += PIECE) {
        uint64_t left = source->size - at;
        size_t size = left < PIECE ? (size_t)left : PIECE;
        ok = cd_source_read(source, at, piece, size);
        if (ok) cd_sha256_add(&hash, piece, size);
    }
    cd_free(piece);
    cd_sha256_end(&hash, out);
    for (int i = 0; i < CD_SHA256_BYTES; i++) (void)snprintf(text + 2 * i, 3, "%02x", out[i]);
    return ok;
}

bool cd_name_hash_fits(const cd_source *source, const char *path)
{
    size_t size = 0;
    const char *said = cd_name_hash(path, &size);
    char found[DIGITS_MAX + 1];
    if (!said) return true;
    if (!hash_of(source, found)) return false;
    if (memcmp(said, found, size) == 0) return true;
    return cd_fail(
        CD_ERR_FORMAT,
        "%s: its SHA-256 begins with %.*s, and its name says %.*s: it is damaged, or "
        "another file under this name; to read it all the same, give it another name, or "
        "use .any_hash",
        source->label, (int)size, found, (int)size, said);
}
