/* What people torch.save, in all containers and protocols: files that PyTorch and
 * golden/make_pth_forms.py wrote, with what must be found in them. */
#include "hostile.h"

#include <zlib.h>

#include "core/memory_internal.h"
#include "io/archive_internal.h"

enum { WORD = 64, CASES = 60 };

/* All cases, unpacked. The script says what they look like. */
typedef struct cases {
    char *at, *end, *memory;
} cases;

static cases read_cases(void)
{
    enum { MOST = 1 << 20 };
    gzFile f = gzopen(test_path("golden/pth_forms.gz"), "rb");
    assert_non_null(f);
    cases all = { .memory = malloc(MOST) };
    assert_non_null(all.memory);
    int size = gzread(f, all.memory, MOST - 1);
    assert_true(size > 0 && size < MOST - 1);
    assert_int_equal(gzclose(f), Z_OK);
    all.at = all.memory;
    all.end = all.memory + size;
    return all;
}

/* The next line, without its end. */
static char *next_line(cases *all)
{
    char *line = all->at, *end = memchr(line, '\n', (size_t)(all->end - line));
    assert_non_null(end);
    *end = '\0';
    all->at = end + 1;
    return line;
}

typedef struct one_case {
    char name[WORD], key[WORD];
    long size;
    int tensors, texts; /* -1 tensors: it is refused */
    char *lines[64];    /* of the tensors and texts, or the error */
    const char *file;
} one_case;

static bool next_case(cases *all, one_case *c)
{
    if (all->at == all->end) return false;
    assert_int_equal(sscanf(next_line(all), "%63s %63s %ld %d %d", c->name, c->key, &c->size,
                            &c->tensors, &c->texts),
                     5);
    int lines = c->tensors < 0 ? 1 : c->tensors + c->texts;
    assert_true(lines <= 64);
    for (int i = 0; i < lines; i++) c->lines[i] = next_line(all);
    c->file = all->at;
    all->at += c->size;
    assert_true(all->at <= all->end);
    return true;
}

static cd_archive *open_case(const one_case *c)
{
    cd_archive_limits limits = { .key = NULL };
    if (strcmp(c->key, "-") != 0) limits.key = strcmp(c->key, "\"\"") == 0 ? "" : c->key;
    return cd_archive_open_memory(c->name, c->file, (size_t)c->size, &limits);
}

/* --- what must be found ----------------------------------------------------------------------- */

/* Checks tensor number i: its name, dtype, shape and the bits of its elements. */
static void check_tensor(const one_case *c, cd_archive *a, int i)
{
    char *name = c->lines[i], *dtype = strchr(name, '\t'), *shape, *crc, text[CD_SHAPE_TEXT];
    assert_non_null(dtype);
    *dtype++ = '\0';
    shape = strchr(dtype, '\t');
    *shape++ = '\0';
    crc = strchr(shape, '\t');
    *crc++ = '\0';
    const cd_archive_entry *e = &a->entries[i];
    assert_that(strcmp(e->name, name) == 0, "%s: %s is called %s", c->name, name, e->name);
    assert_that(strcmp(cd_file_dtype_name(e->dtype), dtype) == 0, "%s: %s", c->name, name);
    assert_that(strcmp(cd_shape_text(e->shape, text), shape) == 0, "%s: %s is %s", c->name, name,
                text);
    cd_dtype as = cd_file_dtype_native(e->dtype);
    size_t bytes;
    assert_true(cd_archive_read_size(a, e, as, &bytes));
    unsigned char *values = malloc(bytes + 1);
    assert_true(cd_archive_read(a, e, as, values));
    char found[16];
    (void)snprintf(found, sizeof found, "%08lx", (unsigned long)crc32_z(0, values, bytes));
    assert_that(strcmp(found, crc) == 0, "%s: the elements of %s", c->name, name);
    free(values);
}

static void check_text(const one_case *c, const cd_archive *a, char *line)
{
    char *value = strchr(line, '\t');
    assert_non_null(value);
    *value++ = '\0';
    const char *found = cd_archive_metadata(a, line);
    assert_that(found && strcmp(found, value) == 0, "%s: %s is %s", c->name, line,
                found ? found : "not there");
}

static void check_case(const one_case *c)
{
    cd_archive *a = open_case(c);
    if (c->tensors < 0) {
        assert_that(!a && strstr(cd_error_message(), c->lines[0]), "%s: %s", c->name,
                    a ? "was read" : cd_error_message());
        cd_clear_error();
        return;
    }
    assert_that(a, "%s: %s", c->name, cd_error_message());
    assert_that(a->count == (size_t)c->tensors, "%s: %zu tensors", c->name, a->count);
    for (int i = 0; i < c->tensors; i++) check_tensor(c, a, i);
    for (int i = 0; i < c->texts; i++) check_text(c, a, c->lines[c->tensors + i]);
    if (strcmp(c->key, "-") != 0) {
        assert_string_equal(a->key, strcmp(c->key, "\"\"") == 0 ? "" : c->key);
    }
    cd_archive_close(a);
}

static void every_form_is_read(void **state)
{
    (void)state;
    cases all = read_cases();
    one_case c;
    int count = 0;
    for (; next_case(&all, &c); count++) check_case(&c);
    assert_int_equal(count, CASES);
    free(all.memory);
}

static void the_containers_are_told_apart(void **state)
{
    (void)state;
    cases all = read_cases();
    for (one_case c; next_case(&all, &c);) {
        const char *kind = strncmp(c.name, "kinds-tar", 9) == 0       ? "PyTorch TAR"
                           : strncmp(c.name, "kinds-stream", 12) == 0 ? "PyTorch pickle stream"
                           : strncmp(c.name, "kinds-zip", 9) == 0     ? "PyTorch zip"
                                                                      : NULL;
        if (!kind) continue;
        cd_archive *a = open_case(&c);
        assert_string_equal(a->kind, kind);
        cd_archive_close(a);
    }
    free(all.memory);
}

/* --- files that are cut short ----------------------------------------------------------------- */

/* No prefix of a file is read as if it were whole, but for a TAR without the empty blocks at its
 * end, and nothing is left behind. */
static void no_file_is_read_that_is_cut_short(void **state)
{
    (void)state;
    cases all = read_cases();
    for (one_case c; next_case(&all, &c);) {
        if (c.tensors < 0) continue;
        long whole = c.size;
        if (strstr(c.name, "tar")) {
            while (c.file[whole - 1] == '\0') whole--;
        }
        for (long size = 1; size < whole; size += 1 + whole / 60) {
            cd_archive *a = cd_archive_open_memory(c.name, c.file, (size_t)size, NULL);
            assert_that(!a && !cd_ok(), "%s: %ld bytes of %ld", c.name, size, c.size);
            cd_clear_error();
        }
    }
    free(all.memory);
}

/* With damage, a file is refused or read, and memory stays as it was. */
static void read_any(const unsigned char *data, size_t size)
{
    cd_archive *a = cd_archive_open_memory("m", data, size, NULL);
    for (size_t i = 0; a && i < a->count; i++) {
        const cd_archive_entry *e = &a->entries[i];
        cd_dtype as = cd_file_dtype_native(e->dtype);
        size_t bytes;
        if (as == CD_DTYPE_DEFAULT || !cd_archive_read_size(a, e, as, &bytes)) continue;
        if (bytes > 1 << 20) continue;
        void *out = malloc(bytes + 1);
        (void)cd_archive_read(a, e, as, out);
        free(out);
    }
    cd_archive_close(a);
    cd_clear_error();
}

static void flipped_bits_do_no_harm(void **state)
{
    (void)state;
    static const char *const chosen[] = { "tar-views", "stream-views", "module-4", "lightning" };
    cases all = read_cases();
    for (one_case c; next_case(&all, &c);) {
        for (size_t k = 0; k < sizeof chosen / sizeof *chosen; k++) {
            if (strcmp(c.name, chosen[k]) != 0) continue;
            unsigned char *copy = malloc((size_t)c.size);
            memcpy(copy, c.file, (size_t)c.size);
            for (long i = 0; i < c.size; i++) {
                for (int bit = 0; bit < 8; bit += 3) {
                    copy[i] ^= (unsigned char)(1 << bit);
                    read_any(copy, (size_t)c.size);
                    copy[i] ^= (unsigned char)(1 << bit);
                }
            }
            free(copy);
        }
    }
    free(all.memory);
}

static bool open_and_close(void *c)
{
    cd_archive *a = open_case(c);
    cd_archive_close(a);
    return a != NULL;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    static const char *const chosen[] = { "tar-views", "stream-views", "module-2", "beside-4" };
    cases all = read_cases();
    for (one_case c; next_case(&all, &c);) {
        for (size_t k = 0; k < sizeof chosen / sizeof *chosen; k++) {
            if (strcmp(c.name, chosen[k]) == 0) assert_true(sweep_memory(open_and_close, &c) >= 10);
        }
    }
    free(all.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_form_is_read),
        TEST(the_containers_are_told_apart),
        TEST(no_file_is_read_that_is_cut_short),
        TEST(flipped_bits_do_no_harm),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
