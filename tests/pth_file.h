/* For tests of PyTorch's zip container: building a file as torch.save writes it, with a pickle that
 * the test gives as a string literal (see pickle_machine.h). */
#ifndef CANDELA_TESTS_PTH_FILE_H
#define CANDELA_TESTS_PTH_FILE_H

#include "hostile.h"

#include "io/archive_internal.h"

#define REBUILD                    "ctorch._utils\n_rebuild_tensor_v2\n"
/* BINPERSID of ("storage", torch.CLASS, "0", "cpu", numel); `numel_` is a pickled integer. */
#define STORAGE_OF(class_, numel_) "(U\7storagectorch\n" class_ "\nU\0010U\3cpu" numel_ "tQ"
#define STORAGE                    STORAGE_OF("FloatStorage", "K\6")
/* The call _rebuild_tensor_v2(storage, offset, size, stride, False, None); size and stride are
 * pickled tuples. */
#define TENSOR_OF(storage_, offset_, size_, stride_)                                               \
    REBUILD "(" storage_ offset_ size_ stride_ "\x89NtR"
#define TENSOR   TENSOR_OF(STORAGE, "K\0", "K\2K\3\x86", "K\3K\1\x86") /* 2x3 over all 6 */
#define STATE(x) "\x80\x02}U\1w" x "s." /* the pickle of the state dict {"w": x} */

typedef struct file {
    zip_builder zip;
} file;

/* Begins a file: its first entry is data.pkl, with this pickle. */
static inline void start(file *f, const void *pickle, size_t size)
{
    f->zip = (zip_builder){ .count = 0 };
    zip_add(&f->zip, "m/data.pkl", pickle, size);
}

/* Adds the entry data/0: a storage of float32 with the numbers 0 to 5. */
static inline void add_floats(file *f)
{
    static const float values[] = { 0, 1, 2, 3, 4, 5 };
    zip_add(&f->zip, "m/data/0", values, sizeof values);
}

/* Adds the last entries and the directory. */
static inline void finish(file *f)
{
    zip_add(&f->zip, "m/version", "3\n", 2);
    zip_add(&f->zip, "m/byteorder", "little", 6);
    (void)zip_end(&f->zip, true);
}

/* Opens the file in memory. */
static inline cd_archive *open_file(const file *f)
{
    return cd_archive_open_memory("m.pth", f->zip.file.at, f->zip.file.size, NULL);
}

/* Makes a whole file: start, add_floats, finish. */
static inline void make(file *f, const void *pickle, size_t size)
{
    start(f, pickle, size);
    add_floats(f);
    finish(f);
}

/* Checks that the file is refused with this code, and with this text in the error. */
static inline void refuses_file(const file *f, cd_code code, const char *text)
{
    cd_archive *a = open_file(f);
    assert_null(a);
    assert_failed_with(code, text);
}

/* Checks that a file with this pickle is refused with this code, and with this text in the
 * error. */
#define REFUSES_AS(code_, text_, pickle_)                                                          \
    do {                                                                                           \
        file f_;                                                                                   \
        make(&f_, pickle_, sizeof(pickle_) - 1);                                                   \
        refuses_file(&f_, code_, text_);                                                           \
    } while (0)
#define REFUSES(text_, pickle_) REFUSES_AS(CD_ERR_FORMAT, text_, pickle_)
/* Makes a file with this pickle, and opens it. */
#define OPEN(file_, pickle_)    (make((file_), pickle_, sizeof(pickle_) - 1), open_file(file_))

/* Checks that the archive has a tensor of this name and shape, with the values 0, 1, 2, ... in
 * row-major order. */
static inline void values_count_up(cd_archive *a, const char *name, cd_shape shape)
{
    const cd_archive_entry *e = cd_archive_find(a, name);
    assert_that(e, "%s is not there", name);
    assert_true(cd_shape_equal(e->shape, shape));
    cd_dtype as = cd_file_dtype_kind(e->dtype) == CD_FILE_KIND_FLOAT ? CD_F64 : CD_I64;
    size_t bytes;
    assert_true(cd_archive_read_size(a, e, as, &bytes));
    assert_int_equal(bytes, (size_t)e->elements * 8);
    double doubles[64];
    int64_t integers[64];
    assert_true(cd_archive_read(a, e, as, as == CD_F64 ? (void *)doubles : (void *)integers));
    for (int64_t i = 0; i < e->elements; i++) {
        assert_close(as == CD_F64 ? doubles[i] : (double)integers[i], (double)i, 0, 0);
    }
}

#endif
