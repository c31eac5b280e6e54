/* .npz files: those that NumPy wrote (tests/golden/make_npy.py), hostile ones, and what is written,
 * which is what numpy.savez writes. */
#include "hostile.h"
#include "read_archive.h"

#include <errno.h>

#include <candela.h>

#include "io/archive_internal.h"
#include "io/atomic_file_internal.h"
#include "io/inflate_internal.h"
#include "io/zip_internal.h"
#include "io/zip_write_internal.h"

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* --- what NumPy wrote ------------------------------------------------------------------------- */

static void assert_counts(cd_tensor_file *f, const char *name, cd_dtype dtype, cd_shape shape)
{
    CD_SCOPE();
    cd_tensor *t = cd_tensor_file_read(f, name);
    assert_that(t, "%s: %s", name, cd_error_message());
    assert_int_equal(cd_dtype_of(t), dtype);
    assert_true(cd_shape_equal(cd_shape_of(t), shape));
    cd_tensor *flat = cd_to(cd_reshape(t, CD_SHAPE(cd_numel(t))), CD_F64);
    const double *value = cd_data(flat);
    for (int64_t k = 0; k < cd_numel(t); k++) assert_close(value[k], (double)(k % 1000), 0, 0);
}

static void stored_and_deflated_arrays_are_read(void **state)
{
    (void)state;
    static const char *const names[] = { "golden/npy/stored.npz", "golden/npy/deflated.npz" };
    for (int i = 0; i < 2; i++) {
        cd_tensor_file *f = cd_tensor_file_open(test_path(names[i]));
        assert_string_equal(cd_tensor_file_kind(f), "NumPy zip");
        assert_int_equal(cd_tensor_file_count(f), 5 + i);
        assert_string_equal(cd_tensor_file_name(f, i), "w"); /* in the order of numpy.savez */
        assert_string_equal(cd_tensor_file_dtype(f, i + 2), "F64");
        assert_counts(f, "f", CD_F64, CD_SHAPE(3, 4)); /* Fortran order, big-endian */
        assert_counts(f, "w", CD_F32, CD_SHAPE(2, 3));
        assert_counts(f, "layer/b", CD_I64, CD_SHAPE(4));
        assert_counts(f, "empty", CD_F32, CD_SHAPE(0, 3));
        assert_counts(f, "é", CD_U8, CD_SHAPE(2));
        assert_counts(f, "f", CD_F64, CD_SHAPE(3, 4)); /* again: its CRC was compared before */
        if (i == 1) assert_counts(f, "long", CD_I32, CD_SHAPE(40, 50));
    }
}

static void arrays_without_names_and_without_numbers(void **state)
{
    (void)state;
    cd_tensor_file *f = cd_tensor_file_open(test_path("golden/npy/arrays.npz"));
    assert_counts(f, "arr_0", CD_F32, CD_SHAPE(2, 3));
    assert_counts(f, "arr_1", CD_I32, CD_SHAPE(5));
    assert_close(cd_item(cd_tensor_file_read(f, "s")), 7, 0, 0);
    f = cd_tensor_file_open(test_path("golden/npy/mixed.npz"));
    assert_counts(f, "w", CD_F32, CD_SHAPE(2, 3));
    assert_null(cd_tensor_file_read(f, "objects"));
    assert_failed_with(CD_ERR_UNSUPPORTED,
                       "mixed.npz: \"objects\" is of dtype OBJECT (Python objects, in a pickle, "
                       "which is never run), which no tensor has");
    assert_null(cd_tensor_file_read(f, "names"));
    assert_failed_with(CD_ERR_UNSUPPORTED, "\"names\" is of dtype TEXT (texts)");
}

static char warning[256];

static void keep_warning(cd_log_level level, const char *line, void *user)
{
    (void)level;
    (void)user;
    (void)snprintf(warning, sizeof warning, "%s", line);
}

static void members_that_are_no_arrays_are_ignored(void **state)
{
    (void)state;
    cd_bytes array;
    zip_builder *z = calloc(1, sizeof *z);
    assert_true(cd_bytes_open(&array, test_path("golden/npy/f4.npy"), SIZE_MAX));
    zip_add(z, "readme.txt", "hello", 5);
    zip_add(z, "a.npy", array.data, array.size);
    zip_add(z, ".npy", "x", 1); /* an array needs a name */
    (void)zip_end(z, true);
    cd_bytes_close(&array);
    cd_set_logger(keep_warning, NULL);
    cd_archive *a = cd_archive_open_memory("x.npz", z->file.at, z->file.size, NULL);
    cd_set_logger(NULL, NULL);
    assert_non_null(a);
    assert_int_equal(a->count, 1);
    assert_string_equal(a->entries[0].name, "a");
    assert_string_equal(warning, "x.npz: 2 of its 3 members are no arrays (.npy) and are ignored");
    cd_archive_close(a);
    free(z);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void assert_same_file(const char *path, const char *expected)
{
    cd_bytes a, b;
    assert_true(cd_bytes_open(&a, path, SIZE_MAX));
    assert_true(cd_bytes_open(&b, expected, SIZE_MAX));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    cd_bytes_close(&a);
    cd_bytes_close(&b);
}

/* The same arrays give the same file, byte for byte. */
static void what_is_written_is_what_numpy_writes(void **state)
{
    (void)state;
    cd_tensor *tensors[] = { cd_full(CD_SCALAR, 7),
                             cd_reshape(cd_arange(6, .dtype = CD_F32), CD_SHAPE(2, 3)),
                             cd_arange(5, .dtype = CD_I32) };
    const char *names[] = { "s", "arr_0", "arr_1" }; /* NumPy puts named arrays first */
    assert_true(cd_save_npz(names, tensors, 3, in_folder("a.npz")));
    assert_same_file(in_folder("a.npz"), test_path("golden/npy/arrays.npz"));
}

static void a_module_can_be_saved_and_loaded(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_batch_norm1d(4));
    cd_module *back = cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_batch_norm1d(4));
    assert_true(cd_save(m, in_folder("m.npz")));
    assert_true(cd_load(back, in_folder("m.npz")));
    cd_tensor *a = cd_module_tensor(m, "0.weight"), *b = cd_module_tensor(back, "0.weight");
    assert_memory_equal(cd_data(a), cd_data(b), 12 * sizeof(float));
    cd_tensor_file *f = cd_tensor_file_open(in_folder("m.npz"));
    assert_int_equal(cd_tensor_file_count(f), 7);
    assert_string_equal(cd_tensor_file_name(f, 0), "0.weight");
    const cd_text_pair text = { "key", "value" };
    assert_false(cd_save(m, in_folder("m.npz"), .texts = &text, .text_count = 1));
    assert_failed_with(CD_ERR_UNSUPPORTED, "m.npz: an .npz holds arrays and no texts");
}

static void a_layer_with_two_names_is_written_once(void **state)
{
    (void)state;
    cd_module *layer = cd_nn_linear(2, 2);
    cd_module *m = cd_nn_sequential(layer, cd_nn_relu(), layer);
    cd_module *again = cd_nn_linear(2, 2), *back = cd_nn_sequential(again, cd_nn_relu(), again);
    assert_true(cd_save(m, in_folder("m.npz")));
    assert_int_equal(cd_tensor_file_count(cd_tensor_file_open(in_folder("m.npz"))), 2);
    assert_true(cd_load(back, in_folder("m.npz")));
}

static void names_that_are_refused(void **state)
{
    (void)state;
    cd_tensor *t = cd_zeros(CD_SHAPE(2)), *two[] = { t, t };
    static const struct {
        const char *name, *sentence;
    } cases[] = { { NULL, "must be UTF-8, not empty" },
                  { "", "must be UTF-8, not empty" },
                  { "\xff", "must be UTF-8" },
                  { "/a", "no path within an archive" },
                  { "../a", "no path within an archive" },
                  { "a/..", "no path within an archive" },
                  { "a/../b", "no path within an archive" },
                  { "a\\b", "no path within an archive" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(cd_save_npz(&cases[i].name, &t, 1, in_folder("a.npz")));
        assert_failed_with(CD_ERR_ARGUMENT, cases[i].sentence);
    }
    const char *names[] = { "a", "a" }, *fine[] = { "a..b/..c", "..." };
    assert_false(cd_save_npz(names, two, 2, in_folder("a.npz")));
    assert_failed_with(CD_ERR_ARGUMENT, "two tensors are called \"a\"");
    assert_false(cd_save_npz(names, two, 0, in_folder("a.npz")));
    assert_failed_with(CD_ERR_ARGUMENT, "one name and one tensor at least are needed");
    assert_false(cd_save_npz(fine, two, 2, in_folder("a.npy")));
    assert_failed_with(CD_ERR_UNSUPPORTED, "what is written is an npz file");
    assert_int_not_equal(access(in_folder("a.npz"), F_OK), 0);
    assert_true(cd_save_npz(fine, two, 2, in_folder("a.npz")));
    assert_int_equal(cd_tensor_file_count(cd_tensor_file_open(in_folder("a.npz"))), 2);
}

static size_t disk_left; /* bytes until the disk is full */

static ssize_t write_until_full(int fd, const void *bytes, size_t size)
{
    if (size > disk_left) size = disk_left;
    errno = ENOSPC;
    if (size == 0) return -1;
    disk_left -= size;
    return write(fd, bytes, size);
}

/* Wherever the disk gets full, the file that was there stays, and no other is left. */
static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    cd_tensor *t[] = { cd_full(CD_SHAPE(50), 3), cd_full(CD_SHAPE(50), 4) };
    const char *names[] = { "a", "b" };
    cd_file_calls calls = cd_file_calls_system;
    calls.write = write_until_full;
    char npz[512], npy[512];
    (void)snprintf(npz, sizeof npz, "%s", in_folder("a.npz"));
    (void)snprintf(npy, sizeof npy, "%s", in_folder("a.npy"));
    assert_true(cd_save_npz(names, t, 2, npz) && cd_save_npy(t[0], npy));
    for (size_t room = 0; room < 300; room += 37) {
        cd_tensor *other[] = { cd_zeros(CD_SHAPE(50)), cd_zeros(CD_SHAPE(50)) };
        cd_file_calls_used = &calls;
        disk_left = room;
        bool saved = cd_save_npz(names, other, 2, npz);
        cd_file_calls_used = &cd_file_calls_system;
        assert_false(saved);
        assert_failed_with(CD_ERR_IO, "No space left");
        cd_file_calls_used = &calls;
        disk_left = room;
        saved = cd_save_npy(other[0], npy);
        cd_file_calls_used = &cd_file_calls_system;
        assert_false(saved);
        assert_failed_with(CD_ERR_IO, "No space left");
    }
    cd_tensor_file *f = cd_tensor_file_open(npz);
    assert_close(cd_item(cd_mean(cd_tensor_file_read(f, "b"))), 4, 0, 0);
    assert_close(cd_item(cd_mean(cd_load_npy(npy))), 3, 0, 0);
    assert_int_equal(unlink(npz), 0);
    assert_int_equal(unlink(npy), 0);
    assert_int_equal(rmdir(test_folder()), 0); /* nothing else lies in it */
}

/* --- the zip writer --------------------------------------------------------------------------- */

static void aligned_entries_and_owed_bytes(void **state)
{
    (void)state;
    cd_zip_writer *w = cd_zip_writer_open(in_folder("z.zip"));
    assert_true(cd_zip_writer_entry(w, "a", 3, (uint32_t)crc32_z(0, (const Bytef *)"xyz", 3), 64));
    assert_false(cd_zip_writer_entry(w, "b", 1, 0, 0));
    assert_failed_with(CD_ERR_STATE, "the entry before lacks 3 bytes");
    assert_false(cd_zip_writer_data(w, "xyzx", 4));
    assert_failed_with(CD_ERR_STATE, "4 bytes of data, and the entry lacks 3");
    assert_true(cd_zip_writer_data(w, "xyz", 3));
    for (int i = 0; i < 70; i++) { /* names of each length, so that each padding occurs */
        char name[80];
        memset(name, 'n', sizeof name);
        name[2 + i] = '\0';
        assert_true(
            cd_zip_writer_entry(w, name, 1, (uint32_t)crc32_z(0, (const Bytef *)"x", 1), 64));
        assert_true(cd_zip_writer_data(w, "x", 1));
    }
    assert_true(cd_zip_writer_commit(w));
    cd_source source;
    cd_budget budget = { .limit = SIZE_MAX, .label = "z" };
    cd_zip zip;
    assert_true(cd_source_open(&source, in_folder("z.zip")));
    assert_true(cd_zip_open(&zip, &source, &budget));
    assert_int_equal(zip.count, 71);
    for (size_t i = 0; i < zip.count; i++) assert_int_equal(zip.entries[i].data_offset % 64, 0);
    cd_zip_release(&zip, &budget);
    cd_source_close(&source);
    w = cd_zip_writer_open(in_folder("unfinished.zip"));
    assert_true(cd_zip_writer_entry(w, "a", 3, 0, 0));
    assert_false(cd_zip_writer_commit(w));
    assert_failed_with(CD_ERR_STATE, "the last entry lacks 3 bytes");
    assert_int_not_equal(access(in_folder("unfinished.zip"), F_OK), 0);
}

/* More entries than 16 bits count: the number is in the zip64 end record only. */
static void more_entries_than_16_bits_count(void **state)
{
    (void)state;
    enum { COUNT = 65536 };
    cd_zip_writer *w = cd_zip_writer_open(in_folder("many.zip"));
    for (int i = 0; i < COUNT; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%05d", i);
        assert_true(cd_zip_writer_entry(w, name, 0, 0, 0));
    }
    assert_true(cd_zip_writer_commit(w));
    cd_source source;
    cd_budget budget = { .limit = SIZE_MAX, .label = "z" };
    cd_zip zip;
    assert_true(cd_source_open(&source, in_folder("many.zip")));
    assert_true(cd_zip_open(&zip, &source, &budget));
    assert_int_equal(zip.count, COUNT);
    assert_int_equal(zip.entries[COUNT - 1].unpacked_size, 0);
    cd_zip_release(&zip, &budget);
    cd_source_close(&source);
}

/* --- deflated entries ------------------------------------------------------------------------- */

enum { ROWS = 300, COLUMNS = 1000 };

/* ROWS x COLUMNS float32 in Fortran order: element k in row-major order is k % 7. */
static void fill_fortran(float *elements)
{
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            elements[c * ROWS + r] = (float)((r * COLUMNS + c) % 7);
        }
    }
}

/* Appends an entry of `size` bytes to the archive, deflated. `said` is the unpacked size that the
 * headers give. */
static void add_deflated(zip_builder *z, const char *name, const void *data, size_t size,
                         size_t said)
{
    z_stream s = { .zalloc = NULL };
    unsigned char *packed = malloc(BUFFER_MAX);
    assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    s.next_in = (Bytef *)(uintptr_t)data;
    s.avail_in = (uInt)size;
    s.next_out = packed;
    s.avail_out = BUFFER_MAX;
    assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
    z->no_descriptor = true;
    zip_add(z, name, packed, BUFFER_MAX - s.avail_out);
    uint32_t crc = (uint32_t)crc32_z(0, data, size);
    set_le(&z->file, z->last_local + 8, 8, 2);
    set_le(&z->file, z->last_local + 14, crc, 4);
    set_le(&z->file, z->last_local + 22, said, 4);
    set_le(&z->directory, z->last_central + 10, 8, 2);
    set_le(&z->directory, z->last_central + 16, crc, 4);
    set_le(&z->directory, z->last_central + 24, said, 4);
    (void)deflateEnd(&s);
    free(packed);
}

/* An archive with the array of fill_fortran; `more` bytes are added to its said size. */
static void make_deflated(zip_builder *z, long more)
{
    static const char text[] =
        "\x93NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': True, 'shape': (300, 1000)}";
    size_t size = 128 + sizeof(float) * ROWS * COLUMNS;
    unsigned char *file = malloc(size);
    memset(file, ' ', 128);
    memcpy(file, text, sizeof text - 1);
    float *elements = malloc(sizeof *elements * ROWS * COLUMNS);
    fill_fortran(elements);
    memcpy(file + 128, elements, sizeof *elements * ROWS * COLUMNS);
    *z = (zip_builder){ .count = 0 };
    add_deflated(z, "a.npy", file, size, (size_t)((long)size + more));
    (void)zip_end(z, false);
    free(elements);
    free(file);
}

static void a_large_deflated_array_is_read_piece_by_piece(void **state)
{
    (void)state;
    zip_builder *z = malloc(sizeof *z);
    make_deflated(z, 0);
    cd_archive *a = cd_archive_open_memory("x.npz", z->file.at, z->file.size, NULL);
    assert_non_null(a);
    float *out = malloc(sizeof *out * ROWS * COLUMNS);
    double *wide = malloc(sizeof *wide * ROWS * COLUMNS);
    for (int again = 0; again < 2; again++) { /* with the CRC, and without it */
        memset(out, 0xFF, sizeof *out * ROWS * COLUMNS);
        cd_memory_reset_peak();
        size_t before = cd_memory_stats().bytes_peak;
        assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
        assert_true(cd_memory_stats().bytes_peak - before < 512 << 10); /* not the whole array */
        assert_true(cd_archive_read(a, &a->entries[0], CD_F64, wide));
        for (int k = 0; k < ROWS * COLUMNS; k++) {
            assert_close(out[k], k % 7, 0, 0);
            assert_close(wide[k], k % 7, 0, 0);
        }
    }
    cd_archive_close(a);
    free(out);
    free(wide);
    free(z);
}

/* Bytes before the last ones are unpacked from the start again, whatever input was left. */
static void deflated_bytes_are_read_back_and_forth(void **state)
{
    (void)state;
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_path("golden/npy/deflated.npz"), SIZE_MAX));
    cd_archive *a = cd_archive_open_memory("x.npz", bytes.data, bytes.size, NULL);
    const cd_archive_storage *s = &a->storages[cd_archive_find(a, "long")->storage];
    cd_inflate *f = cd_inflate_open(&a->source, s->packed_offset, s->packed_bytes, s->bytes);
    int32_t some[10];
    static const int first[] = { 0, 1500, 100, 990, 1990, 3 };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        assert_true(cd_inflate_read(f, 128 + 4 * (uint64_t)first[i], some, sizeof some));
        for (int k = 0; k < 10; k++) assert_int_equal(some[k], (first[i] + k) % 1000);
    }
    assert_false(cd_inflate_read(f, s->bytes - 4, some, 5));
    assert_failed_with(CD_ERR_FORMAT, "fewer bytes in them than are asked for");
    cd_inflate_close(f);
    cd_archive_close(a);
    cd_bytes_close(&bytes);
}

static void wrong_sizes_of_deflated_entries(void **state)
{
    (void)state;
    zip_builder *z = malloc(sizeof *z);
    float *out = malloc(sizeof *out * ROWS * COLUMNS);
    /* Bytes that the header needs are missing. */
    make_deflated(z, -1);
    assert_null(cd_archive_open_memory("x.npz", z->file.at, z->file.size, NULL));
    assert_failed_with(CD_ERR_FORMAT, "x.npz: a.npy: 300x1000 elements of F32 take 1200000 bytes, "
                                      "and behind the header there are 1199999");
    /* There are fewer bytes than the file says: seen when the last of them is read. */
    make_deflated(z, 1);
    cd_archive *a = cd_archive_open_memory("x.npz", z->file.at, z->file.size, NULL);
    assert_non_null(a);
    assert_false(cd_archive_read(a, &a->entries[0], CD_F32, out));
    assert_failed_with(CD_ERR_FORMAT, "fewer bytes in them than the file says");
    cd_archive_close(a);
    /* More than deflate can make of so few bytes. */
    make_deflated(z, 1L << 30);
    assert_null(cd_archive_open_memory("x.npz", z->file.at, z->file.size, NULL));
    assert_failed_with(CD_ERR_FORMAT, "more than deflate can do");
    free(out);
    free(z);
}

/* 20 kB that unpack to 20 MB: refused by the sizes that the file declares, before a byte of them is
 * unpacked. */
static void a_zip_bomb_takes_no_memory(void **state)
{
    (void)state;
    enum { SIZE = 20 << 20 };
    static const char text[] =
        "\x93NUMPY\1\0v\0{'descr': '|u1', 'fortran_order': False, 'shape': (20971392,)}";
    zip_builder *z = calloc(1, sizeof *z);
    unsigned char *file = calloc(1, SIZE);
    memset(file, ' ', 128);
    memcpy(file, text, sizeof text - 1);
    add_deflated(z, "a.npy", file, SIZE, SIZE);
    (void)zip_end(z, false);
    const cd_archive_limits limits = { .tensor_bytes = 1 << 20 };
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_peak;
    assert_null(cd_archive_open_memory("x.npz", z->file.at, z->file.size, &limits));
    assert_failed_with(CD_ERR_MEMORY, "the tensors take more than the 1048576 bytes allowed");
    assert_true(cd_memory_stats().bytes_peak - before < 1 << 18);
    free(file);
    free(z);
}

static void methods_that_numpy_does_not_use(void **state)
{
    (void)state;
    zip_builder *z = malloc(sizeof *z);
    make_deflated(z, 0);
    set_le(&z->file, z->last_local + 8, 12, 2);
    set_le(&z->file, z->file.size - 22 - z->directory.size + 10, 12, 2);
    assert_null(cd_archive_open_memory("x.npz", z->file.at, z->file.size, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "x.npz: a.npy: it is compressed by method 12");
    free(z);
}

static void a_wrong_crc_is_an_error(void **state)
{
    (void)state;
    static const char *const names[] = { "golden/npy/stored.npz", "golden/npy/deflated.npz" };
    for (int i = 0; i < 2; i++) {
        cd_bytes bytes;
        assert_true(cd_bytes_open(&bytes, test_path(names[i]), SIZE_MAX));
        cd_archive *a = cd_archive_open_memory("x.npz", bytes.data, bytes.size, NULL);
        const cd_archive_entry *e = cd_archive_find(a, "f");
        a->storages[e->storage].crc ^= 1;
        double out[12];
        assert_false(cd_archive_read(a, e, CD_F64, out));
        assert_failed_with(CD_ERR_FORMAT, "the data of \"f\" are damaged: their CRC is");
        cd_archive_close(a);
        cd_bytes_close(&bytes);
    }
}

/* --- hostile files ---------------------------------------------------------------------------- */

static void damaged_files(void **state)
{
    (void)state;
    read_damaged(test_path("golden/npy/deflated.npz"));
}

static bool read_one(void *user)
{
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(user);
    return f && cd_tensor_file_read(f, "f") && cd_tensor_file_read(f, "long");
}

static bool write_one(void *user)
{
    CD_SCOPE();
    cd_tensor *tensors[] = { cd_zeros(CD_SHAPE(2, 3)), cd_ones(CD_SHAPE(30)) };
    const char *names[] = { "a", "b" };
    return cd_save_npz(names, tensors, 2, user);
}

static void failing_allocations(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", test_path("golden/npy/deflated.npz"));
    assert_true(sweep_memory(read_one, path) > 10);
    (void)snprintf(path, sizeof path, "%s", in_folder("a.npz"));
    assert_true(sweep_memory(write_one, path) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stored_and_deflated_arrays_are_read),
        TEST(arrays_without_names_and_without_numbers),
        TEST(members_that_are_no_arrays_are_ignored),
        TEST(what_is_written_is_what_numpy_writes),
        TEST(a_module_can_be_saved_and_loaded),
        TEST(a_layer_with_two_names_is_written_once),
        TEST(names_that_are_refused),
        TEST(a_full_disk_leaves_the_old_file),
        TEST(aligned_entries_and_owed_bytes),
        TEST(more_entries_than_16_bits_count),
        TEST(a_large_deflated_array_is_read_piece_by_piece),
        TEST(deflated_bytes_are_read_back_and_forth),
        TEST(wrong_sizes_of_deflated_entries),
        TEST(a_zip_bomb_takes_no_memory),
        TEST(methods_that_numpy_does_not_use),
        TEST(a_wrong_crc_is_an_error),
        TEST(damaged_files),
        TEST(failing_allocations),
    };
    return RUN(tests);
}
