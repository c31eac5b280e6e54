/* See test.h. */
#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "core/memory_internal.h"
#include "core/scope.h"

static int64_t objects_before, blocks_before;
static int descriptor_before; /* the lowest free file descriptor */
static char folder[256];
static cd_scope scope; /* of the running test; ends scopes that a failed test left open */

static int free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) (void)close(fd);
    return fd;
}

int test_setup(void **state)
{
    (void)state;
    folder[0] = '\0';
    descriptor_before = free_descriptor();
    cd_memory_info info = cd_memory_stats();
    objects_before = info.objects;
    blocks_before = info.blocks_in_use;
    scope = cd_scope_begin();
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

int test_teardown(void **state)
{
    (void)state;
    if (folder[0]) (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    cd_memory_fault_hook = NULL;
    (void)cd_scope_end(scope);
    cd_error error;
    if (cd_error_take(&error)) {
        print_error("the test left an error pending: %s\n", error.message);
        return 1;
    }
    cd_memory_info info = cd_memory_stats();
    if (info.objects != objects_before || info.blocks_in_use != blocks_before) {
        print_error("leaked: %lld objects and %lld blocks more than before the test\n",
                    (long long)(info.objects - objects_before),
                    (long long)(info.blocks_in_use - blocks_before));
        return 1;
    }
    if (free_descriptor() > descriptor_before) {
        print_error("left open: file descriptor %d\n", descriptor_before);
        return 1;
    }
    return 0;
}

int test_run(const struct CMUnitTest *tests, size_t count)
{
    if (count == 0) return 1;
    return _cmocka_run_group_tests("candela", tests, count, NULL, NULL) == 0 ? 0 : 1;
}

const char *test_path(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", CANDELA_TESTS_DIR, name);
    return path;
}

const char *test_shared(const char *name)
{
    static char paths[4][4096];
    static int next;
    char *path = paths[next++ % 4];
    const char *given = getenv("CANDELA_SHARED");
    if (given) {
        snprintf(path, sizeof paths[0], "%s/%s", given, name);
    } else {
        snprintf(path, sizeof paths[0], "%s/../../shared/%s", CANDELA_TESTS_DIR, name);
    }
    if (access(path, R_OK) != 0) {
        print_message("SKIPPED: %s is not there: set CANDELA_SHARED to a folder that has %s\n",
                      path, name);
        skip();
    }
    return path;
}

const char *test_folder(void)
{
    if (!folder[0]) {
        const char *base = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/candela-test-XXXXXX", base ? base : "/tmp");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

const char *test_write(const char *name, const void *bytes, size_t size)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}
