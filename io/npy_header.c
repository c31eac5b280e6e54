/* Reads and writes the header of npy_internal.h. */
#include "io/npy_internal.h"

#include <string.h>

#include "core/memory_internal.h"

/* A position in the header's text. The first error is kept, and later calls do nothing. */
typedef struct parser {
    cd_cursor cursor;
    bool failed;
} parser;

static bool fail(parser *p, const char *wanted)
{
    char found[24];
    if (p->failed) return false;
    p->failed = true;
    size_t left = cd_cursor_left(&p->cursor);
    cd_printable(found, sizeof found, p->cursor.bytes->data + p->cursor.at, left < 12 ? left : 12);
    return cd_bytes_fail(p->cursor.bytes, CD_ERR_FORMAT, p->cursor.at,
                         "the header of this .npy must have %s here, and has \"%s\"", wanted,
                         found);
}

/* --- the parts of the text -------------------------------------------------------------------- */

static unsigned char next(const parser *p)
{
    return cd_cursor_left(&p->cursor) ? p->cursor.bytes->data[p->cursor.at] : 0;
}

static void skip_space(parser *p)
{
    while (next(p) && strchr(" \t\n\r\f", next(p))) p->cursor.at++;
}

/* Whether the next character, behind white space, is this one; moves past it. */
static bool accept(parser *p, char c)
{
    skip_space(p);
    if (p->failed || next(p) != (unsigned char)c) return false;
    p->cursor.at++;
    return true;
}

/* A string in single or double quotes, without escapes. *text points into the bytes. */
static bool parse_string(parser *p, const char **text, size_t *size)
{
    skip_space(p);
    unsigned char quote = next(p);
    if (quote != '\'' && quote != '"') return fail(p, "a text in quotes");
    size_t begin = ++p->cursor.at;
    while (next(p) && next(p) != quote && next(p) != '\\') p->cursor.at++;
    if (next(p) != quote) return fail(p, "the quote that ends a text");
    *text = (const char *)p->cursor.bytes->data + begin;
    *size = p->cursor.at++ - begin;
    return true;
}

static bool parse_bool(parser *p, bool *out)
{
    skip_space(p);
    size_t left = cd_cursor_left(&p->cursor);
    const unsigned char *at = p->cursor.bytes->data + p->cursor.at;
    *out = left >= 4 && memcmp(at, "True", 4) == 0;
    if (!*out && !(left >= 5 && memcmp(at, "False", 5) == 0)) return fail(p, "True or False");
    p->cursor.at += *out ? 4 : 5;
    return true;
}

/* A number in decimal digits; Python 2 wrote an L behind it. */
static bool parse_size(parser *p, int64_t *out)
{
    skip_space(p);
    if (next(p) < '0' || next(p) > '9') return fail(p, "a size");
    for (*out = 0; next(p) >= '0' && next(p) <= '9'; p->cursor.at++) {
        if (!cd_checked_mul_i64(*out, 10, out) || !cd_checked_add_i64(*out, next(p) - '0', out)) {
            return fail(p, "a size below 2^63");
        }
    }
    if (next(p) == 'L') p->cursor.at++;
    return true;
}

/* A tuple of sizes: (), (3,) or (2, 3). */
static bool parse_shape(parser *p, cd_shape *out)
{
    size_t begin = p->cursor.at;
    bool comma = true;
    *out = (cd_shape){ .ndim = 0 };
    if (!accept(p, '(')) return fail(p, "a tuple of sizes");
    while (!accept(p, ')')) {
        int64_t size = 0;
        if (!comma) return fail(p, "a comma or the end of the sizes");
        if (!parse_size(p, &size)) return false;
        if (out->ndim == CD_MAX_DIMS) {
            p->failed = true;
            return cd_bytes_fail(p->cursor.bytes, CD_ERR_UNSUPPORTED, begin,
                                 "the array has more than %d dimensions", CD_MAX_DIMS);
        }
        out->dim[out->ndim++] = size;
        comma = accept(p, ',');
    }
    /* (3) is a number in Python, and (3,) a tuple. */
    return out->ndim != 1 || comma || fail(p, "a tuple of sizes, with a comma behind a single one");
}

/* Moves past a list, which describes the fields of records: up to the bracket that closes it. */
static bool skip_list(parser *p)
{
    size_t depth = 0;
    do {
        const char *text;
        size_t size;
        unsigned char c = next(p);
        if (c == '\'' || c == '"') {
            if (!parse_string(p, &text, &size)) return false;
            continue;
        }
        if (c == 0) return fail(p, "the end of a list");
        if (c == '[') depth++;
        if (c == ']') depth--;
        p->cursor.at++;
    } while (depth > 0);
    return true;
}

/* --- the dtype -------------------------------------------------------------------------------- */

/* NumPy's names of the dtypes that are read, without the byte order, and of those that are told
 * apart only to say what they are. */
static const struct {
    const char *name;
    cd_file_dtype dtype;
} dtypes[] = {
    { "b1", CD_FILE_BOOL },  { "i1", CD_FILE_I8 },    { "i2", CD_FILE_I16 },
    { "i4", CD_FILE_I32 },   { "i8", CD_FILE_I64 },   { "u1", CD_FILE_U8 },
    { "u2", CD_FILE_U16 },   { "u4", CD_FILE_U32 },   { "u8", CD_FILE_U64 },
    { "f2", CD_FILE_F16 },   { "f4", CD_FILE_F32 },   { "f8", CD_FILE_F64 },
    { "c8", CD_FILE_C64 },   { "c16", CD_FILE_C128 }, { "c24", CD_FILE_F128 },
    { "c32", CD_FILE_F128 }, { "f12", CD_FILE_F128 }, { "f16", CD_FILE_F128 },
};

/* The dtypes whose first letter says what they are: texts have their length behind it, dates their
 * unit. */
static cd_file_dtype dtype_by_letter(char letter)
{
    switch (letter) {
    case 'O':
        return CD_FILE_OBJECT;
    case 'S':
    case 'a':
    case 'U':
    case 'T':
        return CD_FILE_TEXT;
    case 'V':
        return CD_FILE_RECORD;
    case 'M':
    case 'm':
        return CD_FILE_DATE;
    default:
        return CD_FILE_NONE;
    }
}

static bool is_big(char order)
{
    const bool host = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    return order == '>' || (order != '<' && host);
}

static bool parse_dtype(parser *p, cd_npy_header *h)
{
    const char *text;
    size_t size, begin = p->cursor.at;
    skip_space(p);
    if (next(p) == '[') {
        h->dtype = CD_FILE_RECORD;
        return skip_list(p);
    }
    if (!parse_string(p, &text, &size)) return false;
    bool ordered = size > 0 && strchr("<>|=", text[0]);
    const char *name = text + ordered;
    size_t length = size - ordered;
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        if (strlen(dtypes[i].name) == length && memcmp(dtypes[i].name, name, length) == 0) {
            h->dtype = dtypes[i].dtype;
        }
    }
    if (h->dtype == CD_FILE_NONE && length > 0) h->dtype = dtype_by_letter(*name);
    if (h->dtype == CD_FILE_NONE) {
        char shown[40];
        p->failed = true;
        return cd_bytes_fail(p->cursor.bytes, CD_ERR_UNSUPPORTED, begin,
                             "the array's dtype \"%s\" is none that is known",
                             cd_printable(shown, sizeof shown, text, size));
    }
    h->big_endian = cd_file_dtype_bits(h->dtype) > 8 && is_big(ordered ? text[0] : '=');
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Parses the dict: each of the three keys once, in any order, perhaps a comma behind the last. */
static bool parse_dict(parser *p, cd_npy_header *h)
{
    static const char *const keys[] = { "descr", "fortran_order", "shape" };
    bool seen[3] = { false }, comma = true;
    if (!accept(p, '{')) return fail(p, "a dict");
    while (!accept(p, '}')) {
        const char *key;
        size_t size;
        int k = 0;
        if (!comma) return fail(p, "a comma or the end of the dict");
        if (!parse_string(p, &key, &size)) return false;
        while (k < 3 && (strlen(keys[k]) != size || memcmp(keys[k], key, size) != 0)) k++;
        if (k == 3 || seen[k]) {
            return fail(p, "the keys descr, fortran_order and shape, each once, before");
        }
        seen[k] = true;
        if (!accept(p, ':')) return fail(p, "a colon");
        if (!(k == 0   ? parse_dtype(p, h)
              : k == 1 ? parse_bool(p, &h->fortran)
                       : parse_shape(p, &h->shape))) {
            return false;
        }
        comma = accept(p, ',');
    }
    if (!seen[0] || !seen[1] || !seen[2]) {
        return fail(p, "the keys descr, fortran_order and shape, each once, before");
    }
    skip_space(p);
    return cd_cursor_left(&p->cursor) == 0 || fail(p, "its end");
}

/* Sets *begin and *end, the offsets of the text. */
static bool find_text(const cd_bytes *bytes, size_t *begin, size_t *end)
{
    cd_cursor c = cd_cursor_over(bytes);
    if (!cd_cursor_need(&c, 10, "the start of an .npy")) return false;
    if (memcmp(bytes->data, "\x93NUMPY", 6) != 0) {
        return cd_bytes_fail(bytes, CD_ERR_FORMAT, 0,
                             "this is no .npy: it must begin with \\x93NUMPY");
    }
    c.at = 6;
    uint8_t major = cd_cursor_u8(&c), minor = cd_cursor_u8(&c);
    if (major < 1 || major > 3 || minor != 0) {
        return cd_bytes_fail(bytes, CD_ERR_UNSUPPORTED, 6,
                             "version %u.%u of the .npy format: 1.0, 2.0 and 3.0 are read",
                             (unsigned)major, (unsigned)minor);
    }
    if (!cd_cursor_need(&c, major == 1 ? 2 : 4, "the length of the header")) return false;
    uint32_t length = major == 1 ? cd_cursor_u16le(&c) : cd_cursor_u32le(&c);
    if (length > CD_NPY_TEXT_MAX) {
        return cd_bytes_fail(bytes, CD_ERR_UNSUPPORTED, 8,
                             "the header has %lu bytes, and up to %d are read",
                             (unsigned long)length, CD_NPY_TEXT_MAX);
    }
    if (!cd_cursor_need(&c, length, "the header")) return false;
    *begin = c.at;
    *end = c.at + length;
    return true;
}

bool cd_npy_header_read(const cd_bytes *bytes, cd_npy_header *out)
{
    size_t begin = 0, end = 0;
    *out = (cd_npy_header){ .dtype = CD_FILE_NONE };
    if (!find_text(bytes, &begin, &end)) return false;
    parser p = { .cursor = { .bytes = bytes, .at = begin, .end = end } };
    if (!parse_dict(&p, out)) return false;
    out->size = end;
    size_t width = (size_t)cd_file_dtype_bits(out->dtype) / 8;
    if (cd_shape_elements(out->shape, &out->elements) &&
        cd_checked_bytes(out->elements, width, &out->bytes)) {
        return true;
    }
    return cd_bytes_fail(bytes, CD_ERR_FORMAT, begin, "the product of the array's sizes overflows");
}

/* --- writing ---------------------------------------------------------------------------------- */

/* As numpy.save: the text ends in spaces and a newline, so that the elements begin at a multiple of
 * 64, with room for the first size to grow to 21 digits in place. */
size_t cd_npy_header_write(cd_file_dtype dtype, cd_shape shape, char out[CD_NPY_WRITTEN_MAX])
{
    enum { START = 10, ALIGN = 64, DIGITS = 21 };
    char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
    const char *name = "";
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        if (dtypes[i].dtype == dtype) name = dtypes[i].name;
    }
    char *text = out + START;
    size_t room = CD_NPY_WRITTEN_MAX - START - ALIGN - DIGITS - 1, used;
    used = (size_t)snprintf(text, room, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
                            cd_file_dtype_bits(dtype) == 8 ? '|' : order, name);
    for (int i = 0; i < shape.ndim; i++) {
        used += (size_t)snprintf(text + used, room - used, "%lld%s", (long long)shape.dim[i],
                                 shape.ndim == 1      ? ","
                                 : i + 1 < shape.ndim ? ", "
                                                      : "");
    }
    used += (size_t)snprintf(text + used, room - used, "), }");
    if (shape.ndim > 0) {
        int digits = snprintf(NULL, 0, "%lld", (long long)shape.dim[0]);
        for (int i = digits; i < DIGITS; i++) text[used++] = ' ';
    }
    size_t size = START + used + 1;
    for (size_t i = size % ALIGN; i < ALIGN; i++) text[used++] = ' ';
    text[used++] = '\n';
    memcpy(out, "\x93NUMPY\1\0", 8);
    out[8] = (char)(used & 0xFF);
    out[9] = (char)(used >> 8);
    return START + used;
}
