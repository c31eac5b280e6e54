/* Data sets of both classes, IDX files and folders of photographs: opening, looking, batches, and
 * files or memory that are missing. */
#include "hostile.h"

#include <stdatomic.h>
#include <sys/stat.h>

#include "goldens.h"

#include "core/threads.h"
#include "io/dataset.h"

/* --- files that the tests write --------------------------------------------------------------- */

/* Writes a file below the test's folder, and makes the folders on the way. */
static void put(const char *name, const void *bytes, size_t size)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    for (char *p = path + strlen(test_folder()) + 1; *p; p++) {
        if (*p != '/') continue;
        *p = '\0';
        (void)mkdir(path, 0700);
        *p = '/';
    }
    (void)test_write(name, bytes, size);
}

/* Writes the bytes compressed by gzip. */
static void put_packed(const char *name, const buffer *plain)
{
    static unsigned char packed[BUFFER_MAX];
    z_stream z = { .next_in = (Bytef *)(uintptr_t)plain->at, .avail_in = (uInt)plain->size };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = packed;
    z.avail_out = sizeof packed;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    put(name, packed, z.total_out);
    assert_int_equal(deflateEnd(&z), Z_OK);
}

static void idx_header(buffer *b, int type, int rank, const int *sizes)
{
    b->size = 0;
    add_le(b, 0, 2);
    add_le(b, (uint64_t)type, 1);
    add_le(b, (uint64_t)rank, 1);
    for (int i = 0; i < rank; i++) add_be(b, (uint64_t)sizes[i], 4);
}

/* An IDX file of `count` pictures of 3 x 2 pixels 0, 1, 2, ... */
static void pictures(buffer *b, int count)
{
    idx_header(b, 8, 3, (const int[]){ count, 3, 2 });
    for (int i = 0; i < 6 * count; i++) add_le(b, (uint64_t)i & 0xFF, 1);
}

/* An IDX file of `count` labels 0, 1, ..., classes - 1, 0, ... */
static void labels(buffer *b, int count, int classes)
{
    idx_header(b, 8, 1, &count);
    for (int i = 0; i < count; i++) add_le(b, (uint64_t)(i % classes), 1);
}

/* Four files: 5 training pictures of 3 classes and 4 test pictures of 4 classes. */
static void put_set(void)
{
    buffer b;
    pictures(&b, 5);
    put("train-images-idx3-ubyte", b.at, b.size);
    labels(&b, 5, 3);
    put("train-labels-idx1-ubyte", b.at, b.size);
    pictures(&b, 4);
    put_packed("t10k-images.idx3-ubyte.gz", &b);
    labels(&b, 4, 4);
    put_packed("t10k-labels.idx1-ubyte.gz", &b);
}

/* PREFIX:DIR for the test's folder. */
static const char *named(const char *prefix)
{
    static char name[512];
    (void)snprintf(name, sizeof name, "%s:%s", prefix, test_folder());
    return name;
}

/* A grey BMP of 2 x 2. */
static void put_bmp(const char *name, unsigned char grey)
{
    buffer b = { .size = 0 };
    ADD(&b, "BM");
    add_le(&b, 70, 4);
    add_le(&b, 0, 4);
    add_le(&b, 54, 4);
    add_le(&b, 40, 4);
    add_le(&b, 2, 4);
    add_le(&b, 2, 4);
    add_le(&b, 1, 2);
    add_le(&b, 24, 2);
    add_le(&b, 0, 24);
    for (int row = 0; row < 2; row++) {
        for (int i = 0; i < 6; i++) add_le(&b, grey, 1);
        add_le(&b, 0, 2);
    }
    put(name, b.at, b.size);
}

static const cd_preprocess as_it_is = {
    .crop_width = 2, .crop_height = 2, .channels = 3, .std = { 1, 1, 1 }
};

static cd_dataset *open_photographs(cd_dataset_split split)
{
    return cd_dataset_open(test_folder(), .split = split, .preprocess = &as_it_is);
}

/* --- IDX sets --------------------------------------------------------------------------------- */

static void plain_idx_set_is_read(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_dataset *d = cd_dataset_open(named("idx"));
    assert_int_equal(cd_dataset_count(d), 5);
    assert_int_equal(cd_dataset_label(d, 4), 1);
    assert_true(cd_shape_equal(cd_dataset_sample_shape(d), CD_SHAPE(1, 3, 2)));
    assert_true(cd_dataset_is_split(d));
    assert_null(cd_dataset_path(d, 0));
    assert_int_equal(cd_dataset_ignored(d), 0);
    assert_ok();
}

static void packed_idx_set_is_read(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_dataset *d = cd_dataset_open(named("mnist"), .split = CD_TEST);
    assert_int_equal(cd_dataset_count(d), 4);
    assert_int_equal(cd_dataset_label(d, 3), 3);
}

/* The training part has labels 0 to 2 only, the test part 0 to 3. */
static void classes_are_counted_across_both_parts(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_dataset *train = cd_dataset_open(named("idx"));
    cd_dataset *test = cd_dataset_open(named("idx"), .split = CD_TEST);
    assert_int_equal(cd_dataset_class_count(train), 4);
    assert_int_equal(cd_dataset_class_count(test), 4);
    assert_string_equal(cd_dataset_class_name(train, 3), "3");
    assert_true(cd_dataset_same_classes(train, test));
}

static void one_part_alone_is_no_split(void **state)
{
    (void)state;
    CD_SCOPE();
    buffer b;
    pictures(&b, 5);
    put("train-images-idx3-ubyte", b.at, b.size);
    labels(&b, 5, 3);
    put("train-labels-idx1-ubyte", b.at, b.size);
    cd_dataset *d = cd_dataset_open(named("idx"));
    assert_false(cd_dataset_is_split(d));
    assert_int_equal(cd_dataset_class_count(d), 3);
    assert_null(cd_dataset_open(named("idx"), .split = CD_TEST));
    assert_failed_with(CD_ERR_IO, "holds no t10k-images-idx3-ubyte");
}

static void samples_are_normalised_by_their_own_statistics(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_dataset *d = cd_dataset_open(named("idx"));
    cd_preprocess p = cd_dataset_preprocess(d);
    assert_int_equal(p.channels, 1);
    assert_int_equal(p.crop_height, 3);
    assert_int_equal(p.crop_width, 2);
    assert_int_equal(p.resize, 0);
    double deviation = sqrt((30.0 * 30 - 1) / 12); /* of 0, 1, ..., 29 */
    assert_close(p.mean[0], 14.5 / 255, 1e-12, 0);
    assert_close(p.std[0], deviation / 255, 1e-12, 0);
    cd_tensor *x;
    assert_true(cd_dataset_batch(d, ((const int64_t[]){ 0, 4 }), 2, .x = &x));
    assert_close(element(x, 0), -14.5 / deviation, 1e-6, 0);
    assert_close(element(x, 11), 14.5 / deviation, 1e-6, 0);
}

static void test_part_takes_the_training_parts_statistics(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_preprocess p = cd_dataset_preprocess(cd_dataset_open(named("idx")));
    cd_dataset *d = cd_dataset_open(named("idx"), .split = CD_TEST, .preprocess = &p);
    assert_close(cd_dataset_preprocess(d).mean[0], p.mean[0], 0, 0);
    p.invert = true;
    d = cd_dataset_open(named("idx"), .split = CD_TEST, .preprocess = &p);
    cd_tensor *x;
    assert_true(cd_dataset_batch(d, (const int64_t[]){ 0 }, 1, .x = &x));
    assert_close(element(x, 1), (254.0 / 255 - p.mean[0]) / p.std[0], 1e-6, 0);
}

static void preprocessing_of_another_size_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_preprocess p = cd_dataset_preprocess(cd_dataset_open(named("idx")));
    p.crop_width = 4;
    assert_null(cd_dataset_open(named("idx"), .preprocess = &p));
    assert_failed_with(CD_ERR_SHAPE, "its pictures are grey, 1 x 3 x 2, and taken as they are, "
                                     "but the preprocessing makes pictures of 1 x 3 x 4");
    p.crop_width = 2;
    p.resize = 5;
    assert_null(cd_dataset_open(named("idx"), .preprocess = &p));
    assert_failed_with(CD_ERR_SHAPE, "resized to 5");
    p.resize = 2; /* the shorter side's: nothing to resize */
    assert_non_null(cd_dataset_open(named("idx"), .preprocess = &p));
    p.std[0] = 0;
    assert_null(cd_dataset_open(named("idx"), .preprocess = &p));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_open: ");
}

static void pictures_of_one_grey_are_not_divided_by_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    buffer b;
    idx_header(&b, 8, 3, (const int[]){ 1, 2, 2 });
    ADD(&b, "\7\7\7\7");
    put("train-images-idx3-ubyte", b.at, b.size);
    labels(&b, 1, 1);
    put("train-labels-idx1-ubyte", b.at, b.size);
    cd_dataset *d = cd_dataset_open(named("idx"));
    cd_tensor *x;
    assert_true(cd_dataset_batch(d, (const int64_t[]){ 0 }, 1, .x = &x));
    assert_close(element(x, 3), 0, 0, 1e-6);
}

static void more_labels_than_pictures_are_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    buffer b;
    labels(&b, 6, 3);
    put("train-labels-idx1-ubyte", b.at, b.size);
    assert_null(cd_dataset_open(named("idx")));
    assert_failed_with(CD_ERR_FORMAT, "5 pictures, and 6 labels in");
}

static void pictures_and_labels_must_be_bytes(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    buffer b;
    idx_header(&b, 0x0C, 1, (const int[]){ 5 });
    for (int i = 0; i < 5; i++) add_be(&b, 1, 4);
    put("train-labels-idx1-ubyte", b.at, b.size);
    assert_null(cd_dataset_open(named("idx")));
    assert_failed_with(CD_ERR_FORMAT, "5 of I32: labels are unsigned bytes in one dimension");
    labels(&b, 5, 3);
    put("train-labels-idx1-ubyte", b.at, b.size);
    idx_header(&b, 9, 3, (const int[]){ 5, 1, 1 });
    ADD(&b, "\1\2\3\4\5");
    put("train-images-idx3-ubyte", b.at, b.size);
    assert_null(cd_dataset_open(named("idx")));
    assert_failed_with(CD_ERR_FORMAT, "5x1x1 of I8: pictures are unsigned bytes");
    idx_header(&b, 8, 3, (const int[]){ 0, 1, 1 });
    put("train-images-idx3-ubyte", b.at, b.size);
    assert_null(cd_dataset_open(named("idx")));
    assert_failed_with(CD_ERR_FORMAT, "0x1x1 of U8: pictures are");
}

static void missing_files_are_named(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_dataset_open(named("mnist")));
    assert_failed_with(CD_ERR_IO, "holds no train-images-idx3-ubyte or "
                                  "train-images-idx3-ubyte.gz");
    buffer b;
    pictures(&b, 1);
    put("train-images-idx3-ubyte", b.at, b.size);
    assert_null(cd_dataset_open(named("mnist")));
    assert_failed_with(CD_ERR_IO, "holds pictures, but no file of their labels");
}

static void unknown_names_say_what_there_is(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_dataset_open("imagenet"));
    assert_failed_with(CD_ERR_ARGUMENT, "data set \"imagenet\": there is no such folder, and it "
                                        "is none of fashion-mnist");
    assert_null(cd_dataset_open("idx"));
    assert_failed_with(CD_ERR_ARGUMENT, "data set idx: name its folder: idx:DIR");
    assert_null(cd_dataset_open("mnist:"));
    assert_failed_with(CD_ERR_ARGUMENT, "data set mnist: name its folder");
    assert_null(cd_dataset_open(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_open: the name is NULL");
}

static void fashion_mnist_has_ten_names(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_dataset *d = cd_dataset_open(named("fashion-mnist"));
    assert_int_equal(cd_dataset_class_count(d), 10);
    assert_string_equal(cd_dataset_class_name(d, 9), "Ankle boot");
    buffer b;
    labels(&b, 5, 3);
    b.at[b.size - 1] = 10;
    put("train-labels-idx1-ubyte", b.at, b.size);
    assert_null(cd_dataset_open(named("fashion-mnist")));
    assert_failed_with(CD_ERR_FORMAT, "there is a label 10, and Fashion-MNIST has 0 to 9");
}

/* --- the real sets ---------------------------------------------------------------------------- */

static void installed_fashion_mnist_is_found(void **state)
{
    (void)state;
    if (access("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz", R_OK) != 0) {
        print_message("SKIPPED: dataset-fashion-mnist is not installed: \"./run packages demo\" "
                      "installs it\n");
        skip();
    }
    CD_SCOPE();
    cd_dataset *d = cd_dataset_open("fashion-mnist");
    assert_int_equal(cd_dataset_count(d), 60000);
    assert_true(cd_dataset_is_split(d));
    assert_close(cd_dataset_preprocess(d).mean[0], 0.2860, 0, 5e-5);
    assert_close(cd_dataset_preprocess(d).std[0], 0.3530, 0, 5e-5);
    assert_int_equal(cd_dataset_label(d, 0), 9);
}

static void real_mnist_is_read(void **state)
{
    (void)state;
    const char *file = test_shared("data/mnist/t10k-images-idx3-ubyte.gz");
    char name[4200];
    (void)snprintf(name, sizeof name, "mnist:%.*s", (int)(strrchr(file, '/') - file), file);
    CD_SCOPE();
    cd_dataset *d = cd_dataset_open(name, .split = CD_TEST);
    assert_int_equal(cd_dataset_count(d), 10000);
    assert_int_equal(cd_dataset_class_count(d), 10);
    assert_int_equal(cd_dataset_label(d, 0), 7);
    assert_close(cd_dataset_preprocess(d).mean[0], 0.1325, 0, 5e-5);
    cd_tensor *x, *y;
    assert_true(cd_dataset_batch(d, ((const int64_t[]){ 9999, 0, 1 }), 3, .x = &x, .y = &y));
    assert_true(cd_shape_equal(cd_shape_of(x), CD_SHAPE(3, 1, 28, 28)));
    const int64_t expected[] = { 6, 7, 2 };
    assert_near(y, cd_from_array(expected, CD_SHAPE(3), .dtype = CD_I64), 0, 0);
}

/* --- folders of photographs ------------------------------------------------------------------- */

static void folder_of_classes_is_one_set(void **state)
{
    (void)state;
    CD_SCOPE();
    put_bmp("wasps/1.bmp", 10);
    put_bmp("ants/2.bmp", 20);
    put_bmp("ants/1.bmp", 30);
    put("ants/notes.txt", "x", 1);
    cd_dataset *train = open_photographs(CD_TRAIN), *test = open_photographs(CD_TEST);
    assert_int_equal(cd_dataset_count(train), 3);
    assert_int_equal(cd_dataset_count(test), 3);
    assert_false(cd_dataset_is_split(train));
    assert_string_equal(cd_dataset_class_name(train, 0), "ants");
    assert_string_equal(cd_dataset_class_name(train, 1), "wasps");
    assert_non_null(strstr(cd_dataset_path(train, 0), "/ants/1.bmp"));
    assert_int_equal(cd_dataset_label(train, 2), 1);
    assert_int_equal(cd_dataset_ignored(train), 1);
}

static void train_and_val_are_two_parts(void **state)
{
    (void)state;
    CD_SCOPE();
    put_bmp("train/a/1.bmp", 10);
    put_bmp("train/b/1.bmp", 10);
    put_bmp("val/a/2.bmp", 20);
    cd_dataset *train = open_photographs(CD_TRAIN), *val = open_photographs(CD_TEST);
    assert_true(cd_dataset_is_split(train));
    assert_int_equal(cd_dataset_count(train), 2);
    assert_int_equal(cd_dataset_count(val), 1);
    assert_non_null(strstr(cd_dataset_path(val, 0), "/val/a/2.bmp"));
    assert_false(cd_dataset_same_classes(train, val));
    assert_failed_with(CD_ERR_FORMAT, "\"b\"");
}

static void train_alone_is_a_class(void **state)
{
    (void)state;
    CD_SCOPE();
    put_bmp("train/1.bmp", 10);
    put_bmp("tram/1.bmp", 10);
    cd_dataset *d = open_photographs(CD_TRAIN);
    assert_false(cd_dataset_is_split(d));
    assert_string_equal(cd_dataset_class_name(d, 0), "train");
}

static void one_part_without_the_other_is_an_error(void **state)
{
    (void)state;
    put_bmp("train/a/1.bmp", 10);
    assert_null(cd_dataset_open(test_folder()));
    assert_failed_with(CD_ERR_FORMAT, "there is train/ and no val/ or test/ beside it");
}

static void folder_without_pictures_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    put("empty/notes.txt", "x", 1);
    assert_null(open_photographs(CD_TRAIN));
    assert_failed_with(CD_ERR_FORMAT, "empty");
}

static void photographs_default_to_imagenets_recipe(void **state)
{
    (void)state;
    CD_SCOPE();
    put_bmp("a/1.bmp", 10);
    cd_dataset *d = cd_dataset_open(test_folder());
    assert_true(cd_shape_equal(cd_dataset_sample_shape(d), CD_SHAPE(3, 224, 224)));
    assert_close(cd_dataset_preprocess(d).mean[2], 0.406, 0, 0);
}

static void photographs_come_as_numbers(void **state)
{
    (void)state;
    CD_SCOPE();
    put_bmp("a/1.bmp", 51);
    put_bmp("b/1.bmp", 255);
    cd_tensor *x, *y;
    assert_true(cd_dataset_batch(open_photographs(CD_TRAIN), ((const int64_t[]){ 1, 0 }), 2,
                                 .x = &x, .y = &y));
    assert_true(cd_shape_equal(cd_shape_of(x), CD_SHAPE(2, 3, 2, 2)));
    assert_close(element(x, 0), 1, 0, 0);
    assert_close(element(x, 12), 0.2, 1e-7, 0);
    assert_int_equal(cd_item_int(cd_index(y, 0)), 1);
}

/* A link to itself cannot be opened, not even by root. */
static void unreadable_idx_files_are_not_missing(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    char path[512];
    (void)snprintf(path, sizeof path, "%s/t10k-labels.idx1-ubyte.gz", test_folder());
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("t10k-labels.idx1-ubyte.gz", path), 0);
    assert_null(
        cd_dataset_open(named("idx"), .split = CD_TRAIN)); /* the file may have more classes */
    assert_failed_with(CD_ERR_IO, "t10k-labels.idx1-ubyte.gz: cannot open it: Too many levels");

    (void)snprintf(path, sizeof path, "%s/t10k-images.idx3-ubyte.gz", test_folder());
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("t10k-images.idx3-ubyte.gz", path), 0);
    cd_dataset_layout layout;
    assert_true(cd_dataset_look(named("idx"), &layout));
    assert_true(layout.train && layout.test);
    assert_null(cd_dataset_open(named("idx"), .split = CD_TEST));
    assert_failed_with(CD_ERR_IO, "t10k-images.idx3-ubyte.gz: cannot open it: Too many levels");
}

/* --- pictures that cannot be decoded ---------------------------------------------------------- */

static atomic_int warnings;

static void count_warning(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING && strstr(message, "damaged")) atomic_fetch_add(&warnings, 1);
}

static void put_damaged(void)
{
    put_bmp("a/1.bmp", 51);
    put("a/2 damaged.bmp", "BM not really", 13);
    put_bmp("a/3.bmp", 255);
    put("a/4 damaged.png", "\x89PNG\r\n\x1a\n", 8);
}

static void undecodable_picture_is_an_error_that_names_it(void **state)
{
    (void)state;
    CD_SCOPE();
    put_damaged();
    cd_tensor *x = NULL, *y = NULL;
    int before = cd_num_threads();
    for (int threads = 1; threads <= 4; threads++) {
        assert_true(cd_set_num_threads(threads));
        assert_false(cd_dataset_batch(open_photographs(CD_TRAIN), ((const int64_t[]){ 0, 3, 1 }), 3,
                                      .x = &x, .y = &y));
        assert_null(x);
        assert_null(y);
        assert_failed_with(CD_ERR_FORMAT, "4 damaged.png"); /* the first of the batch */
    }
    assert_true(cd_set_num_threads(before));
}

static void undecodable_picture_is_marked_when_asked(void **state)
{
    (void)state;
    CD_SCOPE();
    put_damaged();
    cd_tensor *x, *y;
    bool bad[4] = { true, true, true, true };
    warnings = 0;
    cd_set_logger(count_warning, NULL);
    bool done = cd_dataset_batch(open_photographs(CD_TRAIN), ((const int64_t[]){ 0, 1, 2, 3 }), 4,
                                 .x = &x, .y = &y, .bad = bad);
    cd_set_logger(NULL, NULL);
    assert_true(done);
    assert_int_equal(warnings, 2);
    assert_true(!bad[0] && bad[1] && !bad[2] && bad[3]);
    assert_close(element(x, 0), 0.2, 1e-7, 0);
    assert_close(element(x, 12), 0, 0, 0);
    assert_close(element(x, 24), 1, 0, 0);
}

/* A file that cannot be opened may be sound, so the batch fails. An empty file is a bad picture. */
static void unreadable_picture_is_an_error_even_so(void **state)
{
    (void)state;
    CD_SCOPE();
    char path[512];
    put_bmp("a/1.bmp", 51);
    put("a/2.bmp", "", 0);
    put_bmp("a/3.bmp", 51);
    cd_dataset *d = open_photographs(CD_TRAIN);
    cd_tensor *x = NULL;
    bool bad[3];
    assert_true(cd_dataset_batch(d, ((const int64_t[]){ 0, 1, 2 }), 3, .x = &x, .bad = bad));
    assert_true(!bad[0] && bad[1] && !bad[2]);
    (void)snprintf(path, sizeof path, "%s", cd_dataset_path(d, 2));
    assert_int_equal(unlink(path), 0);
    cd_tensor *before = x;
    assert_false(cd_dataset_batch(d, ((const int64_t[]){ 0, 1, 2 }), 3, .x = &x, .bad = bad));
    assert_failed_with(CD_ERR_IO, "3.bmp: cannot open it: No such file");
    assert_ptr_equal(x, before);
}

static void marks_are_cleared_without_pictures_too(void **state)
{
    (void)state;
    CD_SCOPE();
    put_damaged();
    cd_tensor *y;
    bool bad[2] = { true, true };
    assert_true(cd_dataset_batch(open_photographs(CD_TRAIN), ((const int64_t[]){ 1, 2 }), 2,
                                 .y = &y, .bad = bad));
    assert_false(bad[0] || bad[1]);
}

/* --- batches ---------------------------------------------------------------------------------- */

static void numbers_out_of_range_are_errors(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_dataset *d = cd_dataset_open(named("idx"));
    cd_tensor *x = NULL;
    assert_false(cd_dataset_batch(d, ((const int64_t[]){ 0, 5 }), 2, .x = &x));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_batch: there is no sample 5, the data set has 5");
    assert_false(cd_dataset_batch(d, (const int64_t[]){ -1 }, 1, .x = &x));
    assert_failed_with(CD_ERR_ARGUMENT, "there is no sample -1");
    assert_false(cd_dataset_batch(d, NULL, 1, .x = &x));
    assert_failed_with(CD_ERR_ARGUMENT, "1 indices, and the list is NULL");
    assert_false(cd_dataset_batch(d, NULL, -1, .x = &x));
    assert_failed_with(CD_ERR_ARGUMENT, "-1 indices");
    assert_null(x);
    assert_int_equal(cd_dataset_label(d, 5), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_label: there is no sample 5");
    assert_null(cd_dataset_class_name(d, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_class_name: there is no class -1");
    assert_null(cd_dataset_path(d, 9));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_path: there is no sample 9");
    assert_int_equal(cd_dataset_count(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_count: the data set is NULL");
}

static void empty_batch_is_empty(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_tensor *x, *y;
    assert_true(cd_dataset_batch(cd_dataset_open(named("idx")), NULL, 0, .x = &x, .y = &y));
    assert_int_equal(cd_size(x, 0), 0);
    assert_int_equal(cd_size(y, 0), 0);
}

static void batch_does_nothing_while_an_error_is_pending(void **state)
{
    (void)state;
    CD_SCOPE();
    put_set();
    cd_dataset *d = cd_dataset_open(named("idx"));
    cd_tensor *x = NULL;
    (void)cd_fail(CD_ERR_STATE, "before");
    assert_false(cd_dataset_batch(d, (const int64_t[]){ 0 }, 1, .x = &x));
    assert_failed_with(CD_ERR_STATE, "before");
    assert_null(x);
}

static void any_number_of_threads_reads_the_same_bits(void **state)
{
    (void)state;
    CD_SCOPE();
    enum { PICTURES = 16 };
    int64_t all[PICTURES];
    for (int i = 0; i < PICTURES; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%c/%d.bmp", 'a' + i % 3, i);
        put_bmp(name, (unsigned char)(16 * i));
        all[i] = PICTURES - 1 - i;
    }
    cd_preprocess recipe = cd_preprocess_imagenet;
    recipe.resize = 40;
    recipe.crop_width = recipe.crop_height = 32;
    cd_dataset *d = cd_dataset_open(test_folder(), .preprocess = &recipe);
    int before = cd_num_threads();
    cd_tensor *first = NULL;
    for (int threads = 1; threads <= 8; threads *= 2) {
        cd_tensor *x;
        assert_true(cd_set_num_threads(threads));
        assert_true(cd_dataset_batch(d, all, PICTURES, .x = &x));
        if (first) {
            assert_memory_equal(cd_data(x), cd_data(first), (size_t)cd_numel(x) * sizeof(float));
        }
        first = first ? first : x;
    }
    assert_true(cd_set_num_threads(before));
}

/* --- without memory --------------------------------------------------------------------------- */

static bool read_idx(void *user)
{
    CD_SCOPE();
    cd_tensor *x, *y;
    cd_dataset *d = cd_dataset_open((const char *)user);
    return cd_dataset_batch(d, (const int64_t[]){ 0 }, 1, .x = &x, .y = &y) && cd_ok();
}

static void reading_idx_survives_every_failing_allocation(void **state)
{
    (void)state;
    put_set();
    char name[512];
    (void)snprintf(name, sizeof name, "%s", named("idx"));
    assert_true(read_idx(name));
    assert_true(sweep_memory(read_idx, name) > 5);
}

static bool read_photographs(void *user)
{
    (void)user;
    CD_SCOPE();
    cd_tensor *x, *y;
    bool bad[2];
    cd_dataset *d = open_photographs(CD_TRAIN);
    return cd_dataset_batch(d, ((const int64_t[]){ 0, 1 }), 2, .x = &x, .y = &y, .bad = bad) &&
           cd_ok();
}

/* Where memory is refused, no picture is marked as bad: the batch fails. */
static void reading_photographs_survives_every_failing_allocation(void **state)
{
    (void)state;
    put_bmp("a/1.bmp", 10);
    put_bmp("a/2.bmp", 10);
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    assert_true(read_photographs(NULL));
    assert_true(sweep_memory(read_photographs, NULL) > 5);
    assert_true(cd_set_num_threads(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_idx_set_is_read),
        TEST(packed_idx_set_is_read),
        TEST(classes_are_counted_across_both_parts),
        TEST(one_part_alone_is_no_split),
        TEST(samples_are_normalised_by_their_own_statistics),
        TEST(test_part_takes_the_training_parts_statistics),
        TEST(preprocessing_of_another_size_is_refused),
        TEST(pictures_of_one_grey_are_not_divided_by_zero),
        TEST(more_labels_than_pictures_are_an_error),
        TEST(pictures_and_labels_must_be_bytes),
        TEST(missing_files_are_named),
        TEST(unknown_names_say_what_there_is),
        TEST(fashion_mnist_has_ten_names),
        TEST(installed_fashion_mnist_is_found),
        TEST(real_mnist_is_read),
        TEST(folder_of_classes_is_one_set),
        TEST(train_and_val_are_two_parts),
        TEST(one_part_without_the_other_is_an_error),
        TEST(train_alone_is_a_class),
        TEST(folder_without_pictures_is_an_error),
        TEST(photographs_default_to_imagenets_recipe),
        TEST(photographs_come_as_numbers),
        TEST(undecodable_picture_is_an_error_that_names_it),
        TEST(undecodable_picture_is_marked_when_asked),
        TEST(unreadable_idx_files_are_not_missing),
        TEST(unreadable_picture_is_an_error_even_so),
        TEST(marks_are_cleared_without_pictures_too),
        TEST(numbers_out_of_range_are_errors),
        TEST(empty_batch_is_empty),
        TEST(batch_does_nothing_while_an_error_is_pending),
        TEST(any_number_of_threads_reads_the_same_bits),
        TEST(reading_idx_survives_every_failing_allocation),
        TEST(reading_photographs_survives_every_failing_allocation),
    };
    return RUN(tests);
}
