/* IDX data sets whose files do not fit together or have sizes that are not read. */
#include "test.h"

#include <zlib.h>

#include "io/dataset.h"

/* Writes an IDX file: this header, then `size` zeros. */
static void write_idx(const char *name, const void *header, size_t header_size, size_t size)
{
    static unsigned char bytes[64];
    assert_true(header_size + size <= sizeof bytes);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, header, header_size);
    (void)test_write(name, bytes, header_size + size);
}

static void write_pictures(void)
{
    write_idx("train-images-idx3-ubyte", "\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\2", 16, 8);
}

static cd_dataset *open_folder(void)
{
    char name[512];
    (void)snprintf(name, sizeof name, "idx:%s", test_folder());
    return cd_dataset_open(name);
}

static void pictures_and_labels_make_a_set(void **state)
{
    (void)state;
    write_pictures();
    write_idx("train-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\2\0\3", 10, 0);
    cd_dataset *d = open_folder();
    assert_non_null(d);
    assert_int_equal(cd_dataset_count(d), 2);
    assert_int_equal(cd_dataset_class_count(d), 4);
    assert_int_equal(cd_dataset_label(d, 1), 3);
    assert_false(cd_dataset_is_split(d));
}

static void the_other_part_may_have_more_classes(void **state)
{
    (void)state;
    write_pictures();
    write_idx("train-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\2\0\3", 10, 0);
    write_idx("t10k-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\1\7", 9, 0);
    cd_dataset *d = open_folder();
    assert_non_null(d);
    assert_int_equal(cd_dataset_class_count(d), 8);
    assert_true(cd_dataset_is_split(d));
}

static void labels_of_another_form(void **state)
{
    (void)state;
    write_pictures();
    write_idx("train-labels-idx1-ubyte", "\0\0\x08\x02\0\0\0\2\0\0\0\1", 12, 2);
    assert_null(open_folder());
    assert_failed_with(CD_ERR_FORMAT, "labels are unsigned bytes in one dimension");
}

/* Not three dimensions, not unsigned bytes, or a size of 0. */
static void pictures_of_another_form(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        size_t size, data;
        const char *said;
    } files[] = {
        { "\0\0\x08\x02\0\0\0\2\0\0\0\2", 12, 4, "2x2 of U8" },
        { "\0\0\x09\x03\0\0\0\1\0\0\0\2\0\0\0\2", 16, 4, "1x2x2 of I8" },
        { "\0\0\x08\x03\0\0\0\0\0\0\0\2\0\0\0\2", 16, 0, "0x2x2 of U8" },
        { "\0\0\x08\x03\0\0\0\1\0\0\0\0\0\0\0\2", 16, 0, "1x0x2 of U8" },
        { "\0\0\x08\x03\0\0\0\1\0\0\0\2\0\0\0\0", 16, 0, "1x2x0 of U8" },
    };
    write_idx("train-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\2\0\3", 10, 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_idx("train-images-idx3-ubyte", files[i].header, files[i].size, files[i].data);
        assert_null(open_folder());
        assert_that(strstr(cd_error_message(), files[i].said), "file %zu: %s", i,
                    cd_error_message());
        assert_failed_with(CD_ERR_FORMAT, "pictures are unsigned bytes, count x height x width, "
                                          "with sides of 1 to 16384");
    }
}

/* Pictures of 1 x 16385 and of 16385 x 1 pixels; those with a side of 16384 are read. */
static void pictures_with_a_side_that_is_too_long(void **state)
{
    (void)state;
    static unsigned char file[16 + 16385];
    write_idx("train-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\1\0", 9, 0);
    for (int high = 0; high < 2; high++) {
        for (int longer = 0; longer < 2; longer++) {
            memset(file, 0, sizeof file);
            memcpy(file, "\0\0\x08\x03\0\0\0\1\0\0\0\1\0\0\0\1", 16);
            unsigned char *side = file + (high ? 8 : 12);
            side[2] = 0x40;
            side[3] = (unsigned char)longer;
            (void)test_write("train-images-idx3-ubyte", file, 16 + 16384 + (size_t)longer);
            cd_dataset *d = open_folder();
            if (!longer) {
                assert_int_equal(cd_dataset_sample_shape(d).dim[high ? 1 : 2], 16384);
                continue;
            }
            assert_null(d);
            assert_failed_with(CD_ERR_FORMAT, high ? "1x16385x1 of U8: pictures are"
                                                   : "1x1x16385 of U8: pictures are");
        }
    }
}

static void preprocessing_must_fit_the_pictures(void **state)
{
    (void)state;
    write_pictures();
    write_idx("train-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\2\0\3", 10, 0);
    char name[512];
    (void)snprintf(name, sizeof name, "idx:%s", test_folder());
    static const struct {
        cd_preprocess recipe;
        bool fits;
    } cases[] = {
        { { .crop_width = 2, .crop_height = 2, .channels = 1, .std = { 1 } }, true },
        { { .resize = 2, .crop_width = 2, .crop_height = 2, .channels = 1, .std = { 1 } }, true },
        { { .resize = 3, .crop_width = 2, .crop_height = 2, .channels = 1, .std = { 1 } }, false },
        { { .crop_width = 3, .crop_height = 2, .channels = 1, .std = { 1 } }, false },
        { { .crop_width = 2, .crop_height = 3, .channels = 1, .std = { 1 } }, false },
        { { .crop_width = 2, .crop_height = 2, .channels = 3, .std = { 1, 1, 1 } }, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_dataset *d = cd_dataset_open(name, .preprocess = &cases[i].recipe);
        assert_that((d != NULL) == cases[i].fits, "recipe %zu", i);
        if (d) continue;
        assert_failed_with(CD_ERR_SHAPE,
                           "its pictures are grey, 1 x 2 x 2, and taken as they are, but "
                           "the preprocessing makes");
    }
}

/* The sentence names the missing file of the split that was asked for. */
static void the_missing_file_is_named(void **state)
{
    (void)state;
    char name[512];
    (void)snprintf(name, sizeof name, "idx:%s", test_folder());
    write_pictures();
    assert_null(cd_dataset_open(name, .split = CD_TRAIN));
    assert_failed_with(CD_ERR_IO, "holds pictures, but no file of their labels "
                                  "(train-labels-idx1-ubyte or .gz)");
    assert_null(cd_dataset_open(name, .split = CD_TEST));
    assert_failed_with(CD_ERR_IO, "holds no t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz");
    write_idx("t10k-images-idx3-ubyte", "\0\0\x08\x03\0\0\0\1\0\0\0\1\0\0\0\1", 16, 1);
    assert_null(cd_dataset_open(name, .split = CD_TEST));
    assert_failed_with(CD_ERR_IO, "holds pictures, but no file of their labels "
                                  "(t10k-labels-idx1-ubyte or .gz)");
}

/* A path so long that the names of the files do not fit behind it counts as no folder. */
static void very_long_paths_are_no_folders(void **state)
{
    (void)state;
    static char name[6000] = "idx:/";
    memset(name + 5, 'x', sizeof name - 6);
    cd_dataset_layout layout = { .train = true };
    assert_null(cd_dataset_open(name));
    assert_int_equal(cd_error_code(), CD_ERR_IO);
    cd_clear_error();
    assert_false(cd_dataset_look(name, &layout));
    assert_int_equal(cd_error_code(), CD_ERR_IO);
    cd_clear_error();
    assert_true(layout.train);
}

/* 60 kB of gzip that unpack to 60 million labels. They take a byte each, not 8, until their number
 * has been compared with that of the pictures. */
static void many_labels_take_no_more_than_their_bytes(void **state)
{
    (void)state;
    enum { LABELS = 60000000, PIECE = 1000000 };
    write_pictures();
    char path[512];
    (void)snprintf(path, sizeof path, "%s/train-labels-idx1-ubyte.gz", test_folder());
    gzFile file = gzopen(path, "wb1");
    unsigned char *zeros = calloc(1, PIECE);
    assert_int_equal(gzwrite(file, "\0\0\x08\x01\x03\x93\x87\x00", 8), 8);
    for (int i = 0; i < LABELS / PIECE; i++) assert_int_equal(gzwrite(file, zeros, PIECE), PIECE);
    free(zeros);
    assert_int_equal(gzclose(file), Z_OK);
    cd_memory_trim();
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_in_use;
    assert_null(open_folder());
    assert_failed_with(CD_ERR_FORMAT, "2 pictures, and 60000000 labels");
    assert_true(cd_memory_stats().bytes_peak - before < LABELS + ((size_t)64 << 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pictures_and_labels_make_a_set),
        TEST(the_other_part_may_have_more_classes),
        TEST(labels_of_another_form),
        TEST(pictures_of_another_form),
        TEST(pictures_with_a_side_that_is_too_long),
        TEST(preprocessing_must_fit_the_pictures),
        TEST(the_missing_file_is_named),
        TEST(very_long_paths_are_no_folders),
        TEST(many_labels_take_no_more_than_their_bytes),
    };
    return RUN(tests);
}
