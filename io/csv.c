/* The splitting of csv_internal.h. */
#include "io/csv_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/table.h"

/* --- the bytes -------------------------------------------------------------------------------- */

/* Whether all bytes are ASCII. Eight at a time: most files are, and are not decoded. */
static bool is_ascii(const char *text, size_t size)
{
    uint64_t word, bits = 0;
    size_t i = 0;
    for (; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, text + i, sizeof word);
        bits |= word;
    }
    for (; i < size; i++) bits |= (unsigned char)text[i];
    return (bits & 0x8080808080808080U) == 0;
}

/* Finds the line that is not UTF-8. A character never has a line feed inside. */
static bool utf8_error(const cd_csv *csv)
{
    size_t line = 1;
    for (size_t at = 0; at < csv->size; line++) {
        const char *end = memchr(csv->text + at, '\n', csv->size - at);
        size_t length = end ? (size_t)(end - csv->text) - at : csv->size - at;
        if (!cd_utf8_valid(csv->text + at, length)) break;
        at += length + 1;
    }
    return cd_fail(CD_ERR_FORMAT, "%s: line %zu is not UTF-8: save the file as UTF-8", csv->label,
                   line);
}

static bool check_bytes(const cd_csv *csv)
{
    const char *nul = memchr(csv->text, '\0', csv->size);
    if (nul) {
        size_t line = 1;
        for (const char *p = csv->text; p < nul; p++) line += *p == '\n';
        return cd_fail(CD_ERR_FORMAT,
                       "%s: line %zu has a NUL byte, which no CSV file has: is it another kind of "
                       "file, or UTF-16? Save it as UTF-8",
                       csv->label, line);
    }
    if (is_ascii(csv->text, csv->size) || cd_utf8_valid(csv->text, csv->size)) return true;
    return utf8_error(csv);
}

/* --- arrays ----------------------------------------------------------------------------------- */

static bool append(uint32_t **array, size_t *count, size_t *room, size_t value)
{
    if (*count == *room) {
        size_t larger = *room ? 2 * *room : 256, bytes;
        if (!cd_checked_mul(larger, sizeof **array, &bytes)) {
            return cd_fail(CD_ERR_MEMORY, "read_csv: out of memory");
        }
        uint32_t *moved = cd_realloc(*array, bytes);
        if (!moved) return false;
        *array = moved;
        *room = larger;
    }
    (*array)[(*count)++] = (uint32_t)value;
    return true;
}

/* --- fields ----------------------------------------------------------------------------------- */

typedef struct scanner {
    cd_csv *csv;
    size_t at;
    size_t line;
    bool ends_field[256]; /* the bytes that end a field without quotes */
} scanner;

/* Skips the end of a line, if one is here. */
static bool skip_line_end(scanner *s)
{
    const char *p = s->csv->text + s->at;
    if (*p != '\r' && *p != '\n') return false;
    s->at += p[0] == '\r' && p[1] == '\n' ? 2 : 1;
    s->line++;
    return true;
}

/* Skips lines that are empty or have only spaces and tabs that are no delimiters. */
static void skip_blank_lines(scanner *s)
{
    for (;;) {
        size_t start = s->at;
        const char *text = s->csv->text, delimiter = s->csv->delimiter;
        while ((text[s->at] == ' ' || text[s->at] == '\t') && text[s->at] != delimiter) s->at++;
        if (s->at == s->csv->size || skip_line_end(s)) {
            if (s->at == s->csv->size) return;
            continue;
        }
        s->at = start;
        return;
    }
}

/* Reads a field that begins with a quote: removes the quotes in place. Sets *end to the end of its
 * text; s->at is then behind the closing quote. */
static bool quoted(scanner *s, size_t *end)
{
    char *text = s->csv->text;
    size_t began = s->line, to = ++s->at;
    for (;; s->at++) {
        char c = text[s->at];
        if (s->at == s->csv->size) {
            return cd_fail(CD_ERR_FORMAT,
                           "%s: line %zu: the quote that begins a field here is never closed",
                           s->csv->label, began);
        }
        if (c == '"' && text[++s->at] != '"') break;
        if (c == '\n' || (c == '\r' && text[s->at + 1] != '\n')) s->line++;
        text[to++] = c;
    }
    *end = to;
    char c = text[s->at];
    if (s->at == s->csv->size || c == s->csv->delimiter || c == '\n' || c == '\r') return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s: line %zu: text follows a closing quote: a quote inside quotes is written "
                   "twice",
                   s->csv->label, s->line);
}

static void plain(scanner *s, size_t *end)
{
    const unsigned char *text = (const unsigned char *)s->csv->text;
    size_t at = s->at;
    while (!s->ends_field[text[at]]) at++;
    s->at = *end = at;
}

/* Reads a record: its fields are appended, and *count says how many. */
static bool record(scanner *s, size_t *count)
{
    cd_csv *csv = s->csv;
    for (*count = 1;; ++*count) {
        bool quote = csv->text[s->at] == '"';
        size_t start = s->at + quote, end = start;
        if (*count > CD_TABLE_MAX_COLUMNS) {
            return cd_fail(CD_ERR_UNSUPPORTED, "%s: line %zu has more than %d columns", csv->label,
                           s->line, CD_TABLE_MAX_COLUMNS);
        }
        if (quote) {
            if (!quoted(s, &end)) return false;
        } else {
            plain(s, &end);
        }
        if (!append(&csv->fields, &csv->field_count, &csv->field_room, start)) return false;
        bool more = s->at < csv->size && csv->text[s->at] == csv->delimiter;
        if (more) {
            s->at++;
        } else {
            (void)skip_line_end(s);
        }
        csv->text[end] = '\0';
        if (!more) return true;
    }
}

static bool ragged(const cd_csv *csv, size_t line, size_t count)
{
    return cd_fail(CD_ERR_FORMAT, "%s: line %zu has %zu field%s, and the first line has %zu",
                   csv->label, line, count, count == 1 ? "" : "s", csv->columns);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The delimiter of a file that begins with this line: the first of comma, semicolon and tab that it
 * has outside quotes, and else a comma. A comma that is the decimal point is none. Where the line
 * is a row with semicolons or tabs, a comma between two digits is none either. A quote within a
 * field, as in 5" disk, opens none. */
static char find_delimiter(const char *line, char decimal, bool is_row)
{
    bool comma = false, unsure = false, semicolon = false, tab = false;
    bool in_quotes = false, begins = true;
    for (const char *p = line; *p && (in_quotes || (*p != '\n' && *p != '\r')); p++) {
        if (*p == '"' && (in_quotes || begins)) in_quotes = !in_quotes;
        if (in_quotes) continue;
        if (*p == ',' && decimal != ',') {
            bool point = is_row && p > line && is_digit(p[-1]) && is_digit(p[1]);
            unsure |= point;
            comma |= !point;
        }
        semicolon |= *p == ';';
        tab |= *p == '\t';
        /* Behind a closing quote too: that one may be the first of two. */
        begins = *p == ',' || *p == ';' || *p == '\t' || *p == '"';
    }
    if (comma || (unsure && !semicolon && !tab)) return ',';
    return semicolon ? ';' : tab ? '\t' : decimal == ',' ? ';' : ',';
}

bool cd_csv_split(cd_csv *csv)
{
    if (!check_bytes(csv)) return false;
    scanner s = { .csv = csv, .line = 1 };
    if (csv->size >= 3 && memcmp(csv->text, "\xEF\xBB\xBF", 3) == 0) s.at = 3;
    skip_blank_lines(&s);
    if (!csv->delimiter)
        csv->delimiter = find_delimiter(csv->text + s.at, csv->decimal, csv->no_header);
    s.ends_field['\0'] = s.ends_field['\n'] = s.ends_field['\r'] = true;
    s.ends_field[(unsigned char)csv->delimiter] = true;
    for (; s.at < csv->size; skip_blank_lines(&s)) {
        size_t line = s.line, count = 0;
        if (!append(&csv->lines, &csv->record_count, &csv->record_room, line)) return false;
        if (!record(&s, &count)) return false;
        if (csv->record_count == 1) csv->columns = count;
        if (count != csv->columns) return ragged(csv, line, count);
    }
    return csv->record_count > 0 ||
           cd_fail(CD_ERR_FORMAT, "%s: the file has nothing but blank lines", csv->label);
}
