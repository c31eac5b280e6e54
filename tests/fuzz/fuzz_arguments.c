/* The program's arguments. The input is the list of arguments, separated by NULs. No file can be
 * opened, for reading or writing. Each command begins by opening one, so the program reads its
 * arguments and then fails before the work.
 *
 * Checked:
 *   - the exit status is 0 (done), 1 (failed) or 2 (used wrongly);
 *   - status 0: there is something on standard output, and with --json it is JSON;
 *   - status 1: there is a sentence on standard error;
 *   - status 2: the same, and nothing is on standard output;
 *   - both outputs are lines of UTF-8 without control characters;
 *   - no file is made.
 *
 * The program runs in an empty folder of its own, so -artifact_prefix should be an absolute
 * path. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text_internal.h"
#include "core/threads.h"
#include "io/atomic_file_internal.h"
#include "io/json_tree_internal.h"
#include "io/source_internal.h"
#include "tests/fuzz/program.h"

enum { WORDS_MAX = 80, ARGUMENTS_MEMORY = 32 << 20 };

/* --- no files --------------------------------------------------------------------------------- */

static int open_nothing(const char *path, int flags)
{
    (void)path;
    (void)flags;
    errno = ENOENT;
    return -1;
}

static int make_nothing(const char *path, int flags, mode_t mode)
{
    (void)path;
    (void)flags;
    (void)mode;
    errno = EROFS;
    return -1;
}

static void forbid_files(void)
{
    static cd_read_calls reading;
    static cd_file_calls writing;
    reading = cd_read_calls_system;
    reading.open = open_nothing;
    cd_read_calls_used = &reading;
    writing = cd_file_calls_system;
    writing.open = make_nothing;
    cd_file_calls_used = &writing;
}

/* --- what is written -------------------------------------------------------------------------- */

/* The text consists of lines of UTF-8, without control characters other than the newline. */
static void check_text(const fuzz_bytes *text)
{
    FUZZ_CHECK(cd_utf8_valid((const char *)text->data, text->size));
    for (size_t i = 0; i < text->size; i++) {
        FUZZ_CHECK(text->data[i] == '\n' || (text->data[i] >= ' ' && text->data[i] != 0x7f));
    }
    FUZZ_CHECK(text->size == 0 || text->data[text->size - 1] == '\n');
}

static bool has_word(int argc, char **argv, const char *word)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], word) == 0) return true;
    }
    return false;
}

static void check_json(const fuzz_bytes *out)
{
    cd_json_document document;
    FUZZ_CHECK(cd_json_parse(&document, "output", (const char *)out->data, CD_ERR_FORMAT));
    FUZZ_CHECK(cd_json_is(document.root, CD_JSON_OBJECT));
    cd_json_free(&document);
}

static void run(int argc, char **argv)
{
    fuzz_bytes out, err;
    int status = fuzz_program(argc, argv, &out, &err);
    FUZZ_CHECK(status >= 0 && status <= 2);
    check_text(&out);
    check_text(&err);
    FUZZ_CHECK(status != 0 || out.size > 0);
    FUZZ_CHECK(status == 0 || err.size > 0);
    FUZZ_CHECK(status != 2 || out.size == 0);
    bool help = has_word(argc, argv, "--help") || has_word(argc, argv, "-h");
    if (status == 0 && !help && has_word(argc, argv, "--json")) check_json(&out);
    free(out.data);
    free(err.data);
}

/* Runs the program in fuzz_folder(), which is empty, and checks that it still is afterwards. */
static void run_apart(int argc, char **argv)
{
    int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    FUZZ_CHECK(home >= 0 && chdir(fuzz_folder()) == 0);
    run(argc, argv);
    FUZZ_CHECK(fchdir(home) == 0);
    (void)close(home);
    FUZZ_CHECK(fuzz_files() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *argv[WORDS_MAX + 2], name[] = "candela";
    int argc = 0, threads = cd_num_threads();
    fuzz_input in = { data, size };
    argv[argc++] = name;
    while (in.size > 0 && argc <= WORDS_MAX) {
        fuzz_input word = fuzz_word(&in);
        argv[argc] = malloc(word.size + 1);
        memcpy(argv[argc], word.data, word.size);
        argv[argc++][word.size] = '\0';
    }
    argv[argc] = NULL;
    fuzz_begin(ARGUMENTS_MEMORY);
    forbid_files();
    run_apart(argc, argv);
    fuzz_end();
    FUZZ_CHECK(cd_set_num_threads(threads));
    while (argc > 1) free(argv[--argc]);
    return 0;
}
