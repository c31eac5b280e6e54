/* For tests that run the program many times, each time while one call is refused: an allocation, or
 * a call of the system (tests/refuse_calls.c).
 *
 * Every such run must satisfy (check_refused):
 *   - it ends by itself, with status 0 or 1;
 *   - with status 0 its output and its file are the same, to the byte, as those of an undisturbed
 *     run;
 *   - with status 1 it writes one sentence more to standard error, which names the reason;
 *   - the file at --out is the whole old file or the whole new one, and no other file is left. */
#ifndef CANDELA_TESTS_REFUSING_H
#define CANDELA_TESTS_REFUSING_H

#include <dirent.h>

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

/* --- refused calls ---------------------------------------------------------------------------- */

/* How a run must end when a call is refused. */
typedef enum ending {
    EITHER,  /* status 0 or 1 */
    GOES_ON, /* status 0: the call is repeated, or nothing depends on it */
    FAILS    /* status 1 */
} ending;

/* The call reads or writes fewer bytes than it was asked for. */
enum { SHORT = -1 };

typedef struct refusal {
    const char *kind; /* which calls, as refuse_calls.c names them */
    int how;          /* the errno with which a call fails, or SHORT */
    ending ending;
    bool sticky; /* also refuse all calls from that one on, in further runs */
} refusal;

/* The reason that the error sentence must contain. */
static inline const char *reason_of(const refusal *r)
{
    if (strcmp(r->kind, "thread_key") == 0) return "pthread_key_create";
    return strcmp(r->kind, "memory") == 0 ? "memory" : strerror(r->how);
}

/* --- one run ---------------------------------------------------------------------------------- */

/* How many calls of a kind a run made, and how many were refused; -1 without a report. */
typedef struct counts {
    long calls, refused;
} counts;

/* Reads the report that refuse_calls.c writes at the end of a run. */
static inline counts report_of(const char *kind)
{
    counts c = { -1, -1 };
    char name[32];
    long calls, refused;
    FILE *report = fopen(at("report"), "r");
    while (report && fscanf(report, "%31s %ld %ld", name, &calls, &refused) == 3) {
        if (strcmp(name, kind) == 0) c = (counts){ calls, refused };
    }
    if (report) (void)fclose(report);
    return c;
}

/* Runs a command while call number `call` is refused, and with `sticky` all calls after it. With
 * `r` NULL nothing is refused, and calls are only counted. */
static inline const ran *run_refused(const char *const *words, const refusal *r, long call,
                                     bool sticky)
{
    char text[64], how[16] = "short";
    if (r && r->how != SHORT) (void)snprintf(how, sizeof how, "%d", r->how);
    (void)unsetenv("REFUSE");
    if (r) {
        (void)snprintf(text, sizeof text, "%s:%ld:%s%s", r->kind, call, how, sticky ? "+" : "");
        (void)setenv("REFUSE", text, 1);
    }
    (void)unlink(at("report"));
    (void)setenv("REFUSE_REPORT", at("report"), 1);
    (void)setenv("LD_PRELOAD", CANDELA_REFUSE, 1);
    const ran *result = run_words(words);
    (void)unsetenv("LD_PRELOAD");
    return result;
}

/* A file's bytes, to be freed with free(). */
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

/* Whether the file has exactly these bytes. */
static inline bool file_is(const char *path, const char *bytes, size_t size)
{
    struct stat info;
    if (stat(path, &info) != 0 || (size_t)info.st_size != size) return false;
    size_t found;
    char *now = bytes_of(path, &found);
    bool same = found == size && memcmp(now, bytes, size) == 0;
    free(now);
    return same;
}

/* A copy of the text without numbers of seconds and speeds, which differ from run to run. The
 * caller frees it with free(). */
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

/* --- the undisturbed run ---------------------------------------------------------------------- */

/* A command, and what it does in an undisturbed run. The file that it writes is the only one in the
 * folder "o". */
typedef struct swept_command {
    const char *name; /* for messages */
    const char *out;  /* the file that it writes, "o/m.safetensors"; NULL: none */
    bool fresh;       /* the file does not exist before a run */
    int sentences; /* the largest number of error sentences: predict prints one for each picture */
    const char *words[32];
    char *file;  /* the bytes of the file */
    char *said;  /* standard output, after without_times() */
    char *noted; /* standard error */
    size_t file_size;
} swept_command;

static const char old_file[] = "the file that was there";

/* Fills `s`, and runs the command once. The words are copied, so they may be in the buffers of
 * at(). */
static inline void swept_begin(swept_command *s, const char *name, const char *out,
                               const char *const *words)
{
    *s = (swept_command){ .name = name, .out = out, .sentences = 1 };
    for (int i = 0; words[i]; i++) s->words[i] = strdup(words[i]);
    make_folder("o");
    if (out) (void)test_write(out, old_file, sizeof old_file - 1);
    const ran *r = run_refused(s->words, NULL, 0, false);
    assert_ran(r, 0);
    s->said = without_times(r->out);
    s->noted = strdup(r->err);
    if (out) s->file = bytes_of(at(out), &s->file_size);
    if (out && !strstr(out, ".csv")) assert_ran(run("info", at(out)), 0);
}
#define BEGIN(s_, name_, out_, ...)                                                                \
    swept_begin((s_), (name_), (out_), (const char *const[]){ CANDELA_PROGRAM, __VA_ARGS__, NULL })

/* Frees what swept_begin has allocated. */
static inline void swept_end(swept_command *s)
{
    for (int i = 0; s->words[i]; i++) free((void *)s->words[i]);
    free(s->file);
    free(s->said);
    free(s->noted);
}

/* --- the checks ------------------------------------------------------------------------------- */

/* Restores the file that is at --out before a run. */
static inline void prepare(const swept_command *s)
{
    if (!s->out) return;
    (void)unlink(at(s->out));
    if (!s->fresh) (void)test_write(s->out, old_file, sizeof old_file - 1);
}

/* Whether the file at --out is as it was before the run. */
static inline bool file_is_old(const swept_command *s)
{
    if (s->fresh) return access(at(s->out), F_OK) != 0;
    return file_is(at(s->out), old_file, sizeof old_file - 1);
}

static inline void only_the_file_is_there(const swept_command *s, const char *where)
{
    DIR *folder = opendir(at("o"));
    assert_non_null(folder);
    for (const struct dirent *e; (e = readdir(folder));) {
        bool known = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
                     strcmp(e->d_name, strrchr(s->out, '/') + 1) == 0;
        assert_that(known, "%s: %s was left behind", where, e->d_name);
    }
    (void)closedir(folder);
}

/* Checks that a run with status 0 printed what the undisturbed run printed. */
static inline void check_success(const swept_command *s, const ran *r, const char *where)
{
    char *said = without_times(r->out);
    assert_that(strcmp(said, s->said) == 0, "%s: status 0, but it prints\n%s\nnot\n%s\n%s", where,
                said, s->said, r->err);
    assert_that(strcmp(r->err, s->noted) == 0, "%s: status 0, but it says\n%s", where, r->err);
    free(said);
}

/* Checks that each line of standard error that the undisturbed run did not print is a sentence with
 * the reason. */
static inline void check_sentences(const swept_command *s, const char *err, const char *reason,
                                   const char *where)
{
    int sentences = 0;
    for (const char *line = err, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        assert_that(end, "%s: a line without an end: %s", where, err);
        char *text = strndup(line, (size_t)(end - line) + 1);
        if (!strstr(s->noted, text)) {
            sentences++;
            assert_that(strncmp(text, "candela", 7) == 0 && strchr(text, ':') &&
                            strstr(text, reason),
                        "%s: this does not say \"%s\": %s", where, reason, text);
        }
        free(text);
    }
    assert_that(sentences > 0 && sentences <= s->sentences, "%s: %d sentences: %s", where,
                sentences, err);
}

/* Checks that the file at --out is the new one, or after a failure the old one, and the only
 * one. */
static inline void check_file(const swept_command *s, const ran *r, const char *where)
{
    bool fresh = file_is(at(s->out), s->file, s->file_size);
    bool old = r->status == 1 && file_is_old(s);
    assert_that(fresh || old, "%s: status %d, and the file is neither the old one nor the new",
                where, r->status);
    assert_that(fresh || (!strstr(r->out, "saved ") && r->out[0] != '{'),
                "%s: nothing was saved, and it prints\n%s", where, r->out);
    only_the_file_is_there(s, where);
}

/* Runs the command with one refused call (or with all from that one on), and checks the run. */
static inline void check_refused(const swept_command *s, const refusal *f, long call, bool sticky)
{
    char where[256];
    (void)snprintf(where, sizeof where, "%s: %s, %s%s %ld", s->name,
                   f->how == SHORT ? "short" : strerror(f->how), sticky ? "from " : "", f->kind,
                   call);
    prepare(s);
    const ran *r = run_refused(s->words, f, call, sticky);
    assert_that(r->status == 0 || r->status == 1, "%s: status %d\n%s%s", where, r->status, r->out,
                r->err);
    counts done = report_of(f->kind);
    assert_that(done.calls >= 0, "%s: the run left no report", where);
    assert_that(done.refused > 0 || done.calls <= call, "%s: nothing was refused", where);
    assert_that(f->ending != GOES_ON || r->status == 0, "%s: status %d\n%s", where, r->status,
                r->err);
    assert_that(f->ending != FAILS || r->status == 1, "%s: status %d\n%s", where, r->status,
                r->out);
    if (r->status == 0) {
        check_success(s, r, where);
    } else {
        check_sentences(s, r->err, reason_of(f), where);
    }
    if (s->out) check_file(s, r, where);
}

/* --- sweeps ----------------------------------------------------------------------------------- */

/* Which calls a sweep refuses: every `step`-th, and all among the first and the last `whole`. */
typedef struct stride {
    long step, whole;
} stride;

static inline bool is_swept(stride each, long call, long calls)
{
    return call % each.step == 0 || call < each.whole || call >= calls - each.whole;
}

/* By how much the number of calls may differ from run to run: JSON is written by the character, and
 * numbers of seconds have more or fewer digits. */
enum { CALLS_MARGIN = 100 };

/* Runs the command for each call to refuse, and once for a call past the end, when nothing must be
 * refused. Prints and returns the number of runs. */
static inline long sweep(const swept_command *s, const refusal *f, stride each)
{
    prepare(s);
    (void)run_refused(s->words, NULL, 0, false);
    long calls = report_of(f->kind).calls, runs = 0;
    assert_true(calls >= 0);
    for (long call = 0; call < calls; call++) {
        if (!is_swept(each, call, calls)) continue;
        check_refused(s, f, call, false);
        if (f->sticky) check_refused(s, f, call, true);
        runs += f->sticky ? 2 : 1;
    }
    prepare(s);
    const ran *r = run_refused(s->words, f, calls + CALLS_MARGIN, true);
    assert_ran(r, 0);
    assert_int_equal(report_of(f->kind).refused, 0);
    if (calls > 0) {
        print_message("swept %s: %s, %s: %ld calls, %ld runs\n", s->name, f->kind,
                      f->how == SHORT ? "short" : strerror(f->how), calls, runs);
    }
    return runs;
}

static const refusal no_memory = { "memory", ENOMEM, EITHER, true };

/* The refusals of system calls. The ending is EITHER where the call only asks something (is there
 * such a folder? may it be written to?), so that a refusal is an answer too, and where the program
 * removes files that another run has left. */
static const refusal system_calls[] = {
    { "read", SHORT, GOES_ON, true },
    { "read", EINTR, GOES_ON, false },
    { "read", EIO, FAILS, true },
    { "fread", EIO, EITHER, false },
    { "write", SHORT, GOES_ON, false },
    { "write", EINTR, GOES_ON, false },
    { "write", EIO, FAILS, false },
    { "write", ENOSPC, FAILS, true },
    { "stdout", ENOSPC, EITHER, true },
    { "open", EINTR, GOES_ON, false },
    { "open", EMFILE, EITHER, true },
    { "open", EACCES, EITHER, false },
    { "fopen", EMFILE, FAILS, true },
    { "opendir", EMFILE, EITHER, true },
    { "opendir", EACCES, EITHER, false },
    { "readdir", EIO, EITHER, true },
    { "closedir", EIO, GOES_ON, false },
    { "close", EIO, GOES_ON, true },
    { "close", EINTR, GOES_ON, false },
    { "close_written", EIO, FAILS, false },
    { "close_written", ENOSPC, FAILS, false },
    { "close_written", EINTR, GOES_ON, false },
    { "stat", EIO, EITHER, true },
    { "stat", EACCES, EITHER, false },
    { "access", EACCES, EITHER, true },
    { "readlink", EIO, FAILS, false },
    { "fsync", EIO, FAILS, true },
    { "fchmod", EPERM, FAILS, false },
    { "rename", EIO, FAILS, false },
    { "rename", EXDEV, FAILS, false },
    { "unlink", EIO, GOES_ON, false },
    { "flock", EINTR, GOES_ON, false },
    { "flock", ENOLCK, GOES_ON, true },
    { "flock", EWOULDBLOCK, GOES_ON, false },
    { "fcntl", EMFILE, FAILS, false },
    { "madvise", EINVAL, GOES_ON, true },
    { "thread", EAGAIN, GOES_ON, true },
    { "thread_attr", ENOMEM, GOES_ON, true },
    { "thread_key", EAGAIN, EITHER, false },
};

/* Refuses system calls of all kinds. */
static inline void sweep_calls(const swept_command *s, stride each)
{
    for (size_t i = 0; i < sizeof system_calls / sizeof *system_calls; i++)
        (void)sweep(s, &system_calls[i], each);
}

static const stride every = { 1, 0 }; /* all calls */

/* Refuses every allocation and every system call, one by one; ends with swept_end. */
static inline void sweep_whole(swept_command *s)
{
    (void)sweep(s, &no_memory, every);
    sweep_calls(s, every);
    swept_end(s);
}

#endif
