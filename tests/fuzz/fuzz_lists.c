/* Data sets in files whose contents are given byte by byte: CIFAR's records and lists of pictures.
 * Byte 0 of the input chooses which, and byte 1 the length of a file of class names.
 *
 * Checked: a set that opens has a name for each class, and labels below their number; each record
 * of a CIFAR file is a sample, with its label and its pixels; each picture of a list is a file that
 * exists, and the same list with other line ends gives the same set; a set that is refused leaks
 * nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <candela.h>

#include "tests/fuzz/fuzz.h"

enum { LISTS_MEMORY = 32 << 20 };

/* --- CIFAR ------------------------------------------------------------------------------------ */

/* A data set of CIFAR's. The fuzzer gives its test split, which is one file. */
static const struct {
    const char *prefix, *file, *names;
    size_t labels, label; /* bytes of labels in a record; which of them is the class */
} kinds[] = { { "cifar10", "test_batch.bin", "batches.meta.txt", 1, 0 },
              { "cifar100", "test.bin", "fine_label_names.txt", 2, 1 },
              { "cifar100-coarse", "test.bin", "coarse_label_names.txt", 2, 0 } };

/* Pixels are few bytes of the input, repeated: records are long, and inputs short. */
static fuzz_bytes records(fuzz_input in, size_t labels)
{
    fuzz_bytes out = { .size = 0 };
    while (in.size > 0) {
        fuzz_input label = fuzz_take(&in, labels), pixels = fuzz_take(&in, 3);
        fuzz_put(&out, label.data, label.size);
        for (int p = 0; p < 1024 && pixels.size == 3; p++) fuzz_put(&out, pixels.data, 3);
        if (pixels.size < 3) fuzz_put(&out, pixels.data, pixels.size);
    }
    return out;
}

static void check_classes(const cd_dataset *d)
{
    FUZZ_CHECK(cd_dataset_count(d) > 0 && cd_dataset_class_count(d) > 0);
    for (int64_t k = 0; k < cd_dataset_class_count(d); k++) {
        FUZZ_CHECK(cd_dataset_class_name(d, k) && *cd_dataset_class_name(d, k));
    }
    for (int64_t i = 0; i < cd_dataset_count(d); i++) {
        int64_t label = cd_dataset_label(d, i);
        FUZZ_CHECK(cd_ok() && label >= 0 && label < cd_dataset_class_count(d));
    }
}

static void check_record(cd_dataset *d, int64_t i, const uint8_t *record, size_t labels,
                         size_t label)
{
    cd_preprocess r = cd_dataset_preprocess(d);
    cd_tensor *x = NULL;
    FUZZ_CHECK(cd_dataset_label(d, i) == record[label]);
    if (!cd_dataset_batch(d, &i, 1, .x = &x)) {
        FUZZ_CHECK(fuzz_refused() == CD_ERR_MEMORY);
        return;
    }
    const float *value = cd_data(x);
    for (int p = 0; p < 3072; p++) {
        float mean = (float)r.mean[p / 1024], std = (float)r.std[p / 1024];
        FUZZ_CHECK(value[p] == ((float)record[labels + (size_t)p] / 255.0F - mean) / std);
    }
}

static void read_cifar(size_t kind, fuzz_input names, fuzz_input in)
{
    char path[FUZZ_PATH_BYTES], name[FUZZ_PATH_BYTES + 32];
    size_t labels = kinds[kind].labels;
    fuzz_bytes file = records(in, labels);
    fuzz_write(fuzz_path(kinds[kind].file, path), file.data, file.size);
    (void)unlink(fuzz_path(kinds[kind].names, path));
    if (names.size > 0) fuzz_write(path, names.data, names.size);
    (void)snprintf(name, sizeof name, "%s:%s", kinds[kind].prefix, fuzz_folder());
    cd_dataset *d = cd_dataset_open(name, .split = CD_TEST);
    if (d) {
        check_classes(d);
        FUZZ_CHECK(file.size == (size_t)cd_dataset_count(d) * (labels + 3072));
        int64_t last = cd_dataset_count(d) - 1;
        check_record(d, 0, file.data, labels, kinds[kind].label);
        check_record(d, last, file.data + (size_t)last * (labels + 3072), labels,
                     kinds[kind].label);
    } else {
        (void)fuzz_refused();
    }
    free(file.data);
}

/* --- lists ------------------------------------------------------------------------------------ */

static cd_dataset *open_list(const void *text, size_t size)
{
    char path[FUZZ_PATH_BYTES], name[FUZZ_PATH_BYTES + 32];
    fuzz_write(fuzz_path("list.txt", path), text, size);
    (void)snprintf(name, sizeof name, "list:%s", path);
    return cd_dataset_open(name);
}

/* The text with \r\n at the end of each line. */
static fuzz_bytes with_other_ends(fuzz_input text)
{
    fuzz_bytes out = { .size = 0 };
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\n') fuzz_put(&out, "\r", 1);
        fuzz_put(&out, &text.data[i], 1);
    }
    return out;
}

static void check_same(const cd_dataset *a, const cd_dataset *b)
{
    FUZZ_CHECK(cd_dataset_count(a) == cd_dataset_count(b));
    FUZZ_CHECK(cd_dataset_same_classes(a, b));
    for (int64_t i = 0; i < cd_dataset_count(a); i++) {
        FUZZ_CHECK(cd_dataset_label(a, i) == cd_dataset_label(b, i));
        FUZZ_CHECK(strcmp(cd_dataset_path(a, i), cd_dataset_path(b, i)) == 0);
    }
}

static void read_list(fuzz_input in)
{
    static const char *const files[] = { "a", "b c", "d,e", "1", "\"" };
    char path[FUZZ_PATH_BYTES];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        fuzz_write(fuzz_path(files[i], path), "", 0);
    }
    cd_dataset *d = open_list(in.data, in.size);
    if (!d) {
        (void)fuzz_refused();
        return;
    }
    check_classes(d);
    for (int64_t i = 0; i < cd_dataset_count(d); i++) {
        FUZZ_CHECK(access(cd_dataset_path(d, i), F_OK) == 0);
    }
    if (in.size == 0 || memchr(in.data, '\r', in.size)) return;
    fuzz_bytes text = with_other_ends(in);
    cd_dataset *again = open_list(text.data, text.size);
    free(text.data);
    if (again) {
        check_same(d, again);
    } else {
        FUZZ_CHECK(fuzz_refused() == CD_ERR_MEMORY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    unsigned kind = fuzz_u8(&in) % 4, length = fuzz_u8(&in);
    fuzz_begin(LISTS_MEMORY);
    {
        CD_SCOPE();
        if (kind < 3) {
            fuzz_input names = fuzz_take(&in, length);
            read_cifar(kind, names, in);
        } else {
            read_list(in);
        }
    }
    fuzz_end();
    return 0;
}
