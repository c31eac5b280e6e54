/* Data sets in MNIST's files that do not fit together or ask for too much. */
#include "test.h"

#include <zlib.h>

#include "io/dataset.h"

/* Gives test_folder() an IDX file of `size` bytes of zeros behind this header. */
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

/* 60 kB of gzip that unpack to 60 million labels: they take a byte each until it is known that
 * there are as many pictures. */
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
        TEST(many_labels_take_no_more_than_their_bytes),
    };
    return RUN(tests);
}
