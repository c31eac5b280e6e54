/* Data sets in CIFAR's binary files. */
#include "folders.h"
#include "hostile.h"

#include <candela.h>

enum { PIXELS = 3 * 32 * 32 };

static const char *named(const char *prefix)
{
    static char name[512];
    (void)snprintf(name, sizeof name, "%s:%s", prefix, test_folder());
    return name;
}

/* Pixel p of channel c of record r. */
static unsigned char level(int r, int c, int p)
{
    return (unsigned char)(r * 31 + c * 64 + p % 50);
}

/* Writes a file of records, the first of which has the number `first`. Each has `labels` bytes of
 * labels: record r has the label (r * 3 + k) % 10 in byte k. */
static void put_records(const char *name, int first, int count, int labels)
{
    buffer file = { .size = 0 };
    for (int r = first; r < first + count; r++) {
        for (int k = 0; k < labels; k++) add_le(&file, (uint64_t)((r * 3 + k) % 10), 1);
        for (int c = 0; c < 3; c++) {
            for (int p = 0; p < PIXELS / 3; p++) add_le(&file, level(r, c, p), 1);
        }
    }
    (void)test_write(name, file.at, file.size);
}

static void put_cifar10(void)
{
    for (int i = 0; i < 5; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "data_batch_%d.bin", i + 1);
        put_records(name, 2 * i, 2, 1);
    }
    put_records("test_batch.bin", 10, 3, 1);
}

static void put_cifar100(void)
{
    put_records("train.bin", 0, 4, 2);
    put_records("test.bin", 4, 2, 2);
}

/* --- what is read ----------------------------------------------------------------------------- */

static void all_records_of_all_files_are_read(void **state)
{
    (void)state;
    put_cifar10();
    cd_dataset *d = cd_dataset_open(named("cifar10"));
    assert_int_equal(cd_dataset_count(d), 10);
    assert_int_equal(cd_dataset_class_count(d), 10);
    assert_string_equal(cd_dataset_split_name(d), "train");
    assert_true(cd_dataset_is_split(d));
    assert_true(cd_shape_equal(cd_dataset_sample_shape(d), CD_SHAPE(3, 32, 32)));
    assert_string_equal(cd_dataset_class_name(d, 0), "airplane");
    assert_string_equal(cd_dataset_class_name(d, 9), "truck");
    assert_int_equal(cd_dataset_target_dtype(d), CD_I64);
    for (int i = 0; i < 10; i++) assert_int_equal(cd_dataset_label(d, i), i * 3 % 10);
    cd_dataset *test = cd_dataset_open(named("cifar10"), .split = CD_VAL);
    assert_int_equal(cd_dataset_count(test), 3);
    assert_string_equal(cd_dataset_split_name(test), "test");
    assert_true(cd_dataset_same_classes(d, test));
    cd_dataset_layout layout;
    assert_true(cd_dataset_look(named("cifar10"), &layout));
    assert_true(layout.train && layout.test && !layout.val && !layout.photographs);
}

/* Each channel is normalised by its own mean and deviation, over all pixels of the split. */
static void pixels_are_normalised_channel_by_channel(void **state)
{
    (void)state;
    put_cifar10();
    cd_dataset *d = cd_dataset_open(named("cifar10"));
    cd_preprocess r = cd_dataset_preprocess(d);
    assert_int_equal(r.channels, 3);
    int64_t indices[10];
    cd_tensor *x = NULL, *y = NULL;
    for (int i = 0; i < 10; i++) indices[i] = i;
    assert_true(cd_dataset_batch(d, indices, 10, .x = &x, .y = &y));
    assert_true(cd_shape_equal(cd_shape_of(x), CD_SHAPE(10, 3, 32, 32)));
    const float *value = cd_data(x);
    for (int c = 0; c < 3; c++) {
        double sum = 0, squares = 0, n = 10.0 * PIXELS / 3;
        for (int i = 0; i < 10; i++) {
            for (int p = 0; p < PIXELS / 3; p++) {
                double v = level(i, c, p) / 255.0;
                sum += v;
                squares += v * v;
            }
        }
        double mean = sum / n, std = sqrt(squares / n - mean * mean);
        assert_close(r.mean[c], mean, 1e-12, 0);
        assert_close(r.std[c], std, 1e-9, 0);
        for (int i = 0; i < 10; i++) {
            for (int p = 0; p < PIXELS / 3; p++) {
                assert_close(value[i * PIXELS + c * (PIXELS / 3) + p],
                             (level(i, c, p) / 255.0 - mean) / std, 1e-5, 1e-5);
            }
        }
    }
    /* The test split is treated as the training split when it is told to. */
    cd_dataset *test = cd_dataset_open(named("cifar10"), .split = CD_TEST, .preprocess = &r);
    cd_preprocess same = cd_dataset_preprocess(test);
    assert_close(same.mean[2], r.mean[2], 0, 0);
}

static void cifar100_has_fine_and_coarse_classes(void **state)
{
    (void)state;
    put_cifar100();
    cd_dataset *fine = cd_dataset_open(named("cifar100"));
    cd_dataset *coarse = cd_dataset_open(named("cifar100-coarse"));
    assert_int_equal(cd_dataset_class_count(fine), 100);
    assert_int_equal(cd_dataset_class_count(coarse), 20);
    assert_string_equal(cd_dataset_class_name(fine, 99), "worm");
    assert_string_equal(cd_dataset_class_name(fine, 39), "keyboard");
    assert_string_equal(cd_dataset_class_name(coarse, 13), "non-insect_invertebrates");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(cd_dataset_label(coarse, i), i * 3 % 10);
        assert_int_equal(cd_dataset_label(fine, i), (i * 3 + 1) % 10);
    }
    int64_t second = 1;
    cd_tensor *x = NULL;
    cd_preprocess r = cd_dataset_preprocess(fine);
    assert_true(cd_dataset_batch(fine, &second, 1, .x = &x));
    assert_close(((const float *)cd_data(x))[0], (level(1, 0, 0) / 255.0 - r.mean[0]) / r.std[0],
                 1e-5, 1e-5);
}

static void class_names_come_from_the_file_beside(void **state)
{
    (void)state;
    put_cifar10();
    static const char text[] = "a\r\nb\nc\nd\ne\nf\ng\nh\ni\nhorse cart\n\n\n";
    (void)test_write("batches.meta.txt", text, sizeof text - 1);
    cd_dataset *d = cd_dataset_open(named("cifar10"));
    assert_string_equal(cd_dataset_class_name(d, 0), "a");
    assert_string_equal(cd_dataset_class_name(d, 9), "horse cart");
    (void)test_write("batches.meta.txt", "a\nb\n", 4);
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_FORMAT, "batches.meta.txt: it names 2 classes, and cifar10 has 10");
    (void)test_write("batches.meta.txt", "a\n\nb\n", 5);
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_FORMAT, "batches.meta.txt: line 2 is empty or not UTF-8");
}

/* --- what is refused -------------------------------------------------------------------------- */

static void damaged_records_are_refused(void **state)
{
    (void)state;
    put_cifar10();
    buffer file = { .size = 0 };
    for (int i = 0; i < 2 * 3073; i++) add_le(&file, 0, 1);
    file.at[3073] = 10;
    (void)test_write("data_batch_4.bin", file.at, file.size);
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_FORMAT, "data_batch_4.bin: byte 3073: record 1 has the label 10, and "
                                      "cifar10 has the classes 0 to 9");
    (void)test_write("data_batch_4.bin", file.at, file.size - 1);
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_FORMAT,
                       "data_batch_4.bin: 6145 bytes are no whole number of records, "
                       "of which each has 3073");
    (void)test_write("data_batch_4.bin", file.at, 0);
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_FORMAT, "data_batch_4.bin");
    char path[512];
    (void)snprintf(path, sizeof path, "%s/data_batch_4.bin", test_folder());
    assert_int_equal(unlink(path), 0);
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_IO, "data_batch_4.bin");
    assert_non_null(cd_dataset_open(named("cifar10"), .split = CD_TEST));
}

static void a_wrong_fine_label_is_named(void **state)
{
    (void)state;
    put_cifar100();
    buffer file = { .size = 0 };
    for (int i = 0; i < 3074; i++) add_le(&file, 0, 1);
    file.at[0] = 20; /* too large for a coarse class; a fine one would do */
    (void)test_write("train.bin", file.at, file.size);
    assert_null(cd_dataset_open(named("cifar100-coarse")));
    assert_failed_with(CD_ERR_FORMAT, "byte 0: record 0 has the label 20");
    assert_non_null(cd_dataset_open(named("cifar100")));
    file.at[1] = 100;
    (void)test_write("train.bin", file.at, file.size);
    assert_null(cd_dataset_open(named("cifar100")));
    assert_failed_with(CD_ERR_FORMAT, "byte 1: record 0 has the label 100, and cifar100 has the "
                                      "classes 0 to 99");
}

static void folders_without_the_files(void **state)
{
    (void)state;
    assert_null(cd_dataset_open("cifar10"));
    assert_failed_with(CD_ERR_ARGUMENT, "data set cifar10: name its folder: cifar10:DIR");
    assert_null(cd_dataset_open("cifar10:/nowhere"));
    assert_failed_with(CD_ERR_IO, "data set cifar10: there is no folder /nowhere");
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_IO, "holds no data_batch_1.bin");
    touch("data_batch_1");
    assert_null(cd_dataset_open(named("cifar10")));
    assert_failed_with(CD_ERR_IO, "the Python version (pickles, which are never run)");
    touch("cifar-10-batches-bin/data_batch_1.bin");
    cd_dataset_layout layout;
    assert_false(cd_dataset_look(named("cifar10"), &layout));
    assert_failed_with(CD_ERR_IO, "the files lie deeper: name cifar10:");
}

static void a_recipe_of_another_size_is_refused(void **state)
{
    (void)state;
    put_cifar10();
    const cd_preprocess grey = { .crop_width = 32, .crop_height = 32, .channels = 1, .std = { 1 } };
    assert_null(cd_dataset_open(named("cifar10"), .preprocess = &grey));
    assert_failed_with(CD_ERR_SHAPE, "its pictures are RGB, 3 x 32 x 32, and taken as they are");
    assert_null(cd_dataset_open(named("cifar10"), .preprocess = &cd_preprocess_imagenet));
    assert_failed_with(CD_ERR_SHAPE, "but the preprocessing makes pictures of 3 x 224 x 224");
}

static bool open_set(void *user)
{
    CD_SCOPE();
    return cd_dataset_open(user) != NULL;
}

static void failing_allocations(void **state)
{
    (void)state;
    put_cifar100();
    (void)test_write("fine_label_names.txt", "a\n", 2);
    char name[512];
    (void)snprintf(name, sizeof name, "%s", named("cifar100-coarse"));
    assert_true(sweep_memory(open_set, name) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_records_of_all_files_are_read),
        TEST(pixels_are_normalised_channel_by_channel),
        TEST(cifar100_has_fine_and_coarse_classes),
        TEST(class_names_come_from_the_file_beside),
        TEST(damaged_records_are_refused),
        TEST(a_wrong_fine_label_is_named),
        TEST(folders_without_the_files),
        TEST(a_recipe_of_another_size_is_refused),
        TEST(failing_allocations),
    };
    return RUN(tests);
}
