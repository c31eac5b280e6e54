/* For tests that refuse memory to the whole program at every point (tests/refuse_memory.c). */
#ifndef CANDELA_TESTS_REFUSING_H
#define CANDELA_TESTS_REFUSING_H

#include "program.h"

#if defined(TEST_ADDRESS_SANITIZER) || defined(TEST_THREAD_SANITIZER)
#define SKIP_UNDER_SANITIZERS()                                                                    \
    do {                                                                                           \
        print_message("SKIPPED: a sanitizer has an allocator of its own\n");                       \
        skip();                                                                                    \
    } while (0)
#else
#define SKIP_UNDER_SANITIZERS() (void)0
#endif

/* Runs the words while call number `refused` (of -1: none) for memory fails, with `sticky` all
 * after it too. */
static inline const ran *run_refused(const char *const *words, long refused, bool sticky)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%ld%s", refused, sticky ? "+" : "");
    (void)setenv("REFUSE", text, 1);
    (void)setenv("REFUSE_COUNT", at("count"), 1);
    (void)setenv("LD_PRELOAD", CANDELA_REFUSE, 1);
    const ran *r = run_words(words);
    (void)unsetenv("LD_PRELOAD");
    return r;
}

/* A file's bytes, for free(). */
static inline char *bytes_of(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_that(file != NULL, "%s: %s", path, strerror(errno));
    (void)fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    bytes[*size] = '\0';
    (void)fclose(file);
    return bytes;
}

static inline bool file_is(const char *path, const char *bytes, size_t size)
{
    size_t found;
    char *now = bytes_of(path, &found);
    bool same = found == size && memcmp(now, bytes, size) == 0;
    free(now);
    return same;
}

/* Takes out of the output what differs from run to run: numbers of seconds. */
static inline char *without_times(const char *text)
{
    char *copy = strdup(text), *to = copy;
    for (char *at = copy; *at;) {
        size_t number = strspn(at, "0123456789.e-");
        char *after = at + number;
        bool time = strncmp(after, " s", 2) == 0 && strchr(" ,\n", after[2]);
        bool json = to - copy > 10 && memcmp(to - 10, "seconds\": ", 10) == 0;
        bool rate = strstr(after, " photographs/s") == after;
        if (number > 0 && (time || json || rate)) {
            at = after;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    return copy;
}

/* What a run is held against. */
typedef struct expected {
    const char *out_file; /* what the program writes; NULL: nothing */
    char *file, *out;
    size_t file_size;
    long calls;
} expected;

static const char old_file[] = "the file that was there";

static inline expected run_undisturbed(const char *const *words, const char *out_file)
{
    expected e = { .out_file = out_file };
    const ran *r = run_refused(words, -1, false);
    assert_ran(r, 0);
    e.out = without_times(r->out);
    size_t size;
    char *count = bytes_of(at("count"), &size);
    e.calls = strtol(count, NULL, 10);
    free(count);
    assert_true(e.calls > 20);
    if (out_file) e.file = bytes_of(at(out_file), &e.file_size);
    return e;
}

static inline void expected_free(expected *e)
{
    free(e->file);
    free(e->out);
}

/* With one call refused, or all from it on: status 1 with a sentence, or 0 with all that an
 * undisturbed run gives. Either way the file is the old one or the new one, whole, and nothing is
 * left beside it. */
static inline void check_refused(const char *const *words, const expected *e, long call,
                                 bool sticky)
{
    if (e->out_file) (void)test_write(e->out_file, old_file, sizeof old_file - 1);
    const ran *r = run_refused(words, call, sticky);
    const char *from = sticky ? "from call" : "call";
    assert_that(r->status == 0 || r->status == 1, "%s %ld: status %d\n%s%s", from, call, r->status,
                r->out, r->err);
    if (r->status == 0) {
        char *out = without_times(r->out);
        assert_that(strcmp(out, e->out) == 0, "%s %ld: status 0, but it prints\n%s\nnot\n%s\n%s",
                    from, call, out, e->out, r->err);
        free(out);
    } else {
        assert_that(strstr(r->err, "candela") == r->err && strchr(r->err, '\n'),
                    "%s %ld: status 1 without a sentence: %s", from, call, r->err);
    }
    if (!e->out_file) return;
    bool fresh = file_is(at(e->out_file), e->file, e->file_size);
    bool old = r->status == 1 && file_is(at(e->out_file), old_file, sizeof old_file - 1);
    assert_that(fresh || old, "%s %ld: status %d, and the file is neither the old one nor the new",
                from, call, r->status);
    assert_nothing_left_behind();
}

/* Every `step`-th call, and each of the last `all_of`. The words may be buffers of at(). */
static inline void sweep_words(const char *const *words, const char *out_file, long step,
                               long all_of)
{
    char *kept[32] = { NULL };
    for (int i = 0; words[i]; i++) kept[i] = strdup(words[i]);
    words = (const char *const *)kept;
    expected e = run_undisturbed(words, out_file);
    for (long call = 0; call < e.calls; call++) {
        if (call % step != 0 && call < e.calls - all_of) continue;
        check_refused(words, &e, call, false);
        if (call % step == 0) check_refused(words, &e, call, true);
    }
    expected_free(&e);
    for (int i = 0; kept[i]; i++) free(kept[i]);
}
#define sweep(out_file_, step_, all_of_, ...)                                                      \
    sweep_words((const char *const[]){ CANDELA_PROGRAM, __VA_ARGS__, NULL }, (out_file_), (step_), \
                (all_of_))

#endif
