/* Second names of files: by a link where the system has them, and otherwise by a copy. */
#include "runs.h"

#include "io/atomic_file_internal.h"
#include "io/second_name_internal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static void holds(const char *path, const char *content)
{
    size_t size;
    unsigned char *bytes = file_bytes(path, &size);
    assert_true(size == strlen(content) && memcmp(bytes, content, size) == 0);
    free(bytes);
}

static ino_t number_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_ino;
}

static int no_links(const char *from, const char *to)
{
    (void)from, (void)to;
    errno = EPERM; /* as on FAT */
    return -1;
}

static ssize_t no_room(int fd, const void *bytes, size_t size)
{
    (void)fd, (void)bytes, (void)size;
    errno = ENOSPC;
    return -1;
}

static int no_rename(const char *from, const char *to)
{
    (void)from, (void)to;
    errno = EIO;
    return -1;
}

static void use(cd_file_calls *calls)
{
    cd_file_calls_used = calls ? calls : &cd_file_calls_system;
}

static void a_link_takes_no_room(void **state)
{
    (void)state;
    const char *a = test_write("a", "one", 3), *b = in_folder("b");
    assert_true(cd_second_name(a, b));
    assert_true(number_of(a) == number_of(b));
    assert_true(cd_second_name(a, b)); /* again: nothing is to be done, and nothing is left */
    struct stat info;
    assert_int_equal(stat(a, &info), 0);
    assert_int_equal(info.st_nlink, 2);
    a = test_write("c", "two", 3);
    assert_true(cd_second_name(a, b));
    holds(in_folder("a"), "one");
    holds(b, "two");
}

static void without_links_it_is_a_copy(void **state)
{
    (void)state;
    cd_file_calls calls = cd_file_calls_system;
    calls.link = no_links;
    enum { SIZE = 600000 };
    char *text = malloc(SIZE + 1);
    for (int i = 0; i < SIZE; i++) text[i] = (char)('a' + i % 23);
    text[SIZE] = '\0';
    const char *a = test_write("a", text, SIZE), *b = test_write("b", "old", 3);
    use(&calls);
    const bool done = cd_second_name(a, b);
    use(NULL);
    assert_true(done && number_of(a) != number_of(b));
    holds(b, text);
    free(text);
}

/* A symbolic link at the second name is replaced; what it leads to, such as an earlier step, stays.
 */
static void symbolic_links_are_replaced(void **state)
{
    (void)state;
    cd_file_calls calls = cd_file_calls_system;
    calls.link = no_links;
    for (int i = 0; i < 4; i++) {
        const char *a = test_write("a", "new", 3), *c = test_write("c", "old", 3);
        const char *b = in_folder("b");
        assert_int_equal(symlink(i < 2 ? "c" : "nowhere", b), 0);
        use(i % 2 ? &calls : NULL);
        const bool done = cd_second_name(a, b);
        use(NULL);
        assert_true(done);
        holds(b, "new");
        holds(c, "old");
        struct stat info;
        assert_int_equal(lstat(b, &info), 0);
        assert_true(S_ISREG(info.st_mode));
        assert_int_equal(unlink(b), 0);
    }
    assert_int_equal(access(in_folder("nowhere"), F_OK), -1);
}

static void failures_leave_what_was_there(void **state)
{
    (void)state;
    const char *a = test_write("a", "new", 3), *b = test_write("b", "old", 3);
    cd_file_calls calls = cd_file_calls_system;
    calls.link = no_links;
    calls.write = no_room;
    use(&calls);
    bool done = cd_second_name(a, b);
    use(NULL);
    assert_false(done);
    assert_failed_with(CD_ERR_IO, "No space left");
    calls = cd_file_calls_system;
    calls.rename = no_rename;
    use(&calls);
    done = cd_second_name(a, b);
    use(NULL);
    assert_false(done);
    assert_failed_with(CD_ERR_IO, "b: cannot write it: Input/output error");
    holds(b, "old");
    struct stat info;
    assert_int_equal(stat(a, &info), 0);
    assert_int_equal(info.st_nlink, 1); /* no temporary name is left */
    assert_false(cd_second_name(in_folder("none"), b));
    assert_failed_with(CD_ERR_IO, "none: cannot read it: No such file");
    holds(b, "old");
    assert_int_equal(mkdir(in_folder("folder"), 0700), 0);
    assert_false(cd_second_name(a, in_folder("folder")));
    assert_failed_with(CD_ERR_IO, "Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_takes_no_room),
        TEST(without_links_it_is_a_copy),
        TEST(symbolic_links_are_replaced),
        TEST(failures_leave_what_was_there),
    };
    return RUN(tests);
}
