/* Where an atomic file goes: links, long paths. And what is left when a write fails late. */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "io/atomic_file_internal.h"
#include "io/checkpoint.h"

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

static void holds(const char *path, const char *content)
{
    char found[64] = "";
    FILE *file = fopen(path, "rb");
    assert_that(file, "%s: %s", path, strerror(errno));
    found[fread(found, 1, sizeof found - 1, file)] = '\0';
    (void)fclose(file);
    assert_string_equal(found, content);
}

static int temporaries(void)
{
    DIR *folder = opendir(test_folder());
    int count = 0;
    for (struct dirent *e; (e = readdir(folder));) count += strncmp(e->d_name, ".candela", 8) == 0;
    (void)closedir(folder);
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

/* --- links ------------------------------------------------------------------------------------ */

/* An absolute link to a relative one to the file; both stay links. */
static void links_are_followed_from_where_they_stand(void **state)
{
    (void)state;
    (void)test_write("target", "old", 3);
    assert_int_equal(mkdir(in_folder("below"), 0700), 0);
    assert_int_equal(symlink("../target", in_folder("below/relative")), 0);
    assert_int_equal(symlink(in_folder("below/relative"), in_folder("absolute")), 0);
    assert_true(save(in_folder("absolute"), "new"));
    holds(in_folder("target"), "new");
    struct stat info;
    assert_int_equal(lstat(in_folder("absolute"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(lstat(in_folder("below/relative"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
}

static void a_link_in_the_working_folder(void **state)
{
    (void)state;
    char before[PATH_MAX];
    assert_non_null(getcwd(before, sizeof before));
    (void)test_write("target", "old", 3);
    assert_int_equal(chdir(test_folder()), 0);
    assert_int_equal(symlink("target", "link"), 0);
    bool saved = save("link", "new");
    assert_int_equal(chdir(before), 0);
    assert_true(saved);
    holds(in_folder("target"), "new");
    assert_int_equal(temporaries(), 0);
}

/* The link's target fits a path by itself, but not behind the link's folder. */
static void a_link_whose_target_has_too_long_a_path(void **state)
{
    (void)state;
    char target[PATH_MAX];
    for (size_t i = 0; i < sizeof target; i++) target[i] = i % 2 ? '/' : '.';
    target[sizeof target - 1] = '\0';
    if (symlink(target, in_folder("link")) != 0) {
        print_message("SKIPPED: this file system has no links of that length\n");
        skip();
    }
    assert_null(cd_atomic_file_open(in_folder("link")));
    assert_failed_with(CD_ERR_IO, "/link: cannot write it: File name too long");
    assert_int_equal(temporaries(), 0);
}

static void names_that_no_file_can_have(void **state)
{
    (void)state;
    static char path[2 * PATH_MAX];
    assert_false(save("", "x"));
    assert_failed_with(CD_ERR_IO, "\"\": cannot write it: No such file or directory");
    memset(path, 'a', PATH_MAX);
    assert_false(save(path, "x"));
    assert_failed_with(CD_ERR_IO, "cannot write it: File name too long");
    /* a path that fits, while the path of its temporary file does not */
    (void)snprintf(path, sizeof path, "%s/", test_folder());
    size_t size = strlen(path);
    for (; size < PATH_MAX - 10; size++) path[size] = size % 2 ? '/' : '.';
    while (path[size - 1] != '/') path[--size] = '\0';
    path[size++] = 'x';
    path[size] = '\0';
    assert_true(size < PATH_MAX);
    assert_false(save(path, "x"));
    assert_failed_with(CD_ERR_IO, "cannot write it: File name too long");
    assert_int_equal(temporaries(), 0);
    assert_false(save(in_folder("nothing/"), "x"));
    assert_failed_with(CD_ERR_IO, "cannot write it: Is a directory");
}

/* --- writes that fail ------------------------------------------------------------------------- */

enum { PIECE = 40000 }; /* two pieces do not fit the buffer */

static int writes_left; /* writes before the one that fails; those after it succeed */
static ssize_t
    write_result; /* of the write that fails: -1, or 0 as from a device that takes nothing */

static ssize_t write_but_one(int fd, const void *bytes, size_t size)
{
    errno = ENOSPC;
    return writes_left-- != 0 ? write(fd, bytes, size) : write_result;
}

static bool save_pieces(int count)
{
    static char piece[PIECE];
    memset(piece, 'p', sizeof piece);
    cd_atomic_file *file = cd_atomic_file_open(in_folder("a"));
    assert_non_null(file);
    for (int i = 0; i < count; i++) {
        if (cd_atomic_file_write(file, piece, sizeof piece)) continue;
        cd_atomic_file_abandon(file);
        return false;
    }
    return cd_atomic_file_commit(file);
}

static void a_write_that_fails_late_leaves_the_old_file(void **state)
{
    (void)state;
    enum { PIECES = 4 };
    static const struct {
        ssize_t result;
        const char *reason;
    } ways[] = { { -1, "No space left on device" }, { 0, "Input/output error" } };
    (void)test_write("a", "old", 3);
    cd_file_calls calls = cd_file_calls_system;
    calls.write = write_but_one;
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        bool saved = false;
        int left = 0;
        for (; !saved; left++) {
            assert_true(left < 100);
            writes_left = left;
            write_result = ways[way].result;
            cd_file_calls_used = &calls;
            saved = save_pieces(PIECES);
            cd_file_calls_used = &cd_file_calls_system;
            if (saved) break;
            assert_failed_with(CD_ERR_IO, ways[way].reason);
            holds(in_folder("a"), "old");
            assert_int_equal(temporaries(), 0);
        }
        assert_int_equal(left, PIECES); /* each piece but the last fills the buffer up */
        struct stat info;
        assert_int_equal(stat(in_folder("a"), &info), 0);
        assert_int_equal(info.st_size, PIECES * PIECE);
        (void)test_write("a", "old", 3);
    }
}

static int refused_close;

static int close_with(int fd)
{
    (void)close(fd);
    errno = refused_close;
    return -1;
}

/* On Linux an interrupted close has closed the file, and fsync has brought
 * its bytes to the disk. */
static void an_interrupted_close_is_not_a_failure(void **state)
{
    (void)state;
    (void)test_write("a", "old", 3);
    cd_file_calls calls = cd_file_calls_system;
    calls.close = close_with;
    cd_file_calls_used = &calls;
    refused_close = EIO;
    bool saved = save(in_folder("a"), "new");
    cd_file_calls_used = &cd_file_calls_system;
    assert_false(saved);
    assert_failed_with(CD_ERR_IO, "/a: cannot write it: Input/output error");
    holds(in_folder("a"), "old");
    cd_file_calls_used = &calls;
    refused_close = EINTR;
    saved = save(in_folder("a"), "new");
    cd_file_calls_used = &cd_file_calls_system;
    assert_true(saved);
    holds(in_folder("a"), "new");
    assert_int_equal(temporaries(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(links_are_followed_from_where_they_stand),
        TEST(a_link_in_the_working_folder),
        TEST(a_link_whose_target_has_too_long_a_path),
        TEST(names_that_no_file_can_have),
        TEST(a_write_that_fails_late_leaves_the_old_file),
        TEST(an_interrupted_close_is_not_a_failure),
    };
    return RUN(tests);
}
