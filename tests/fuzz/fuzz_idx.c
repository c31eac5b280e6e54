/* A data set in IDX files. Byte 0 of the input has the flags below, byte 1 the length of the file
 * of labels, which follows; the rest is the file of pictures.
 *
 * Checked: a data set that opens has all pictures and labels of its files, pixel by pixel, and all
 * labels are below the number of classes; the same files compressed by gzip give the same data set
 * (files that are compressed already are only read again); a set that is refused leaks nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "core/error.h"
#include "io/dataset.h"
#include "tests/fuzz/fuzz.h"

/* The flags of byte 0. */
enum {
    TEST = 1,   /* open the test split, not the training split */
    BOTH = 2,   /* the other split has the same file of labels, and no pictures */
    FASHION = 4 /* open it as "fashion-mnist", not as "idx" */
};

enum { IDX_MEMORY = 32 << 20, SAMPLES_MAX = 16 };

/* The bytes compressed as a gzip file. */
static fuzz_bytes packed(fuzz_input in)
{
    z_stream z = { .zalloc = NULL };
    FUZZ_CHECK(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&z, in.size);
    fuzz_bytes out = { .data = malloc(room), .room = room };
    z.next_in = (Bytef *)(uintptr_t)in.data;
    z.avail_in = (uInt)in.size;
    z.next_out = out.data;
    z.avail_out = (uInt)room;
    FUZZ_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out.size = room - z.avail_out;
    (void)deflateEnd(&z);
    return out;
}

/* Writes the file SPLIT-WHAT-ubyte, such as train-images-idx3-ubyte, or compresses it and adds .gz
 * to its name. */
static void put_file(const char *split, const char *what, fuzz_input data, bool compress)
{
    char name[64], path[FUZZ_PATH_BYTES];
    fuzz_bytes file = { .size = 0 };
    if (compress) {
        file = packed(data);
    } else {
        fuzz_put(&file, data.data, data.size);
    }
    (void)snprintf(name, sizeof name, "%s-%s-ubyte%s", split, what, compress ? ".gz" : "");
    fuzz_write(fuzz_path(name, path), file.data, file.size);
    free(file.data);
}

static void remove_files(void)
{
    static const char *const splits[] = { "train", "t10k" };
    static const char *const files[] = { "images-idx3", "labels-idx1" };
    char name[64], path[FUZZ_PATH_BYTES];
    for (int i = 0; i < 8; i++) {
        (void)snprintf(name, sizeof name, "%s-%s-ubyte%s", splits[i & 1], files[i >> 1 & 1],
                       i & 4 ? ".gz" : "");
        (void)unlink(fuzz_path(name, path));
    }
}

static cd_dataset *open_set(unsigned flags, fuzz_input labels, fuzz_input pictures, bool compress)
{
    char name[FUZZ_PATH_BYTES + 16];
    const char *split = flags & TEST ? "t10k" : "train", *other = flags & TEST ? "train" : "t10k";
    remove_files();
    put_file(split, "images-idx3", pictures, compress);
    put_file(split, "labels-idx1", labels, compress);
    if (flags & BOTH) put_file(other, "labels-idx1", labels, compress);
    (void)snprintf(name, sizeof name, "%s:%s", flags & FASHION ? "fashion-mnist" : "idx",
                   fuzz_folder());
    return cd_dataset_open(name, .split = flags & TEST ? CD_TEST : CD_TRAIN);
}

/* Checks that sample i, whose values are `x`, has the label and the pixels of the files. The header
 * of the labels has 8 bytes, that of the pictures 16. */
static void check_sample(const cd_dataset *d, int64_t i, const float *x, fuzz_input labels,
                         fuzz_input pictures)
{
    cd_preprocess r = cd_dataset_preprocess(d);
    int64_t pixels = (int64_t)r.crop_width * r.crop_height;
    FUZZ_CHECK(pictures.size == 16 + (size_t)(cd_dataset_count(d) * pixels));
    FUZZ_CHECK(labels.size == 8 + (size_t)cd_dataset_count(d));
    FUZZ_CHECK(cd_dataset_label(d, i) == labels.data[8 + i]);
    const uint8_t *from = pictures.data + 16 + i * pixels;
    float mean = (float)r.mean[0], std = (float)r.std[0];
    for (int64_t p = 0; p < pixels; p++) {
        FUZZ_CHECK(x[p] == ((float)from[p] / 255.0F - mean) / std);
    }
}

/* Checks that `d` has the samples of the files, and `again` the same samples as `d`. */
static void check_set(cd_dataset *d, cd_dataset *again, fuzz_input labels, fuzz_input pictures)
{
    int64_t count = cd_dataset_count(d), numbers[SAMPLES_MAX], n = 0;
    cd_tensor *x = NULL, *y = NULL, *other = NULL;
    FUZZ_CHECK(count >= 1 && cd_dataset_count(again) == count);
    FUZZ_CHECK(cd_dataset_class_count(again) == cd_dataset_class_count(d));
    for (int64_t i = 0; i < count; i++) {
        int64_t label = cd_dataset_label(d, i);
        FUZZ_CHECK(label >= 0 && label < cd_dataset_class_count(d));
        FUZZ_CHECK(cd_dataset_label(again, i) == label);
        FUZZ_CHECK(cd_dataset_class_name(d, label));
    }
    for (int64_t i = 0; i < count && n < SAMPLES_MAX; i += 1 + count / SAMPLES_MAX)
        numbers[n++] = i;
    if (!cd_dataset_batch(d, numbers, n, .x = &x, .y = &y) ||
        !cd_dataset_batch(again, numbers, n, .x = &other)) {
        FUZZ_CHECK(fuzz_refused() == CD_ERR_MEMORY);
        return;
    }
    int64_t values = cd_numel(x) / n;
    const float *value = cd_data(x);
    FUZZ_CHECK(memcmp(value, cd_data(other), (size_t)(values * n) * sizeof *value) == 0);
    bool plain = pictures.data[0] == 0 && labels.data[0] == 0; /* the files are not compressed */
    for (int64_t k = 0; k < n && plain; k++) {
        check_sample(d, numbers[k], value + k * values, labels, pictures);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    unsigned flags = fuzz_u8(&in), length = fuzz_u8(&in);
    fuzz_input labels = fuzz_take(&in, length);
    fuzz_begin(IDX_MEMORY);
    {
        CD_SCOPE();
        cd_dataset *d = open_set(flags, labels, in, false);
        if (d) {
            /* Files that are compressed already are not compressed again. */
            bool plain = in.data[0] == 0 && labels.data[0] == 0;
            cd_dataset *again = open_set(flags, labels, in, plain);
            if (again) {
                check_set(d, again, labels, in);
            } else {
                FUZZ_CHECK(fuzz_refused() == CD_ERR_MEMORY);
            }
        } else {
            (void)fuzz_refused();
        }
    }
    fuzz_end();
    return 0;
}
