/* Step 4 of cd_load (checkpoint.c): the members of a TAR archive. */
#include "io/tar_internal.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK = 512, PAX_MAX = 8192, OCTAL_DIGITS_MAX = 12 };

bool cd_tar_sum_fits(const unsigned char header[BLOCK])
{
    unsigned sum = 0, stored = 0;
    for (int i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? ' ' : header[i];
    for (int i = 148; i < 156; i++) {
        if (header[i] >= '0' && header[i] <= '7') stored = stored * 8 + (unsigned)(header[i] - '0');
    }
    return sum == stored;
}

/* An octal number with spaces before it, and spaces or NULs, or nothing, behind it. Without digits
 * it is 0. */
static bool read_octal(const unsigned char *field, size_t size, uint64_t *out)
{
    size_t i = 0;
    *out = 0;
    while (i < size && field[i] == ' ') i++;
    for (int digits = 0; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
        if (++digits > OCTAL_DIGITS_MAX) return false;
        *out = *out * 8 + (uint64_t)(field[i] - '0');
    }
    for (; i < size; i++) {
        if (field[i] != ' ' && field[i] != '\0') return false;
    }
    return true;
}

static bool is_zero(const unsigned char *block)
{
    for (int i = 0; i < BLOCK; i++) {
        if (block[i]) return false;
    }
    return true;
}

/* Copies a name, which may end with a NUL, and cuts it. */
static void copy_name(char to[CD_TAR_NAME], const char *from, size_t size)
{
    if (size > CD_TAR_NAME - 1) size = CD_TAR_NAME - 1;
    memcpy(to, from, size);
    to[size] = '\0';
}

/* --- headers ---------------------------------------------------------------------------------- */

/* Name and size of a header; *type is its type. */
static bool read_header(const cd_source *source, uint64_t at, const unsigned char *block,
                        cd_tar_member *m, unsigned char *type)
{
    char prefix[156] = "", name[101] = "";
    *m = (cd_tar_member){ .header = at, .offset = at + BLOCK };
    if (!cd_tar_sum_fits(block)) {
        return cd_source_fail(source, CD_ERR_FORMAT, at,
                              "TAR: the sum of this header is wrong: the file is damaged");
    }
    memcpy(name, block, 100);
    if (memcmp(block + 257, "ustar\0", 6) == 0) memcpy(prefix, block + 345, 155);
    (void)snprintf(m->name, sizeof m->name, "%s%s%s", prefix, *prefix ? "/" : "", name);
    *type = block[156];
    m->is_file = *type == '0' || *type == '\0';
    if (read_octal(block + 124, 12, &m->size)) return true;
    return cd_source_fail(source, CD_ERR_UNSUPPORTED, at + 124,
                          "TAR: the size of a member is not an octal number");
}

/* Moves *at behind the data of a member. They must lie in the file. */
static bool skip_data(const cd_source *source, const cd_tar_member *m, uint64_t *at)
{
    char shown[64];
    if (m->size > source->size - m->offset) {
        return cd_source_fail(
            source, CD_ERR_FORMAT, m->header,
            "TAR: the member \"%s\" is said to have %llu bytes, and %llu are left: the file is "
            "cut short, or damaged",
            cd_printable(shown, sizeof shown, m->name, strlen(m->name)),
            (unsigned long long)m->size, (unsigned long long)(source->size - m->offset));
    }
    uint64_t filled = (m->size + BLOCK - 1) / BLOCK * BLOCK, left = source->size - m->offset;
    *at = m->offset + (filled < left ? filled : left);
    return true;
}

/* --- PAX -------------------------------------------------------------------------------------- */

/* What a PAX header says of the next member. */
typedef struct pax {
    bool has_name, has_size;
    char name[CD_TAR_NAME];
    uint64_t size;
} pax;

static bool read_decimal(const char *text, size_t size, uint64_t *out)
{
    *out = 0;
    if (size == 0 || size > 18) return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    }
    return true;
}

/* One record, "LENGTH KEY=VALUE\n": LENGTH counts its own digits too. Returns its length; 0 for
 * what is none. */
static size_t read_record(const char *text, size_t left, pax *out)
{
    const char *space = memchr(text, ' ', left < 20 ? left : 20);
    uint64_t length;
    if (!space || !read_decimal(text, (size_t)(space - text), &length)) return 0;
    size_t before = (size_t)(space - text) + 1;
    if (length > left || length <= before || text[length - 1] != '\n') return 0;
    const char *key = text + before, *end = text + length - 1;
    const char *equals = memchr(key, '=', (size_t)(end - key));
    if (!equals) return 0;
    size_t key_size = (size_t)(equals - key), size = (size_t)(end - equals) - 1;
    if (key_size == 4 && memcmp(key, "path", 4) == 0) {
        out->has_name = true;
        copy_name(out->name, equals + 1, size);
    } else if (key_size == 4 && memcmp(key, "size", 4) == 0) {
        out->has_size = true;
        if (!read_decimal(equals + 1, size, &out->size)) return 0;
    }
    return (size_t)length;
}

static bool read_pax(const cd_source *source, const cd_tar_member *m, pax *out)
{
    char text[PAX_MAX];
    if (m->size > sizeof text) {
        return cd_source_fail(source, CD_ERR_UNSUPPORTED, m->header,
                              "TAR: a PAX header of %llu bytes; up to %d are read",
                              (unsigned long long)m->size, PAX_MAX);
    }
    if (!cd_source_read(source, m->offset, text, (size_t)m->size)) return false;
    for (size_t at = 0; at < m->size;) {
        size_t length = read_record(text + at, (size_t)m->size - at, out);
        if (length == 0) {
            return cd_source_fail(source, CD_ERR_FORMAT, m->offset + at,
                                  "TAR: a PAX header whose records are damaged");
        }
        at += length;
    }
    return true;
}

/* --- members ---------------------------------------------------------------------------------- */

bool cd_tar_next(const cd_source *source, uint64_t *at, cd_tar_member *m, bool *end)
{
    pax said = { .size = 0 };
    for (;;) {
        unsigned char block[BLOCK], type = 0;
        *end = *at > source->size || source->size - *at < BLOCK;
        if (*end) return true;
        if (!cd_source_read(source, *at, block, BLOCK)) return false;
        *end = is_zero(block);
        if (*end) return true;
        if (!read_header(source, *at, block, m, &type)) return false;
        bool special = type == 'x' || type == 'g' || type == 'L' || type == 'K';
        if (!special && said.has_size) m->size = said.size;
        if (!special && said.has_name) copy_name(m->name, said.name, strlen(said.name));
        if (!skip_data(source, m, at)) return false;
        if (!special) return true;
        if (type == 'x' && !read_pax(source, m, &said)) return false;
    }
}
