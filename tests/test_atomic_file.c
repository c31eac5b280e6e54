/* Atomic files: a new file appears whole or not at all, whatever call fails and
 * whenever the writer is killed. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"
#include "io/checkpoint.h"

/* --- a system that fails on demand ------------------------------------------------------------ */

/* One letter for each call so far: open, l for flock, write, m for fchmod, fsync,
 * close, rename, unlink. */
static char trace[4096];
static int fail_call;    /* the number of the call that fails, counted from 0; -1: none */
static int fail_error;   /* the errno of a call that fails */
static int calls;        /* how many calls were made */
static char fail_letter; /* all calls of this letter fail */
static size_t write_max; /* bytes that one write takes at most; 0: any number */
static size_t disk_left; /* bytes until ENOSPC */
static int interrupts;   /* how many of the next writes fail with EINTR */

static bool fails(char letter)
{
    size_t length = strlen(trace);
    if (length + 1 < sizeof trace) {
        trace[length] = letter;
        trace[length + 1] = '\0';
    }
    errno = fail_error;
    return calls++ == fail_call || letter == fail_letter;
}

static int fake_open(const char *path, int flags, mode_t mode)
{
    return fails('o') ? -1 : open(path, flags, mode);
}

static int fake_flock(int fd, int operation)
{
    return fails('l') ? -1 : flock(fd, operation);
}

static ssize_t fake_write(int fd, const void *bytes, size_t size)
{
    if (fails('w')) return -1;
    if (interrupts > 0) {
        interrupts--;
        errno = EINTR;
        return -1;
    }
    if (write_max && size > write_max) size = write_max;
    if (size > disk_left) size = disk_left;
    if (size == 0) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t n = write(fd, bytes, size);
    disk_left -= (size_t)n;
    return n;
}

static int fake_fchmod(int fd, mode_t mode)
{
    return fails('m') ? -1 : fchmod(fd, mode);
}

static int fake_fsync(int fd)
{
    return fails('f') ? -1 : fsync(fd);
}

static int fake_close(int fd)
{
    (void)close(fd); /* a close that fails has closed all the same */
    return fails('c') ? -1 : 0;
}

static int fake_rename(const char *from, const char *to)
{
    return fails('r') ? -1 : rename(from, to);
}

static int fake_unlink(const char *path)
{
    return fails('u') ? -1 : unlink(path);
}

static const cd_file_calls fake = { fake_open,  fake_flock,  fake_write,  fake_fchmod, fake_fsync,
                                    fake_close, fake_rename, fake_unlink, link };

static void use_fake(void)
{
    trace[0] = '\0';
    fail_call = -1;
    fail_error = EIO;
    calls = 0;
    fail_letter = 0;
    write_max = 0;
    disk_left = SIZE_MAX;
    interrupts = 0;
    cd_file_calls_used = &fake;
}

static void use_system(void)
{
    cd_file_calls_used = &cd_file_calls_system;
}

/* --- looking ---------------------------------------------------------------------------------- */

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

static void holds(const char *path, const char *content)
{
    char found[256] = "";
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(found, 1, sizeof found - 1, file);
    (void)fclose(file);
    found[size] = '\0';
    assert_string_equal(found, content);
}

static int files_in(const char *folder)
{
    DIR *dir = opendir(folder);
    int count = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) count++;
    }
    (void)closedir(dir);
    return count;
}

static bool save(const char *path, const char *content)
{
    cd_atomic_file *file = cd_atomic_file_open(path);
    if (!file) return false;
    if (cd_atomic_file_write(file, content, strlen(content))) return cd_atomic_file_commit(file);
    cd_atomic_file_abandon(file);
    return false;
}

/* --- the usual -------------------------------------------------------------------------------- */

static void a_new_file_appears_when_it_is_complete(void **state)
{
    (void)state;
    const char *path = in_folder("a.model");
    cd_atomic_file *file = cd_atomic_file_open(path);
    assert_non_null(file);
    assert_true(cd_atomic_file_write(file, "one ", 4));
    assert_true(access(path, F_OK) != 0);
    assert_true(cd_atomic_file_write(file, "two", 3));
    assert_true(cd_atomic_file_commit(file));
    holds(path, "one two");
    assert_int_equal(files_in(test_folder()), 1);
}

static void an_old_file_stays_until_then(void **state)
{
    (void)state;
    const char *path = test_write("a.model", "old", 3);
    cd_atomic_file *file = cd_atomic_file_open(path);
    assert_true(cd_atomic_file_write(file, "new", 3));
    holds(path, "old");
    assert_true(cd_atomic_file_commit(file));
    holds(path, "new");
}

static void abandoning_leaves_the_old_one(void **state)
{
    (void)state;
    const char *path = test_write("a.model", "old", 3);
    cd_atomic_file *file = cd_atomic_file_open(path);
    assert_true(cd_atomic_file_write(file, "new", 3));
    cd_atomic_file_abandon(file);
    cd_atomic_file_abandon(NULL);
    holds(path, "old");
    assert_int_equal(files_in(test_folder()), 1);
}

static void an_empty_file_is_a_file(void **state)
{
    (void)state;
    assert_true(save(in_folder("empty"), ""));
    holds(in_folder("empty"), "");
}

static void large_writes_arrive_whole(void **state)
{
    (void)state;
    enum { PIECES = 300 };
    char piece[1000];
    cd_atomic_file *file = cd_atomic_file_open(in_folder("large"));
    for (int i = 0; i < PIECES; i++) {
        memset(piece, 'a' + i % 26, sizeof piece);
        assert_true(cd_atomic_file_write(file, piece, sizeof piece));
    }
    char *big = malloc(200000);
    memset(big, '#', 200000);
    assert_true(cd_atomic_file_write(file, big, 200000));
    free(big);
    assert_true(cd_atomic_file_commit(file));
    FILE *in = fopen(in_folder("large"), "rb");
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(fread(piece, 1, sizeof piece, in), sizeof piece);
        assert_int_equal(piece[0], 'a' + i % 26);
        assert_int_equal(piece[999], 'a' + i % 26);
    }
    assert_int_equal(fseek(in, 0, SEEK_END), 0);
    assert_int_equal(ftell(in), PIECES * 1000 + 200000);
    (void)fclose(in);
}

static void the_mode_is_kept(void **state)
{
    (void)state;
    const char *path = test_write("a.model", "old", 3);
    assert_int_equal(chmod(path, 0640), 0);
    assert_true(save(path, "new"));
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void a_new_file_follows_the_umask(void **state)
{
    (void)state;
    mode_t before = umask(027);
    assert_true(save(in_folder("a.model"), "new"));
    (void)umask(before);
    struct stat info;
    assert_int_equal(stat(in_folder("a.model"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
    (void)state;
    (void)test_write("real.model", "old", 3);
    assert_int_equal(symlink("real.model", in_folder("second")), 0);
    assert_int_equal(symlink("second", in_folder("link")), 0);
    assert_true(save(in_folder("link"), "new"));
    holds(in_folder("real.model"), "new");
    struct stat info;
    assert_int_equal(lstat(in_folder("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
}

static void a_link_may_name_its_target_from_the_root(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in_folder("other"), 0700), 0);
    (void)test_write("real.model", "old", 3);
    char target[512];
    (void)snprintf(target, sizeof target, "%s", in_folder("real.model"));
    assert_int_equal(target[0], '/');
    assert_int_equal(symlink(target, in_folder("other/link")), 0);
    assert_true(save(in_folder("other/link"), "new"));
    holds(in_folder("real.model"), "new");
}

static void a_link_to_nothing_makes_its_target(void **state)
{
    (void)state;
    assert_int_equal(symlink("later.model", in_folder("link")), 0);
    assert_true(save(in_folder("link"), "new"));
    holds(in_folder("later.model"), "new");
}

static void a_circle_of_links_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(symlink("b", in_folder("a")), 0);
    assert_int_equal(symlink("a", in_folder("b")), 0);
    assert_false(save(in_folder("a"), "new"));
    assert_failed_with(CD_ERR_IO, "symbolic links");
}

static void a_name_without_a_folder_is_in_the_working_one(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(test_folder()), 0);
    bool saved = save("plain.model", "here");
    assert_int_equal(chdir(before), 0);
    assert_true(saved);
    holds(in_folder("plain.model"), "here");
}

/* --- what cannot be written ------------------------------------------------------------------- */

static void refuses(const char *path, const char *text)
{
    assert_false(cd_path_writable(path));
    assert_failed_with(CD_ERR_IO, text);
    assert_false(save(path, "x"));
    assert_failed_with(CD_ERR_IO, text);
}

static void what_cannot_be_written_is_found_out_before(void **state)
{
    (void)state;
    refuses("/nowhere/at/all", "No such file or directory");
    refuses(test_folder(), "Is a directory");
    refuses(in_folder(""), "directory");
    refuses(in_folder("missing/"), "irectory");
    refuses("", "No such file");
    refuses("/dev/null", "it is a device");
    (void)test_write("file", "x", 1);
    refuses(in_folder("file/inside"), "Not a directory");
    assert_false(cd_path_writable(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    char path[6000];
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = '\0';
    refuses(path, "name too long");
}

/* --- cd_write_file ---------------------------------------------------------------------------- */

static void bytes_are_written_in_one_call(void **state)
{
    (void)state;
    const char *path = test_write("file", "old", 3);
    assert_true(cd_write_file(path, "new bytes", 9));
    holds(path, "new bytes");
    assert_true(cd_write_file(path, NULL, 0));
    holds(path, "");
    assert_int_equal(files_in(test_folder()), 1);
}

static void a_call_that_fails_leaves_the_old_bytes(void **state)
{
    (void)state;
    const char *path = test_write("file", "old", 3);
    assert_false(cd_write_file(path, NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "cd_write_file: the bytes must not be NULL");
    assert_false(cd_write_file(NULL, "x", 1));
    assert_failed_with(CD_ERR_ARGUMENT, "cd_write_file: the path must not be NULL");
    assert_false(cd_write_file(in_folder("no/file"), "x", 1));
    assert_failed_with(CD_ERR_IO, "No such file or directory");
    (void)cd_fail(CD_ERR_SHAPE, "an error before");
    assert_false(cd_write_file(path, "x", 1));
    assert_failed_with(CD_ERR_SHAPE, "an error before");
    holds(path, "old");
}

static void read_only_places_are_refused(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("SKIPPED: root may write everywhere\n");
        skip();
    }
    const char *path = test_write("a.model", "old", 3);
    assert_int_equal(chmod(path, 0444), 0);
    refuses(path, "Permission denied");
    assert_int_equal(mkdir(in_folder("closed"), 0555), 0);
    refuses(in_folder("closed/a.model"), "Permission denied");
}

static void asking_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_true(cd_path_writable(in_folder("a.model")));
    assert_int_equal(files_in(test_folder()), 0);
    const char *path = test_write("a.model", "old", 3);
    assert_true(cd_path_writable(path));
    holds(path, "old");
    assert_int_equal(files_in(test_folder()), 1);
}

/* --- faults ----------------------------------------------------------------------------------- */

static void calls_come_in_the_safe_order(void **state)
{
    (void)state;
    use_fake();
    assert_true(save(in_folder("a.model"), "new"));
    assert_string_equal(trace, "olwfcrofc");
    use_fake();
    assert_true(save(in_folder("a.model"), "newer"));
    assert_string_equal(trace, "olmwfcrofc");
    use_system();
}

/* Fails the k-th call for all k, for a file large enough for several writes. */
static void any_failing_call_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path = test_write("a.model", "old", 3);
    char *content = malloc(150001);
    memset(content, 'n', 150000);
    content[150000] = '\0';
    bool done = false;
    for (int k = 0; !done; k++) {
        assert_true(k < 100);
        use_fake();
        fail_call = k;
        write_max = 40000;
        done = save(path, content);
        bool renamed = strchr(trace, 'r') && trace[strlen(trace) - 1] != 'u';
        /* A save succeeds without a lock, and when the close of the folder
         * (the last call) fails. */
        bool harmless = done && (trace[k] == 'l' || k + 1 == calls);
        done = done && calls <= k;
        use_system();
        if (done) break;
        if (harmless) path = test_write("a.model", "old", 3);
        if (harmless) continue;
        assert_that(cd_error_code() == CD_ERR_IO, "call %d (%s)", k, trace);
        assert_failed_with(CD_ERR_IO, "Input/output error");
        assert_int_equal(files_in(test_folder()), 1);
        if (!renamed) holds(path, "old");
        path = test_write("a.model", "old", 3);
    }
    free(content);
}

static void short_and_interrupted_writes_go_on(void **state)
{
    (void)state;
    use_fake();
    write_max = 1;
    interrupts = 3;
    assert_true(save(in_folder("a.model"), "slowly"));
    use_system();
    holds(in_folder("a.model"), "slowly");
}

static void a_full_disk_at_any_byte_is_an_error(void **state)
{
    (void)state;
    const char *path = test_write("a.model", "old", 3);
    static const size_t sizes[] = { 0, 1, 4095, 4096, 4999 };
    char content[5001];
    memset(content, 'n', 5000);
    content[5000] = '\0';
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        use_fake();
        disk_left = sizes[i];
        assert_false(save(path, content));
        use_system();
        assert_failed_with(CD_ERR_IO, "No space left on device");
        holds(path, "old");
        assert_int_equal(files_in(test_folder()), 1);
    }
}

static void fsync_close_and_rename_may_fail(void **state)
{
    (void)state;
    const char *path = test_write("a.model", "old", 3);
    for (const char *letter = "fr"; *letter; letter++) {
        use_fake();
        fail_letter = *letter;
        assert_false(save(path, "new"));
        use_system();
        assert_failed_with(CD_ERR_IO, "Input/output error");
        holds(path, "old");
        assert_int_equal(files_in(test_folder()), 1);
    }
    use_fake();
    fail_call = 5; /* the close of the new file, after olmwf */
    assert_false(save(path, "new"));
    assert_string_equal(trace, "olmwfcu");
    use_system();
    assert_failed_with(CD_ERR_IO, "Input/output error");
    holds(path, "old");
}

static void a_failed_fsync_is_not_tried_again(void **state)
{
    (void)state;
    use_fake();
    fail_letter = 'f';
    assert_false(save(in_folder("a.model"), "new"));
    assert_string_equal(trace, "olwfcu");
    use_system();
    assert_failed_with(CD_ERR_IO, "Input/output error");
}

static void a_folder_that_does_not_sync_is_reported(void **state)
{
    (void)state;
    use_fake();
    fail_call = 7; /* the fsync of the folder, after olwfcro */
    assert_false(save(in_folder("a.model"), "new"));
    use_system();
    assert_failed_with(CD_ERR_IO, "the new file is there");
    holds(in_folder("a.model"), "new");
    use_fake();
    fail_call = 7;
    fail_error = EINVAL; /* what some file systems answer */
    assert_true(save(in_folder("b.model"), "new"));
    use_system();
}

static void an_interrupted_open_is_repeated(void **state)
{
    (void)state;
    use_fake();
    fail_call = 0;
    fail_error = EINTR;
    assert_true(save(in_folder("a.model"), "new"));
    use_system();
    holds(in_folder("a.model"), "new");
}

static void a_taken_temporary_name_is_passed_over(void **state)
{
    (void)state;
    use_fake();
    fail_call = 0;
    fail_error = EEXIST;
    assert_true(save(in_folder("a.model"), "new"));
    assert_string_equal(trace, "oolwfcrofc");
    use_fake();
    fail_letter = 'o';
    fail_error = EEXIST;
    assert_false(save(in_folder("b.model"), "new"));
    use_system();
    assert_failed_with(CD_ERR_IO, "File exists");
}

static void a_killed_writer_leaves_old_or_new(void **state)
{
    (void)state;
    enum { KILLS = 40, SIZE = 100000 };
    char path[512];
    snprintf(path, sizeof path, "%s", in_folder("a.model"));
    char *content = malloc(SIZE + 1);
    memset(content, 'a', SIZE);
    content[SIZE] = '\0';
    assert_true(save(path, content));
    for (int kill_number = 0; kill_number < KILLS; kill_number++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            for (int i = 0;; i++) {
                memset(content, 'a' + i % 26, SIZE);
                if (!save(path, content)) _exit(1);
            }
        }
        (void)usleep((useconds_t)(500 + 400 * kill_number));
        assert_int_equal(kill(child, SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        assert_int_equal(fread(content, 1, SIZE + 1, file), SIZE);
        (void)fclose(file);
        for (int i = 1; i < SIZE; i++) {
            if (content[i] != content[0]) assert_int_equal(content[i], content[0]);
        }
        content[SIZE] = '\0';
    }
    free(content);
}

static bool no_memory(size_t bytes)
{
    (void)bytes;
    return true;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    cd_memory_fault_hook = no_memory;
    assert_false(save(in_folder("a.model"), "x"));
    cd_memory_fault_hook = NULL;
    assert_failed_with(CD_ERR_MEMORY, "out of memory");
    assert_int_equal(files_in(test_folder()), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_appears_when_it_is_complete),
        TEST(an_old_file_stays_until_then),
        TEST(abandoning_leaves_the_old_one),
        TEST(an_empty_file_is_a_file),
        TEST(large_writes_arrive_whole),
        TEST(the_mode_is_kept),
        TEST(a_new_file_follows_the_umask),
        TEST(a_link_stays_and_its_target_is_replaced),
        TEST(a_link_may_name_its_target_from_the_root),
        TEST(a_link_to_nothing_makes_its_target),
        TEST(a_circle_of_links_is_an_error),
        TEST(a_name_without_a_folder_is_in_the_working_one),
        TEST(what_cannot_be_written_is_found_out_before),
        TEST(bytes_are_written_in_one_call),
        TEST(a_call_that_fails_leaves_the_old_bytes),
        TEST(read_only_places_are_refused),
        TEST(asking_leaves_nothing_behind),
        TEST(calls_come_in_the_safe_order),
        TEST(any_failing_call_leaves_the_old_file),
        TEST(short_and_interrupted_writes_go_on),
        TEST(a_full_disk_at_any_byte_is_an_error),
        TEST(fsync_close_and_rename_may_fail),
        TEST(a_failed_fsync_is_not_tried_again),
        TEST(a_folder_that_does_not_sync_is_reported),
        TEST(an_interrupted_open_is_repeated),
        TEST(a_taken_temporary_name_is_passed_over),
        TEST(a_killed_writer_leaves_old_or_new),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
