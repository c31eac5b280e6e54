/* Batches of photographs: read on all threads, with files among them that cannot be decoded; and
 * what functions do without a data set. */
#include "test.h"

#include <sys/stat.h>

#include "core/memory_internal.h"
#include "core/scope.h"
#include "core/tensor.h"
#include "core/threads.h"
#include "io/bytes_internal.h"
#include "io/dataset.h"

enum { PICTURES = 40, EACH = 3 * 8 * 8 };

static const cd_preprocess recipe = {
    .resize = 9, .crop_width = 8, .crop_height = 8, .channels = 3, .std = { 1, 1, 1 }
};

static void write_picture(int i, const void *bytes, size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/c/%02d.png", test_folder(), i);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* One class of PICTURES files. Every third file is not a picture. */
static cd_dataset *open_set(void)
{
    char folder[512];
    (void)snprintf(folder, sizeof folder, "%s/c", test_folder());
    assert_int_equal(mkdir(folder, 0777), 0);
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_path("golden/images/png_rgb_8.png"), SIZE_MAX));
    for (int i = 0; i < PICTURES; i++) {
        write_picture(i, i % 3 ? bytes.data : (const void *)"nothing", i % 3 ? bytes.size : 7);
    }
    cd_bytes_close(&bytes);
    return cd_dataset_open(test_folder(), .preprocess = &recipe);
}

/* Reads all samples, the last first, with so many threads. */
static void read_all(cd_dataset *d, int threads, bool *bad, float *out)
{
    int64_t indices[PICTURES];
    for (int64_t i = 0; i < PICTURES; i++) indices[i] = PICTURES - 1 - i;
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(threads));
    cd_tensor *x = NULL;
    bool done = cd_dataset_batch(d, indices, PICTURES, .x = &x, .bad = bad);
    assert_true(cd_set_num_threads(before));
    assert_ok();
    assert_true(done);
    assert_true(cd_read(x, out, sizeof(float) * PICTURES * EACH));
}

static void threads_do_not_change_a_batch(void **state)
{
    (void)state;
    cd_dataset *d = open_set();
    assert_non_null(d);
    static float one[PICTURES * EACH], four[PICTURES * EACH];
    bool bad_one[PICTURES] = { false }, bad_four[PICTURES] = { false };
    read_all(d, 1, bad_one, one);
    read_all(d, 4, bad_four, four);
    assert_memory_equal(one, four, sizeof one);
    assert_memory_equal(bad_one, bad_four, sizeof bad_one);
    static const float zeros[EACH];
    for (int i = 0; i < PICTURES; i++) {
        assert_int_equal(bad_four[i], (PICTURES - 1 - i) % 3 == 0);
        if (bad_four[i]) assert_memory_equal(four + i * EACH, zeros, sizeof zeros);
    }
}

/* Writes a copy of the turned picture in which the EXIF orientation is 1, upright. */
static void write_upright(void)
{
    unsigned char bytes[4096];
    FILE *in = fopen(test_path("golden/images/jpeg_turned_6_8x4.jpg"), "rb");
    assert_non_null(in);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    (void)fclose(in);
    static const unsigned char entry[] = { 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6 };
    unsigned char *at = memmem(bytes, size, entry, sizeof entry);
    assert_non_null(at);
    at[9] = 1;
    (void)test_write("c/upright.jpg", bytes, size);
}

/* Each is counted once, however often they are read and in whatever order. */
static void photographs_that_ask_to_be_turned_are_counted(void **state)
{
    (void)state;
    cd_dataset *d = open_set();
    const char *first = "";
    assert_int_equal(cd_dataset_turned(d, &first), 0);
    assert_null(first);
    char path[512];
    static const char *const names[] = { "02.jpg", "x.jpg", "y.jpg" };
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/c/%s", test_folder(), names[i]);
        assert_int_equal(symlink(test_path("golden/images/jpeg_turned_6_8x4.jpg"), path), 0);
    }
    write_upright();
    d = cd_dataset_open(test_folder(), .preprocess = &recipe);
    int64_t count = cd_dataset_count(d), last[] = { count - 1, count - 2, count - 1 };
    const int64_t upright = count - 3;
    cd_tensor *x;
    bool bad[3];
    assert_true(cd_dataset_batch(d, last, 3, .x = &x, .bad = bad));
    assert_true(cd_dataset_batch(d, last, 3, .x = &x, .bad = bad));
    assert_non_null(strstr(cd_dataset_path(d, upright), "upright"));
    assert_true(cd_dataset_batch(d, &upright, 1, .x = &x));
    assert_int_equal(cd_dataset_turned(d, NULL), 2);
    assert_int_equal(cd_dataset_turned(d, &first), 2);
    assert_string_equal(first, cd_dataset_path(d, count - 2));
    assert_int_equal(cd_dataset_turned(NULL, &first), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_turned: the data set is NULL");
    assert_null(first);
}

static void without_a_list_the_first_bad_one_is_the_error(void **state)
{
    (void)state;
    cd_dataset *d = open_set();
    int64_t indices[PICTURES];
    for (int64_t i = 0; i < PICTURES; i++) indices[i] = (i + 1) % PICTURES;
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(4));
    cd_tensor *x = NULL;
    assert_false(cd_dataset_batch(d, indices, PICTURES, .x = &x));
    assert_true(cd_set_num_threads(before));
    assert_null(x);
    assert_failed_with(CD_ERR_FORMAT, "c/03.png: not an image");
}

static long long until_refused;

static bool refuse_once(size_t bytes)
{
    (void)bytes;
    return until_refused-- == 0;
}

/* Files 1 and 2 are pictures, 0 and 3 are not. Whichever allocation fails, the batch fails, and no
 * picture is marked as bad because of it. */
static void no_memory_is_an_error_and_no_bad_picture(void **state)
{
    (void)state;
    cd_dataset *d = open_set();
    const int64_t indices[] = { 2, 0, 1, 3 };
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    bool done = false;
    int refused = 0;
    for (int at = 0; !done; at++) {
        CD_SCOPE();
        cd_tensor *x = NULL, *y = NULL;
        bool bad[] = { false, false, false, false };
        until_refused = at;
        cd_memory_fault_hook = refuse_once;
        done = cd_dataset_batch(d, indices, 4, .x = &x, .y = &y, .bad = bad);
        cd_memory_fault_hook = NULL;
        assert_false(bad[0] || bad[2]);
        if (!done) {
            assert_failed_with(CD_ERR_MEMORY, "out of memory");
            assert_null(x);
            assert_null(y);
            refused++;
        } else {
            assert_ok();
            assert_true(until_refused >= 0); /* it succeeded because nothing was refused */
            assert_true(bad[1] && bad[3]);
        }
    }
    assert_true(cd_set_num_threads(before));
    assert_true(refused > 10);
}

/* Without a data set each function returns a harmless value and sets the error. */
static void no_data_set_has_no_samples(void **state)
{
    (void)state;
    assert_int_equal(cd_dataset_class_count(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_class_count: the data set is NULL");
    assert_false(cd_dataset_is_split(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_is_split: the data set is NULL");
    assert_null(cd_dataset_split_name(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_split_name: the data set is NULL");
    assert_null(cd_dataset_class_name(NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_class_name: the data set is NULL");
    assert_int_equal(cd_dataset_label(NULL, 0), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_label: the data set is NULL");
    assert_null(cd_dataset_path(NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_path: the data set is NULL");
    assert_int_equal(cd_dataset_ignored(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_ignored: the data set is NULL");
    assert_int_equal(cd_dataset_unread_count(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_unread_count: the data set is NULL");
    assert_null(cd_dataset_unread_path(NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_unread_path: the data set is NULL");
    assert_int_equal(cd_dataset_preprocess(NULL).channels, 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_preprocess: the data set is NULL");
    assert_int_equal(cd_dataset_sample_shape(NULL).ndim, 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_sample_shape: the data set is NULL");
    cd_tensor *x = NULL;
    assert_false(cd_dataset_batch(NULL, (const int64_t[]){ 0 }, 1, .x = &x));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_batch: the data set is NULL");
    assert_null(x);
}

static void both_data_sets_are_needed_to_compare(void **state)
{
    (void)state;
    cd_dataset *d = open_set();
    assert_true(cd_dataset_same_classes(d, d));
    assert_false(cd_dataset_same_classes(NULL, d));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_same_classes: the data set is NULL");
    assert_false(cd_dataset_same_classes(d, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_same_classes: the data set is NULL");
    assert_null(cd_dataset_unread_path(d, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "there is no unread file 0, the data set has 0");
}

/* A refused call does not change the list of bad samples. */
static void counts_below_zero_are_refused(void **state)
{
    (void)state;
    cd_dataset *d = open_set();
    bool bad[] = { true };
    cd_tensor *x = NULL;
    assert_false(cd_dataset_batch(d, (const int64_t[]){ 0 }, -1, .x = &x, .bad = bad));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_batch: -1 indices, and the list is given");
    assert_null(x);
    assert_true(cd_dataset_batch(d, (const int64_t[]){ 0 }, 0, .x = &x, .bad = bad));
    assert_true(bad[0]);
    assert_int_equal(cd_size(x, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(threads_do_not_change_a_batch),
        TEST(photographs_that_ask_to_be_turned_are_counted),
        TEST(without_a_list_the_first_bad_one_is_the_error),
        TEST(no_memory_is_an_error_and_no_bad_picture),
        TEST(no_data_set_has_no_samples),
        TEST(both_data_sets_are_needed_to_compare),
        TEST(counts_below_zero_are_refused),
    };
    return RUN(tests);
}
