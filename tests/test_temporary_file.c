/* Temporary files: the next save removes those that killed writers left, and nothing that another
 * writer is using or that is not ours. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "io/atomic_file_internal.h"
#include "io/checkpoint.h"

/* --- looking ---------------------------------------------------------------------------------- */

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

/* How many files in the folder have names that begin with `start`. */
static int count(const char *start)
{
    DIR *entries = opendir(test_folder());
    int found = 0;
    for (struct dirent *e; (e = readdir(entries));) {
        found += strncmp(e->d_name, start, strlen(start)) == 0;
    }
    (void)closedir(entries);
    return found;
}

static bool save(const char *name, const char *content)
{
    cd_atomic_file *file = cd_atomic_file_open(in_folder(name));
    if (!file) return false;
    if (cd_atomic_file_write(file, content, strlen(content))) return cd_atomic_file_commit(file);
    cd_atomic_file_abandon(file);
    return false;
}

static void holds(const char *name, const char *content)
{
    char found[64] = "";
    FILE *file = fopen(in_folder(name), "rb");
    assert_non_null(file);
    found[fread(found, 1, sizeof found - 1, file)] = '\0';
    (void)fclose(file);
    assert_string_equal(found, content);
}

/* Starts a process that begins to save and then waits until *go is closed; then it commits. */
static pid_t start_writer(const char *name, int *go)
{
    int begun[2], on[2];
    (void)test_folder();
    assert_int_equal(pipe(begun), 0);
    assert_int_equal(pipe(on), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)close(on[1]);
        cd_atomic_file *file = cd_atomic_file_open(in_folder(name));
        bool ok = file && cd_atomic_file_write(file, "from the child", 14);
        char byte = 0;
        ok = ok && write(begun[1], &byte, 1) == 1 && read(on[0], &byte, 1) == 0 &&
             cd_atomic_file_commit(file);
        _exit(ok ? 0 : 1);
    }
    char byte;
    (void)close(begun[1]);
    (void)close(on[0]);
    assert_int_equal(read(begun[0], &byte, 1), 1);
    (void)close(begun[0]);
    *go = on[1];
    return child;
}

/* --- what is removed -------------------------------------------------------------------------- */

static void what_a_killed_writer_left_is_removed_by_the_next(void **state)
{
    (void)state;
    enum { WRITERS = 3 };
    pid_t child[WRITERS];
    int go[WRITERS], status;
    for (int i = 0; i < WRITERS; i++) child[i] = start_writer("killed", &go[i]);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(kill(child[i], SIGKILL), 0);
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        (void)close(go[i]);
    }
    assert_int_equal(count(".candela-"), 3);
    assert_true(save("a", "new"));
    assert_int_equal(count(".candela-"), 0);
    assert_int_equal(count("killed"), 0);
    holds("a", "new");
    (void)test_write(".candela-1-0.tmp", "", 0);
    assert_true(cd_path_writable(in_folder("b")));
    assert_int_equal(count(".candela-"), 0);
}

/* --- what is not ------------------------------------------------------------------------------ */

static void what_another_process_is_writing_stays(void **state)
{
    (void)state;
    int go, status;
    pid_t child = start_writer("theirs", &go);
    for (int i = 0; i < 5; i++) assert_true(save("mine", "new"));
    assert_int_equal(count(".candela-"), 1);
    (void)close(go);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count(".candela-"), 0);
    holds("theirs", "from the child");
    holds("mine", "new");
}

static void what_this_process_is_writing_stays(void **state)
{
    (void)state;
    cd_atomic_file *first = cd_atomic_file_open(in_folder("first"));
    cd_atomic_file *second = cd_atomic_file_open(in_folder("second"));
    assert_int_equal(count(".candela-"), 2);
    assert_true(save("third", "3"));
    assert_int_equal(count(".candela-"), 2);
    assert_true(cd_atomic_file_commit(first));
    assert_true(save("third", "3"));
    assert_true(cd_atomic_file_commit(second));
    assert_int_equal(count(".candela-"), 0);
}

static void what_has_another_name_or_kind_stays(void **state)
{
    (void)state;
    static const char *const names[] = {
        ".candela-1-2.tmp~", ".candela-1-2",       ".candela-1.tmp",    ".candela--2.tmp",
        ".candela-1-.tmp",   ".candela-01-2.tmp",  ".candela-1-2x.tmp", "candela-1-2.tmp",
        ".candela-a-b.tmp",  ".candela-1-2-3.tmp", ".candela-1-2.tmp.", "..candela-1-2.tmp",
        ".CANDELA-1-2.TMP",  ".candela- 1-2.tmp",
    };
    enum { NAMES = sizeof names / sizeof *names };
    for (int i = 0; i < NAMES; i++) (void)test_write(names[i], "x", 1);
    (void)test_write("precious", "precious", 8);
    assert_int_equal(symlink("precious", in_folder(".candela-7-1.tmp")), 0);
    assert_int_equal(mkdir(in_folder(".candela-7-2.tmp"), 0777), 0);
    assert_int_equal(mkfifo(in_folder(".candela-7-3.tmp"), 0666), 0);
    assert_int_equal(symlink("/nowhere", in_folder(".candela-7-4.tmp")), 0);
    assert_true(save("a", "new"));
    for (int i = 0; i < NAMES; i++) assert_int_equal(access(in_folder(names[i]), F_OK), 0);
    assert_int_equal(count(".candela-7-"), 4);
    holds("precious", "precious");
}

static void what_belongs_to_another_user_stays(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: only root makes files of other users\n");
        skip();
    }
    assert_int_equal(chown(test_write(".candela-1-2.tmp", "x", 1), 12345, 12345), 0);
    assert_true(save("a", "new"));
    assert_int_equal(count(".candela-"), 1);
}

/* --- writers and cleaners at once ------------------------------------------------------------- */

static cd_file_calls calls;
static int disturbances; /* how many of the next calls of flock are disturbed */
static int
    disturbance; /* the errno that such a call fails with; 0: the new file is removed first */

static int no_fsync(int fd)
{
    (void)fd;
    return 0;
}

static int disturbed_flock(int fd, int operation)
{
    if (disturbances-- <= 0) return flock(fd, operation);
    char path[64], name[512];
    errno = disturbance;
    if (disturbance) return -1;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(path, name, sizeof name - 1);
    assert_true(size > 0);
    name[size] = '\0';
    assert_int_equal(unlink(name), 0);
    return flock(fd, operation);
}

static void disturb(int times, int error)
{
    calls = cd_file_calls_system;
    calls.flock = disturbed_flock;
    disturbances = times;
    disturbance = error;
    cd_file_calls_used = &calls;
}

/* A writer whose new file another save finds before it is locked takes another name. */
static void a_cleaner_may_be_faster_than_the_lock(void **state)
{
    (void)state;
    disturb(3, EWOULDBLOCK);
    assert_true(save("a", "1"));
    holds("a", "1");
    disturb(3, 0);
    assert_true(save("a", "2"));
    holds("a", "2");
    disturb(1, EINTR);
    assert_true(save("a", "3"));
    holds("a", "3");
    disturb(100000, EWOULDBLOCK);
    assert_false(save("a", "4"));
    assert_failed_with(CD_ERR_IO, "File exists");
    cd_file_calls_used = &cd_file_calls_system;
    holds("a", "3");
    assert_int_equal(count(".candela-"), 0);
}

static void a_file_system_without_locks_is_written_all_the_same(void **state)
{
    (void)state;
    static const int errors[] = { ENOLCK, EOPNOTSUPP, ENOSYS, EINVAL };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        disturb(100, errors[i]);
        bool saved = save("a", "new");
        cd_file_calls_used = &cd_file_calls_system;
        assert_true(saved);
    }
    holds("a", "new");
}

/* Four processes save into one folder, and each removes what it may remove: none loses its file. */
static void many_may_save_into_one_folder(void **state)
{
    (void)state;
    enum { WRITERS = 4, SAVES = 400 };
    pid_t child[WRITERS];
    calls = cd_file_calls_system;
    calls.fsync = no_fsync;
    cd_file_calls_used = &calls;
    (void)test_folder();
    for (int i = 0; i < WRITERS; i++) {
        child[i] = fork();
        if (child[i] != 0) continue;
        char name[16];
        (void)snprintf(name, sizeof name, "f%d", i);
        bool ok = true;
        for (int k = 0; k < SAVES && ok; k++) ok = save(name, "content");
        _exit(ok ? 0 : 1);
    }
    cd_file_calls_used = &cd_file_calls_system;
    for (int i = 0; i < WRITERS; i++) {
        int status;
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count(".candela-"), 0);
    assert_int_equal(count("f"), WRITERS);
}

/* --- before a signal's end -------------------------------------------------------------------- */

static void unfinished_saves_can_be_removed(void **state)
{
    (void)state;
    cd_remove_unfinished();
    cd_atomic_file *first = cd_atomic_file_open(in_folder("first"));
    cd_atomic_file *second = cd_atomic_file_open(in_folder("second"));
    int status;
    pid_t child = fork();
    if (child == 0) {
        cd_remove_unfinished(); /* must not remove the files of its parent */
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(count(".candela-"), 2);
    assert_true(cd_atomic_file_commit(first));
    errno = EDOM;
    cd_remove_unfinished();
    assert_int_equal(errno, EDOM);
    assert_int_equal(count(".candela-"), 0);
    holds("first", "");
    assert_false(cd_atomic_file_commit(second));
    assert_failed_with(CD_ERR_IO, "No such file");
    assert_int_equal(count("second"), 0);
}

/* There is room for 16 files in the list of cd_remove_unfinished. */
static void more_saves_than_the_list_has_room_for_still_work(void **state)
{
    (void)state;
    enum { FILES = 20 };
    cd_atomic_file *file[FILES];
    char name[16];
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "f%d", i);
        file[i] = cd_atomic_file_open(in_folder(name));
        assert_non_null(file[i]);
    }
    for (int i = 0; i < FILES; i++) assert_true(cd_atomic_file_commit(file[i]));
    assert_int_equal(count("f"), FILES);
    assert_int_equal(count(".candela-"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_killed_writer_left_is_removed_by_the_next),
        TEST(what_another_process_is_writing_stays),
        TEST(what_this_process_is_writing_stays),
        TEST(what_has_another_name_or_kind_stays),
        TEST(what_belongs_to_another_user_stays),
        TEST(a_cleaner_may_be_faster_than_the_lock),
        TEST(a_file_system_without_locks_is_written_all_the_same),
        TEST(many_may_save_into_one_folder),
        TEST(unfinished_saves_can_be_removed),
        TEST(more_saves_than_the_list_has_room_for_still_work),
    };
    return RUN(tests);
}
