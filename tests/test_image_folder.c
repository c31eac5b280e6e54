/* Listing folders of photographs: the order, what is left out, links, and what is refused. */
#include "folders.h"

#include "core/memory_internal.h"
#include "io/image_folder_internal.h"

static void assert_file(const cd_image_folder *list, int64_t index, const char *name, int64_t label)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    assert_true(index < list->file_count);
    assert_string_equal(list->paths[index], path);
    assert_int_equal(list->labels[index], label);
}

static void classes_and_files_are_sorted_by_bytes(void **state)
{
    (void)state;
    touch("bees/2.jpg");
    touch("bees/10.jpg");
    touch("Zebra/a b c.PNG");
    touch("ants/\xc3\xa4.jpeg");
    touch("ants/z.bmp");
    touch("ants/Z.JPG");
    touch("notes.txt");
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.class_count, 3);
    assert_string_equal(list.classes[0], "Zebra");
    assert_string_equal(list.classes[1], "ants");
    assert_string_equal(list.classes[2], "bees");
    assert_int_equal(list.file_count, 6);
    assert_file(&list, 0, "Zebra/a b c.PNG", 0);
    assert_file(&list, 1, "ants/Z.JPG", 1);
    assert_file(&list, 2, "ants/z.bmp", 1);
    assert_file(&list, 3, "ants/\xc3\xa4.jpeg", 1);
    assert_file(&list, 4, "bees/10.jpg", 2);
    assert_file(&list, 5, "bees/2.jpg", 2);
    assert_int_equal(list.ignored, 0);
    cd_image_folder_free(&list);
    assert_null(list.paths);
    cd_image_folder_free(&list);
}

/* sorted(os.walk(...)) compares whole paths: "a-b" comes before "a/x" since '-' < '/'. */
static void folders_below_a_class_are_walked_in_order_of_their_paths(void **state)
{
    (void)state;
    touch("k/z.jpg");
    touch("k/a/x/1.jpg");
    touch("k/a-b/2.jpg");
    touch("k/a/3.jpg");
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.file_count, 4);
    assert_file(&list, 0, "k/z.jpg", 0);
    assert_file(&list, 1, "k/a/3.jpg", 0);
    assert_file(&list, 2, "k/a-b/2.jpg", 0);
    assert_file(&list, 3, "k/a/x/1.jpg", 0);
    cd_image_folder_free(&list);
}

static void other_and_hidden_files_are_counted_as_ignored(void **state)
{
    (void)state;
    touch("k/1.jpg");
    touch("k/2.gif");
    touch("k/3.webp");
    touch("k/4.jpg.txt");
    touch("k/jpg");
    touch("k/._1.jpg");
    touch("k/.jpg");
    touch("k/.git/5.jpg");
    touch(".ipynb_checkpoints/1.jpg");
    link_to("nowhere", "k/6.jpg");
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.class_count, 1);
    assert_int_equal(list.file_count, 1);
    assert_int_equal(list.ignored, 7);
    assert_int_equal(list.unread_count, 2);
    assert_non_null(strstr(list.unread[0], "/k/2.gif"));
    assert_non_null(strstr(list.unread[1], "/k/3.webp"));
    cd_image_folder_free(&list);
}

/* The link may lead to a picture. */
static void link_that_cannot_be_followed_is_an_error(void **state)
{
    (void)state;
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    touch("k/1.jpg");
    link_to(longer, "k/2.jpg");
    cd_image_folder list;
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_failed_with(CD_ERR_IO, "k/2.jpg: File name too long");
}

/* A Synology's thumbnails, copies by macOS's archiver, and so on. */
static void folders_that_systems_leave_behind_are_left_out(void **state)
{
    (void)state;
    TOUCH("k/1.jpg", "__MACOSX/k/._1.jpg", "k/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg",
          "lost+found/1.jpg", "$RECYCLE.BIN/1.jpg");
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.class_count, 1);
    assert_int_equal(list.file_count, 1);
    assert_int_equal(list.ignored, 0);
    cd_image_folder_free(&list);
}

static void classes_that_hold_folders_only_are_counted(void **state)
{
    (void)state;
    TOUCH("a/1.jpg", "a/below/2.jpg", "b/images/1.jpg", "c/images/1.jpg");
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.file_count, 4);
    assert_int_equal(list.nested, 2);
    assert_int_equal(list.first_nested, 1);
    cd_image_folder_free(&list);
}

static void links_are_followed_and_loops_end(void **state)
{
    (void)state;
    touch("k/1.jpg");
    touch("k/below/2.jpg");
    link_to("..", "k/below/up");
    link_to(".", "k/self");
    link_to("1.jpg", "k/0.jpg");
    link_to("k", "l");
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.class_count, 2);
    assert_int_equal(list.file_count, 6);
    assert_file(&list, 0, "k/0.jpg", 0);
    assert_file(&list, 1, "k/1.jpg", 0);
    assert_file(&list, 2, "k/below/2.jpg", 0);
    assert_file(&list, 3, "l/0.jpg", 1);
    cd_image_folder_free(&list);
}

/* Each level links twice to the next: 2^30 paths, 31 folders. */
static void links_that_fan_out_are_walked_once(void **state)
{
    (void)state;
    for (int i = 0; i <= 30; i++) {
        char name[64], target[64];
        snprintf(name, sizeof name, "store/%d/1.jpg", i);
        touch(name);
        if (i == 30) break;
        snprintf(target, sizeof target, "../%d", i + 1);
        snprintf(name, sizeof name, "store/%d/a", i);
        link_to(target, name);
        snprintf(name, sizeof name, "store/%d/b", i);
        link_to(target, name);
    }
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.file_count, 31);
    cd_image_folder_free(&list);
}

static void a_class_without_a_picture_is_an_error(void **state)
{
    (void)state;
    touch("full/1.jpg");
    touch("bare/readme.txt");
    cd_image_folder list = { .class_count = -7 };
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.class_count, -7);
    assert_failed_with(CD_ERR_FORMAT,
                       "the class \"bare\" has no picture (.jpg, .jpeg, .png or .bmp)");
    touch("bare/of/pictures/notes.txt");
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_failed_with(CD_ERR_FORMAT, "or .bmp), nor have the folders in it: \"of\"");
    TOUCH("bare/2.HEIC", "bare/3.heic");
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_failed_with(CD_ERR_FORMAT, "or .bmp), but \"2.HEIC\" (HEIC)");
}

/* A model with such a class could not be saved. macOS does not let the folder be made. */
static void a_class_whose_name_is_no_text_is_named(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s/caf\xe9", test_folder());
    if (mkdir(path, 0700) != 0) skip();
    touch("caf\xe9/1.jpg");
    cd_image_folder list;
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_failed_with(CD_ERR_FORMAT, "the name of the class \"caf\\xe9\" is not UTF-8");
}

static void a_folder_without_classes_is_an_error(void **state)
{
    (void)state;
    touch("1.jpg");
    cd_image_folder list;
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_failed_with(CD_ERR_FORMAT, "there is no class in it, but 1 picture: it must hold one "
                                      "folder of pictures per class; if it is itself the folder of "
                                      "a class, name the folder above it");
    touch("t10k-images-idx3-ubyte.gz");
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_failed_with(CD_ERR_FORMAT, "but files in MNIST's format: name it as \"mnist:");
}

static void an_empty_folder_is_an_error(void **state)
{
    (void)state;
    cd_image_folder list;
    assert_false(cd_image_folder_list(test_folder(), &list));
    assert_failed_with(CD_ERR_FORMAT,
                       "there is no class in it: it must hold one folder of pictures per class");
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    cd_image_folder list;
    assert_false(cd_image_folder_list("/no/such/folder", &list));
    assert_failed_with(CD_ERR_IO, "/no/such/folder: No such file");
    assert_false(cd_image_folder_list(test_write("file", "x", 1), &list));
    assert_failed_with(CD_ERR_IO, "Not a directory");
    assert_false(cd_image_folder_list(NULL, &list));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

static void the_shared_photographs_are_listed_as_torchvision_does(void **state)
{
    (void)state;
    const char *root = test_shared("data/hymenoptera/train");
    cd_image_folder list;
    assert_true(cd_image_folder_list(root, &list));
    assert_int_equal(list.class_count, 2);
    assert_string_equal(list.classes[0], "ants");
    assert_string_equal(list.classes[1], "bees");
    assert_int_equal(list.file_count, 244);
    assert_int_equal(list.ignored, 1); /* imageNotFound.gif */
    assert_int_equal(list.labels[122], 0);
    assert_int_equal(list.labels[123], 1);
    assert_non_null(strstr(list.paths[0], "/ants/0013035.jpg"));
    assert_non_null(strstr(list.paths[122], "/ants/trap-jaw-ant-insect-bg.jpg"));
    cd_image_folder_free(&list);
}

/* So many that the set of visited folders grows many times. */
static void many_folders_are_walked(void **state)
{
    (void)state;
    enum { MANY = 4000 };
    touch("k/");
    for (int i = 0; i < MANY; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, i % 2 ? "k/%d/" : "%d/1.jpg", i);
        touch(name);
    }
    touch("k/1.jpg");
    cd_image_folder list;
    assert_true(cd_image_folder_list(test_folder(), &list));
    assert_int_equal(list.class_count, MANY / 2 + 1);
    assert_int_equal(list.file_count, MANY / 2 + 1);
    assert_int_equal(list.labels[MANY / 2], MANY / 2);
    cd_image_folder_free(&list);
}

static int allocations_left;
static bool fail_when_none_left(size_t bytes)
{
    (void)bytes;
    return allocations_left-- <= 0;
}

static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    touch("a/1.jpg");
    touch("a/below/2.jpg");
    touch("b/3.jpg");
    link_to("3.jpg", "b/4.jpg");
    int k = 0;
    for (bool done = false; !done; k++) {
        assert_true(k < 1000);
        allocations_left = k;
        cd_memory_fault_hook = fail_when_none_left;
        cd_image_folder list = { .class_count = 0 };
        done = cd_image_folder_list(test_folder(), &list);
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
        cd_image_folder_free(&list);
    }
    assert_true(k > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(classes_and_files_are_sorted_by_bytes),
        TEST(folders_below_a_class_are_walked_in_order_of_their_paths),
        TEST(other_and_hidden_files_are_counted_as_ignored),
        TEST(link_that_cannot_be_followed_is_an_error),
        TEST(folders_that_systems_leave_behind_are_left_out),
        TEST(classes_that_hold_folders_only_are_counted),
        TEST(links_are_followed_and_loops_end),
        TEST(links_that_fan_out_are_walked_once),
        TEST(a_class_without_a_picture_is_an_error),
        TEST(a_class_whose_name_is_no_text_is_named),
        TEST(a_folder_without_classes_is_an_error),
        TEST(an_empty_folder_is_an_error),
        TEST(a_folder_that_is_not_there_is_an_error),
        TEST(the_shared_photographs_are_listed_as_torchvision_does),
        TEST(many_folders_are_walked),
        TEST(every_failed_allocation_is_a_clean_error),
    };
    return RUN(tests);
}
