/* Lists of names, joining and comparing paths, and reading a folder. */
#include "folders.h"
#include "hostile.h"

#include <unistd.h>

#include "io/folder_internal.h"

/* A name that no file system takes. Looking at it fails with ENAMETOOLONG, for root too, and so
 * stands for all that the system may refuse to look at. */
static const char *too_long_a_name(void)
{
    static char name[301];
    memset(name, 'x', sizeof name - 1);
    return name;
}

/* The path of a name in the test's folder, in one of four buffers. */
static const char *in_folder(const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool make_names(void *user)
{
    cd_names *names = user;
    *names = (cd_names){ .count = 0 };
    for (int i = 99; i >= 0; i--) {
        char name[8];
        (void)snprintf(name, sizeof name, "%02d", i);
        if (!cd_names_add(names, cd_strdup(name))) {
            cd_names_free(names);
            return false;
        }
    }
    cd_names_sort(names);
    bool right = cd_names_has(names, "00") && cd_names_has(names, "99") &&
                 !cd_names_has(names, "100") && strcmp(names->items[42], "42") == 0;
    cd_names_free(names);
    return right;
}

static void a_list_grows_or_stays_whole(void **state)
{
    (void)state;
    cd_names names;
    assert_int_equal(sweep_memory(make_names, &names), 102); /* each name, the list twice */
    assert_null(names.items);
    assert_int_equal(names.count, 0);
    cd_names_sort(&names);
    assert_false(cd_names_has(&names, "00"));
}

static void a_few_names_are_shown(void **state)
{
    (void)state;
    char text[CD_NAMES_SHOWN];
    char *const items[] = { "ants", "bees", "cats", "dogs", "eels" };
    assert_string_equal(cd_names_shown(items, 0, text), "");
    assert_string_equal(cd_names_shown(items, 1, text), "\"ants\"");
    assert_string_equal(cd_names_shown(items, 3, text), "\"ants\", \"bees\", \"cats\"");
    assert_string_equal(cd_names_shown(items, 5, text), "\"ants\", \"bees\", \"cats\" and 2 more");
}

/* --- paths ------------------------------------------------------------------------------------ */

static void joined(const char *folder, const char *name, const char *wanted)
{
    char *path = cd_path_join(folder, name);
    assert_string_equal(path, wanted);
    cd_free(path);
}

static bool join(void *unused)
{
    (void)unused;
    char *path = cd_path_join("a", "b");
    cd_free(path);
    return path != NULL;
}

static void paths_are_joined_by_one_slash(void **state)
{
    (void)state;
    joined("a", "b", "a/b");
    joined("a/", "b", "a/b");
    joined("/", "b", "/b");
    joined("", "b", "b");
    joined("a", "", "a/");
    assert_int_equal(sweep_memory(join, NULL), 1);
}

static void what_is_refused_is_not_missing(void **state)
{
    (void)state;
    TOUCH("file", "folder/");
    link_to("folder", "to_folder");
    link_to("nothing", "to_nothing");
    link_to("circle", "circle");
    link_to(too_long_a_name(), "refused");
    static const struct {
        const char *name;
        bool is_folder, nowhere;
    } places[] = {
        { "file", false, false },      { "folder", true, false },  { "to_folder", true, false },
        { "to_nothing", false, true }, { "nothing", false, true }, { "circle", false, true },
        { "file/below", false, true },
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        bool nowhere = !places[i].nowhere;
        assert_int_equal(cd_is_folder(in_folder(places[i].name)), places[i].is_folder);
        assert_true(cd_leads_nowhere(in_folder(places[i].name), &nowhere));
        assert_int_equal(nowhere, places[i].nowhere);
    }
    bool nowhere = true;
    assert_true(cd_is_folder(in_folder("refused")));
    assert_false(cd_leads_nowhere(in_folder("refused"), &nowhere));
    assert_failed_with(CD_ERR_IO, "/refused: File name too long");
    assert_false(nowhere);
}

static void folders_are_compared_by_what_they_are(void **state)
{
    (void)state;
    TOUCH("a/", "b/");
    link_to("a", "to_a");
    bool same = false;
    assert_true(cd_same_folder(in_folder("a"), in_folder("to_a"), &same));
    assert_true(same);
    assert_true(cd_same_folder(in_folder("a"), in_folder("b/../a/."), &same));
    assert_true(same);
    assert_true(cd_same_folder(in_folder("a"), in_folder("b"), &same));
    assert_false(same);
    assert_true(cd_same_folder("/proc", in_folder("b"), &same)); /* another file system */
    assert_false(same);
    same = true;
    assert_false(cd_same_folder(in_folder("c"), in_folder("b"), &same));
    assert_failed_with(CD_ERR_IO, "/c: No such file or directory");
    assert_false(cd_same_folder(in_folder("b"), in_folder("d"), &same));
    assert_failed_with(CD_ERR_IO, "/d: No such file or directory");
    assert_true(same);
}

/* --- reading a folder ------------------------------------------------------------------------- */

static void entries_are_sorted_into_kinds(void **state)
{
    (void)state;
    TOUCH("b/", "a/", ".hidden/", "__MACOSX/", "@eaDir/", "2.JPG", "1.png", ".3.png", "notes.txt",
          "x.gif", "y.TIFF");
    link_to("a", "link");
    link_to("1.png", "z.bmp");
    link_to("nothing", "gone.png");
    cd_folder found = { .ignored = 0 };
    assert_true(cd_folder_read(test_folder(), false, &found));
    char folders[CD_NAMES_SHOWN], pictures[CD_NAMES_SHOWN], unread[CD_NAMES_SHOWN];
    assert_string_equal(cd_names_shown(found.folders.items, found.folders.count, folders),
                        "\"a\", \"b\", \"link\"");
    assert_string_equal(cd_names_shown(found.pictures.items, found.pictures.count, pictures),
                        "\"1.png\", \"2.JPG\", \"z.bmp\"");
    assert_string_equal(cd_names_shown(found.unread.items, found.unread.count, unread),
                        "\"x.gif\", \"y.TIFF\"");
    assert_int_equal(found.ignored, 5); /* .3.png, notes.txt, x.gif, y.TIFF, gone.png */
    cd_folder_free(&found);
}

/* A link that the system refuses to follow may lead to a picture, without which the set must not be
 * read. */
static void a_link_that_is_refused_is_an_error(void **state)
{
    (void)state;
    TOUCH("1.png");
    link_to(too_long_a_name(), "2.png");
    cd_folder found = { .ignored = 0 };
    assert_false(cd_folder_read(test_folder(), false, &found));
    assert_failed_with(CD_ERR_IO, "/2.png: File name too long");
    cd_folder_free(&found);
    assert_false(cd_folder_read(in_folder("no"), false, &found));
    assert_failed_with(CD_ERR_IO, "/no: No such file or directory");
}

static bool read_all(void *unused)
{
    (void)unused;
    cd_folder found = { .ignored = 0 };
    bool done = cd_folder_read(test_folder(), false, &found);
    if (done) {
        assert_int_equal(found.folders.count, 1);
        assert_int_equal(found.pictures.count, 2);
        assert_int_equal(found.unread.count, 1);
    }
    cd_folder_free(&found);
    return done;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    TOUCH("a/", "1.png", "x.gif");
    link_to("1.png", "2.png");
    /* four names, the three lists, and the path of the link */
    assert_int_equal(sweep_memory(read_all, NULL), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_grows_or_stays_whole),           TEST(a_few_names_are_shown),
        TEST(paths_are_joined_by_one_slash),         TEST(what_is_refused_is_not_missing),
        TEST(folders_are_compared_by_what_they_are), TEST(entries_are_sorted_into_kinds),
        TEST(a_link_that_is_refused_is_an_error),    TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
