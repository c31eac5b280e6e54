/* Data sets as a list of photographs and their classes in a text file. */
#include "folders.h"
#include "hostile.h"

#include <candela.h>

#include "io/image_list_internal.h"

/* Writes the list and opens it. */
static cd_dataset *open_list(const char *text)
{
    char name[512];
    (void)snprintf(name, sizeof name, "list:%s", test_write("list.txt", text, strlen(text)));
    return cd_dataset_open(name);
}

static void assert_refused(const char *text, cd_code code, const char *sentence)
{
    assert_null(open_list(text));
    assert_failed_with(code, sentence);
}

static void pictures(void)
{
    TOUCH("a/1.jpg", "a/2.jpg", "b/3 x.jpg", "4,5.jpg", "6\"7.jpg");
}

/* Whether sample i is the file of this name below the test's folder. */
static bool is_file(const cd_dataset *d, int64_t i, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return strcmp(cd_dataset_path(d, i), path) == 0;
}

/* --- what is read ----------------------------------------------------------------------------- */

static void blanks_tabs_and_commas_separate(void **state)
{
    (void)state;
    pictures();
    static const char *const texts[] = {
        "b/3 x.jpg 1\na/1.jpg 0\n",
        "b/3 x.jpg   1  \r\n\r\n  a/1.jpg \t0",
        "b/3 x.jpg\t1\na/1.jpg\t0\n",
        "b/3 x.jpg,1\na/1.jpg, 0\n\n",
        ("\xEF\xBB\xBF"
         "b/3 x.jpg,1\na/1.jpg,0"),
        "path,label\nb/3 x.jpg,1\na/1.jpg,0\n",
        "size,Label,more,Path\n7,1,,b/3 x.jpg\n8,0,\"x,y\",a/1.jpg\n",
        "label\tpath\n1\tb/3 x.jpg\n0\ta/1.jpg\n",
        "path\tlabel\tnote\nb/3 x.jpg\t1\t\na/1.jpg\t0\tx\n",
        "\"b/3 x.jpg\",\"1\"\n\"a/1.jpg\",0\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cd_dataset *d = open_list(texts[i]);
        assert_that(d, "%s: %s", texts[i], cd_error_message());
        assert_int_equal(cd_dataset_count(d), 2);
        assert_true(is_file(d, 0, "b/3 x.jpg"));
        assert_true(is_file(d, 1, "a/1.jpg"));
        assert_int_equal(cd_dataset_label(d, 0), 1);
        assert_int_equal(cd_dataset_label(d, 1), 0);
        assert_int_equal(cd_dataset_class_count(d), 2);
        assert_string_equal(cd_dataset_class_name(d, 1), "1");
        assert_string_equal(cd_dataset_split_name(d), "all");
        assert_false(cd_dataset_is_split(d));
    }
}

static void quotes_may_hold_separators_and_quotes(void **state)
{
    (void)state;
    pictures();
    cd_dataset *d = open_list("\"4,5.jpg\",\"a \"\"b\"\"\"\n\"6\"\"7.jpg\",c\n");
    assert_non_null(d);
    assert_true(is_file(d, 0, "4,5.jpg"));
    assert_true(is_file(d, 1, "6\"7.jpg"));
    assert_string_equal(cd_dataset_class_name(d, 0), "a \"b\"");
}

static void names_are_sorted_by_their_bytes(void **state)
{
    (void)state;
    pictures();
    cd_dataset *d =
        open_list("a/1.jpg wolf\na/2.jpg cat\na/1.jpg Wolf\na/1.jpg 10\na/2.jpg wolf\n");
    static const char *const names[] = { "10", "Wolf", "cat", "wolf" };
    static const int64_t labels[] = { 3, 2, 1, 0, 3 };
    assert_int_equal(cd_dataset_class_count(d), 4);
    for (int k = 0; k < 4; k++) assert_string_equal(cd_dataset_class_name(d, k), names[k]);
    for (int i = 0; i < 5; i++) assert_int_equal(cd_dataset_label(d, i), labels[i]);
}

/* Numbers are the labels themselves, so that lists of two splits agree. */
static void numbers_are_labels(void **state)
{
    (void)state;
    pictures();
    cd_dataset *d = open_list("a/1.jpg 12\na/2.jpg 3\n");
    assert_int_equal(cd_dataset_class_count(d), 13);
    assert_int_equal(cd_dataset_label(d, 0), 12);
    assert_int_equal(cd_dataset_label(d, 1), 3);
}

static void absolute_paths_stay(void **state)
{
    (void)state;
    pictures();
    char text[600];
    (void)snprintf(text, sizeof text, "%s/a/1.jpg 0\n", test_folder());
    assert_true(is_file(open_list(text), 0, "a/1.jpg"));
}

static void photographs_of_a_list_are_read(void **state)
{
    (void)state;
    char text[600];
    const cd_preprocess recipe = {
        .resize = 0, .crop_width = 4, .crop_height = 4, .channels = 3, .std = { 1, 1, 1 }
    };
    (void)snprintf(text, sizeof text, "%s,dot\n", test_path("golden/images/png_rgb_8.png"));
    char name[512];
    (void)snprintf(name, sizeof name, "list:%s", test_write("l.csv", text, strlen(text)));
    cd_dataset *d = cd_dataset_open(name, .preprocess = &recipe);
    cd_tensor *x = NULL, *same = cd_load_image(test_path("golden/images/png_rgb_8.png"), &recipe);
    int64_t zero = 0;
    assert_true(cd_dataset_batch(d, &zero, 1, .x = &x));
    assert_memory_equal(cd_data(x), cd_data(same), 48 * sizeof(float));
    cd_dataset_layout layout;
    assert_true(cd_dataset_look(name, &layout));
    assert_true(layout.photographs && !layout.train && !layout.val && !layout.test);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void ragged_lines_are_named(void **state)
{
    (void)state;
    pictures();
    assert_refused("a/1.jpg,0\na/2.jpg\n", CD_ERR_FORMAT,
                   "list.txt: line 2 has 1 field, and the first line has 2");
    assert_refused("a/1.jpg\t0\n\na/2.jpg\t1\tx\n", CD_ERR_FORMAT,
                   "line 3 has 3 fields, and the first line has 2");
    assert_refused("a/1.jpg 0\na/2.jpg\n", CD_ERR_FORMAT, "line 2 has 1 field");
    assert_refused("path,label,x\na/1.jpg,0\n", CD_ERR_FORMAT,
                   "line 2 has 2 fields, and the first line has 3");
    assert_refused("a/1.jpg\n", CD_ERR_FORMAT,
                   "line 1 has 1 field: a picture's path and its class are needed");
    assert_refused("a,b,c\n", CD_ERR_FORMAT, "line 1 has 3 fields");
    assert_refused("a/1.jpg,0\n,1\n", CD_ERR_FORMAT, "line 2: the path is empty");
    assert_refused("a/1.jpg,0\na/2.jpg,\n", CD_ERR_FORMAT,
                   "line 2: the class is empty or not UTF-8");
    assert_refused("a/1.jpg,\"\"\n", CD_ERR_FORMAT, "line 1: the class is empty or not UTF-8");
    assert_refused("path\tlabel\t\na/1.jpg\t0\n", CD_ERR_FORMAT,
                   "line 2 has 2 fields, and the first line has 3");
    assert_refused("a/1.jpg,\xff\n", CD_ERR_FORMAT, "line 1: the class is empty or not UTF-8");
    assert_refused("\n\n", CD_ERR_FORMAT, "list.txt: there is no picture in this list");
    assert_refused("path,label\n", CD_ERR_FORMAT, "there is no picture in this list");
    assert_refused("a/1.jpg 65536\n", CD_ERR_FORMAT, "the number of a class is above 65535");
    assert_refused("a/1.jpg 99999999999999999999999\n", CD_ERR_FORMAT, "above 65535");
}

static void missing_files_are_named(void **state)
{
    (void)state;
    pictures();
    assert_refused("a/1.jpg 0\n\na/9.jpg 1\n", CD_ERR_IO, "list.txt: line 3: ");
    assert_null(open_list("a/9.jpg 1\n"));
    assert_failed_with(CD_ERR_IO, "a/9.jpg: No such file or directory");
    assert_refused("a 1\n", CD_ERR_FORMAT, "is a folder, and no picture");
    assert_null(cd_dataset_open("list"));
    assert_failed_with(CD_ERR_ARGUMENT, "name the file of the list: list:FILE");
    assert_null(cd_dataset_open("list:/nowhere"));
    assert_failed_with(CD_ERR_IO, "/nowhere");
    cd_dataset_layout layout;
    assert_false(cd_dataset_look("list:/nowhere", &layout));
    assert_failed_with(CD_ERR_IO, "/nowhere");
}

static void a_nul_is_refused(void **state)
{
    (void)state;
    pictures();
    char name[512];
    (void)snprintf(name, sizeof name, "list:%s", test_write("l.txt", "a/1.jpg\0x 1\n", 12));
    assert_null(cd_dataset_open(name));
    assert_failed_with(CD_ERR_FORMAT, "line 1: there is a NUL in it");
}

static bool open_again(void *user)
{
    CD_SCOPE();
    return cd_dataset_open(user) != NULL;
}

static void failing_allocations(void **state)
{
    (void)state;
    pictures();
    static const char text[] = "path,label\na/1.jpg,x\na/2.jpg,y\n4,5.jpg,z\n";
    char name[512];
    (void)snprintf(name, sizeof name, "list:%s", test_write("l.txt", text, sizeof text - 12));
    assert_true(sweep_memory(open_again, name) > 15);
    static const char numbers[] = "a/1.jpg 3\na/2.jpg 20\n";
    (void)snprintf(name, sizeof name, "list:%s", test_write("l.txt", numbers, sizeof numbers - 1));
    assert_true(sweep_memory(open_again, name) > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(blanks_tabs_and_commas_separate),
        TEST(quotes_may_hold_separators_and_quotes),
        TEST(names_are_sorted_by_their_bytes),
        TEST(numbers_are_labels),
        TEST(absolute_paths_stay),
        TEST(photographs_of_a_list_are_read),
        TEST(ragged_lines_are_named),
        TEST(missing_files_are_named),
        TEST(a_nul_is_refused),
        TEST(failing_allocations),
    };
    return RUN(tests);
}
