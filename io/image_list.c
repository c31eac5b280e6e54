/* The reader of image_list_internal.h. */
#include "io/image_list_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/bytes_internal.h"
#include "io/folder_internal.h"

/* The list while it is read. */
typedef struct list {
    const char *path;
    size_t folder_size; /* bytes of the path up to its last slash, the slash included */
    cd_bytes text;
    size_t at, line; /* position in the text; number of the line there, from 1 */
    char separator;  /* '\t', ',' or ' ' */
    int fields;      /* of every line */
    int path_field, label_field;
    cd_names paths, labels; /* of each picture */
} list;

static void list_free(list *l)
{
    cd_names_free(&l->paths);
    cd_names_free(&l->labels);
    cd_bytes_close(&l->text);
}

/* --- fields ----------------------------------------------------------------------------------- */

/* A field of a line, as it stands there: with its quotes, if it has some. */
typedef struct field {
    const char *text;
    size_t size;
} field;

/* The line at the position, without its end; moves behind it. False at the end of the text. */
static bool next_line(list *l, field *out)
{
    if (l->at >= l->text.size) return false;
    const char *begin = (const char *)l->text.data + l->at;
    const char *newline = memchr(begin, '\n', l->text.size - l->at);
    size_t size = newline ? (size_t)(newline - begin) : l->text.size - l->at;
    l->at += size + 1;
    l->line++;
    if (size > 0 && begin[size - 1] == '\r') size--;
    *out = (field){ begin, size };
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static field trimmed(field f)
{
    while (f.size > 0 && is_blank(f.text[f.size - 1])) f.size--;
    while (f.size > 0 && is_blank(*f.text)) {
        f.text++;
        f.size--;
    }
    return f;
}

/* How many bytes of `rest` are its first field. */
static size_t field_end(field rest, char separator)
{
    size_t at = 0;
    bool quoted = rest.size > 0 && *rest.text == '"';
    if (quoted) {
        for (at = 1; at < rest.size; at++) {
            if (rest.text[at] != '"') continue;
            if (at + 1 >= rest.size || rest.text[at + 1] != '"') break;
            at++; /* a quote that is written twice */
        }
    }
    while (at < rest.size && rest.text[at] != separator) at++;
    return at;
}

/* Splits a line. Writes the fields with the numbers `first` and `second` and returns how many there
 * are. With blanks there are two: the class is what stands behind the last blanks. */
static int split(field line, char separator, int first, int second, field out[2])
{
    if (separator == ' ') {
        size_t at = line.size;
        while (at > 0 && !is_blank(line.text[at - 1])) at--;
        out[0] = trimmed((field){ line.text, at });
        out[1] = (field){ line.text + at, line.size - at };
        return out[0].size > 0 ? 2 : 1;
    }
    int count = 0;
    for (;; count++) {
        size_t end = field_end(line, separator);
        if (count == first) out[0] = trimmed((field){ line.text, end });
        if (count == second) out[1] = trimmed((field){ line.text, end });
        if (end >= line.size) return count + 1;
        line = (field){ line.text + end + 1, line.size - end - 1 };
    }
}

/* A copy of the field without its quotes; the caller frees it. NULL with CD_ERR_MEMORY. */
static char *copy(field f)
{
    char *text = cd_alloc(f.size + 1);
    if (!text) return NULL;
    size_t n = 0;
    bool quoted = f.size >= 2 && *f.text == '"' && f.text[f.size - 1] == '"';
    if (quoted) f = (field){ f.text + 1, f.size - 2 };
    for (size_t i = 0; i < f.size; i++) {
        text[n++] = f.text[i];
        if (quoted && f.text[i] == '"' && i + 1 < f.size && f.text[i + 1] == '"') i++;
    }
    text[n] = '\0';
    return text;
}

/* --- the first line --------------------------------------------------------------------------- */

static bool is_word(field f, const char *word)
{
    char *text = copy(f);
    bool same = text && cd_same_ignoring_case(text, word);
    cd_free(text);
    return same;
}

/* Looks at the first line: sets the separator, the number of fields, and which are wanted. *header:
 * it names the fields. */
static bool read_head(list *l, field line, bool *header)
{
    field found[2] = { { NULL, 0 }, { NULL, 0 } }, inner = trimmed(line);
    l->separator = memchr(inner.text, '\t', inner.size)  ? '\t'
                   : memchr(inner.text, ',', inner.size) ? ','
                                                         : ' ';
    if (l->separator == ' ') line = inner;
    l->path_field = l->label_field = -1;
    l->fields = split(line, l->separator, -1, -1, found);
    for (int i = 0; l->separator != ' ' && i < l->fields; i++) {
        (void)split(line, l->separator, i, i, found);
        if (is_word(found[0], "path")) l->path_field = i;
        if (is_word(found[0], "label")) l->label_field = i;
        if (!cd_ok()) return false;
    }
    *header = l->path_field >= 0 && l->label_field >= 0;
    if (*header) return true;
    l->path_field = 0;
    l->label_field = 1;
    return l->fields == 2 ||
           cd_fail(CD_ERR_FORMAT,
                   "%s: line %zu has %d field%s: a picture's path and its class are needed, or a "
                   "first line that names the fields, two of them path and label",
                   l->path, l->line, l->fields, l->fields == 1 ? "" : "s");
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool line_fails(const list *l, const char *sentence)
{
    return cd_fail(CD_ERR_FORMAT, "%s: line %zu: %s", l->path, l->line, sentence);
}

/* The path of a picture: from the list's folder on, unless it is absolute. */
static char *full_path(const list *l, const char *name)
{
    if (*name == '/' || l->folder_size == 0) return cd_strdup(name);
    size_t size = strlen(name);
    char *path = cd_alloc(l->folder_size + size + 1);
    if (!path) return NULL;
    memcpy(path, l->path, l->folder_size);
    memcpy(path + l->folder_size, name, size + 1);
    return path;
}

/* A list is checked as a whole when it is opened, so that training does not end at a picture that
 * is not there. */
static bool check_file(const list *l, const char *path)
{
    struct stat info;
    char shown[200];
    if (stat(path, &info) != 0) {
        return cd_fail(CD_ERR_IO, "%s: line %zu: %s: %s", l->path, l->line,
                       cd_escape_text(shown, sizeof shown, path), strerror(errno));
    }
    return !S_ISDIR(info.st_mode) ||
           cd_fail(CD_ERR_FORMAT, "%s: line %zu: %s is a folder, and no picture", l->path, l->line,
                   cd_escape_text(shown, sizeof shown, path));
}

static bool add_picture(list *l, const char *name)
{
    if (!*name) return line_fails(l, "the path is empty");
    char *path = full_path(l, name);
    if (path && !check_file(l, path)) {
        cd_free(path);
        return false;
    }
    return cd_names_add(&l->paths, path);
}

static bool read_line(list *l, field line)
{
    field found[2] = { { NULL, 0 }, { NULL, 0 } };
    int fields = split(line, l->separator, l->path_field, l->label_field, found);
    if (fields != l->fields) {
        return cd_fail(CD_ERR_FORMAT, "%s: line %zu has %d field%s, and the first line has %d",
                       l->path, l->line, fields, fields == 1 ? "" : "s", l->fields);
    }
    if (memchr(line.text, 0, line.size)) return line_fails(l, "there is a NUL in it");
    char *name = copy(found[0]), *label = name ? copy(found[1]) : NULL;
    bool done = label && add_picture(l, name);
    if (done && (!*label || !cd_utf8_valid(label, strlen(label)))) {
        done = line_fails(l, "the class is empty or not UTF-8");
    }
    cd_free(name);
    if (done) return cd_names_add(&l->labels, label);
    cd_free(label);
    return false;
}

static bool read_lines(list *l)
{
    field line;
    bool first = true;
    if (l->text.size >= 3 && memcmp(l->text.data, "\xEF\xBB\xBF", 3) == 0) l->at = 3;
    while (next_line(l, &line)) {
        bool header = false;
        /* With blanks between fields, blanks around them mean nothing; with tabs an empty field may
         * stand at a line's end. */
        field inner = trimmed(line);
        if (inner.size == 0) continue;
        if (first && !read_head(l, line, &header)) return false;
        first = false;
        if (!header && !read_line(l, l->separator == ' ' ? inner : line)) return false;
    }
    return l->paths.count > 0 ||
           cd_fail(CD_ERR_FORMAT, "%s: there is no picture in this list", l->path);
}

/* --- classes ---------------------------------------------------------------------------------- */

/* Whether all classes are whole numbers, in digits; *highest becomes the highest of them, or
 * CD_IMAGE_LIST_CLASS_MAX + 1 for one above the limit. */
static bool are_numbers(const cd_names *labels, int64_t *highest)
{
    *highest = 0;
    for (size_t i = 0; i < labels->count; i++) {
        const char *text = labels->items[i];
        if (strspn(text, "0123456789") != strlen(text)) return false;
        int64_t number = 0;
        for (; *text && number <= CD_IMAGE_LIST_CLASS_MAX; text++) {
            number = number * 10 + (*text - '0');
        }
        if (number > *highest) *highest = number;
    }
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds the names that occur, each once, in their order. */
static bool add_distinct(cd_names *classes, const cd_names *labels)
{
    char **sorted = cd_alloc_zeroed(labels->count, sizeof *sorted);
    if (!sorted) return false;
    memcpy(sorted, labels->items, labels->count * sizeof *sorted);
    qsort(sorted, labels->count, sizeof *sorted, by_bytes);
    bool done = true;
    for (size_t i = 0; i < labels->count && done; i++) {
        if (i > 0 && strcmp(sorted[i - 1], sorted[i]) == 0) continue;
        done = cd_names_add(classes, cd_strdup(sorted[i]));
    }
    cd_free(sorted);
    return done;
}

static bool add_numbers(const list *l, cd_names *classes, int64_t highest)
{
    if (highest > CD_IMAGE_LIST_CLASS_MAX) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: the number of a class is above %d: classes are numbered from 0",
                       l->path, CD_IMAGE_LIST_CLASS_MAX);
    }
    for (int64_t k = 0; k <= highest; k++) {
        char number[24];
        (void)snprintf(number, sizeof number, "%lld", (long long)k);
        if (!cd_names_add(classes, cd_strdup(number))) return false;
    }
    return true;
}

/* The label of each picture: its class's number, or the index of its name among the classes. */
static int64_t *make_labels(const cd_names *texts, const cd_names *classes, bool numbers)
{
    int64_t *labels = cd_alloc_zeroed(texts->count, sizeof *labels);
    for (size_t i = 0; labels && i < texts->count; i++) {
        char *const *found = NULL;
        if (numbers) {
            labels[i] = strtol(texts->items[i], NULL, 10);
            continue;
        }
        found = bsearch(&texts->items[i], classes->items, classes->count, sizeof *classes->items,
                        by_bytes);
        labels[i] = found - classes->items;
    }
    return labels;
}

/* Hands the paths over to *out, with labels and classes. */
static bool finish(list *l, cd_image_folder *out)
{
    cd_names classes = { .items = NULL };
    int64_t highest;
    bool numbers = are_numbers(&l->labels, &highest);
    bool done = numbers ? add_numbers(l, &classes, highest) : add_distinct(&classes, &l->labels);
    int64_t *labels = done ? make_labels(&l->labels, &classes, numbers) : NULL;
    if (!labels) {
        cd_names_free(&classes);
        return false;
    }
    *out = (cd_image_folder){ .class_count = (int64_t)classes.count,
                              .file_count = (int64_t)l->paths.count,
                              .classes = classes.items,
                              .paths = l->paths.items,
                              .labels = labels };
    l->paths = (cd_names){ .items = NULL }; /* *out owns them now */
    return true;
}

bool cd_image_list_read(const char *path, cd_image_folder *out)
{
    const char *slash = strrchr(path, '/');
    list l = { .path = path, .folder_size = slash ? (size_t)(slash - path) + 1 : 0 };
    bool done =
        cd_bytes_open(&l.text, path, CD_IMAGE_LIST_MAX) && read_lines(&l) && finish(&l, out);
    list_free(&l);
    return done;
}
