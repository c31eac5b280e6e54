/* Reading entries of any strides, how much of the file is read for them, and their CRCs. */
#include "read_calls.h"

#include "io/archive_internal.h"

enum { ELEMENTS = 1 << 20 };

/* A file of one byte and then a storage of ELEMENTS floats, 0, 1, 2, ..., so
 * that no float is aligned. */
static const char *storage_file(void)
{
    static char path[512];
    size_t size = 1 + ELEMENTS * sizeof(float);
    unsigned char *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < ELEMENTS; i++) {
        float value = (float)i;
        memcpy(bytes + 1 + i * sizeof value, &value, sizeof value);
    }
    snprintf(path, sizeof path, "%s", test_write("storage", bytes, size));
    free(bytes);
    return path;
}

/* A view of the storage, in elements. */
typedef struct layout {
    int64_t offset;
    int ndim;
    int64_t size[4], stride[4];
    bool overlaps;       /* no order of the dimensions goes straight through the file */
    cd_file_dtype dtype; /* what the storage's bytes are read as; NONE: F32 */
} layout;

static cd_archive_entry entry_of(const layout *l)
{
    cd_archive_entry e = { .name = "t",
                           .dtype = l->dtype == CD_FILE_NONE ? CD_FILE_F32 : l->dtype,
                           .elements = 1 };
    size_t width = (size_t)cd_file_dtype_bits(e.dtype) / 8;
    int64_t end = 1;
    e.shape.ndim = l->ndim;
    for (int d = 0; d < l->ndim; d++) {
        e.shape.dim[d] = l->size[d];
        e.stride[d] = l->stride[d];
        e.elements *= l->size[d];
        end += (l->size[d] - 1) * l->stride[d];
    }
    e.offset = 1 + (uint64_t)l->offset * width;
    e.bytes = (uint64_t)end * width;
    return e;
}

/* The index in the storage of element `index` of the view, counted in row-major order. */
static int64_t storage_index(const layout *l, int64_t index)
{
    int64_t found = l->offset;
    for (int d = l->ndim - 1; d >= 0; d--) {
        found += index % l->size[d] * l->stride[d];
        index /= l->size[d];
    }
    return found;
}

static const layout layouts[] = {
    { .ndim = 0 },
    { .offset = 7, .ndim = 1, .size = { 1000 }, .stride = { 1 } },
    { .ndim = 2, .size = { 1024, 1024 }, .stride = { 1024, 1 } },
    { .ndim = 2, .size = { 1024, 1024 }, .stride = { 1, 1024 } },
    { .ndim = 2, .size = { 1023, 1000 }, .stride = { 1, 1024 } },
    { .offset = 3, .ndim = 2, .size = { 1000, 5 }, .stride = { 1024, 1 } },
    { .ndim = 1, .size = { 1024 }, .stride = { 1024 } },
    { .ndim = 1, .size = { 100000 }, .stride = { 10 } },
    { .ndim = 4, .size = { 64, 32, 16, 16 }, .stride = { 8192, 1, 512, 32 } }, /* channels last */
    { .ndim = 4, .size = { 1, 32, 1, 16 }, .stride = { 99, 1, -5, 32 } },
    { .offset = 9, .ndim = 2, .size = { 300, 500 }, .stride = { 0, 1 } },
    { .offset = 9, .ndim = 2, .size = { 300, 500 }, .stride = { 1, 0 } },
    { .ndim = 2, .size = { 500, 1000 }, .stride = { 1, 1 }, .overlaps = true },
    { .ndim = 2, .size = { 700, 700 }, .stride = { 700, 700 }, .overlaps = true },
    { .ndim = 3, .size = { 3, 70000, 2 }, .stride = { 5, 3, 400000 }, .overlaps = true },
    { .ndim = 2, .size = { 1000, 1000 }, .stride = { 500, 520 }, .overlaps = true },
    { .ndim = 3, .size = { 9, 300, 300 }, .stride = { 0, 1700, 1701 }, .overlaps = true },
    { .ndim = 2, .size = { 2, 2 }, .stride = { 500000, 500001 }, .overlaps = true }, /* sparse */
    { .ndim = 2, .size = { 1024, 1000 }, .stride = { 1, 1024 }, .dtype = CD_FILE_F16 },
    { .ndim = 2, .size = { 1000, 1024 }, .stride = { 1024, 1 }, .dtype = CD_FILE_F16 },
};

/* The half-precision number of the two bytes at `bytes`, converted by the reader itself. */
static float half_at(const unsigned char *bytes)
{
    cd_archive one = { .count = 0 };
    cd_archive_entry e = { .name = "h", .bytes = 2, .elements = 1, .dtype = CD_FILE_F16 };
    float value = NAN;
    cd_source_borrow(&one.source, "half", bytes, 2);
    assert_true(cd_archive_read(&one, &e, CD_F32, &value));
    return value;
}

static void check_layout(cd_archive *archive, const unsigned char *bytes, const layout *l,
                         float *out)
{
    cd_archive_entry e = entry_of(l);
    assert_true(e.offset + e.bytes <= archive->source.size);
    memset(out, 0xFF, (size_t)e.elements * sizeof *out);
    assert_true(cd_archive_read(archive, &e, CD_F32, out));
    bool half = e.dtype == CD_FILE_F16;
    for (int64_t i = 0; i < e.elements; i += half ? 997 : 1) {
        int64_t source = storage_index(l, i);
        float expected = half ? half_at(bytes + 1 + 2 * source) : (float)source;
        assert_that(memcmp(&out[i], &expected, sizeof expected) == 0,
                    "layout %td, element %lld: %g", l - layouts, (long long)i, (double)out[i]);
    }
}

static void every_order_is_read(void **state)
{
    (void)state;
    cd_bytes bytes;
    const char *path = storage_file();
    float *out = malloc(ELEMENTS * sizeof *out);
    cd_archive from_file = { .count = 0 }, from_memory = { .count = 0 };
    assert_true(cd_bytes_open(&bytes, path, SIZE_MAX));
    assert_true(cd_source_open(&from_file.source, path));
    cd_source_borrow(&from_memory.source, "memory", bytes.data, bytes.size);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        check_layout(&from_file, bytes.data, &layouts[i], out);
        check_layout(&from_memory, bytes.data, &layouts[i], out);
    }
    cd_source_close(&from_file.source);
    cd_bytes_close(&bytes);
    free(out);
}

/* A view of 39 MB of floats, which take three windows. */
static void windows_join(void **state)
{
    (void)state;
    static const layout l = { .ndim = 2, .size = { 1500, 1500 }, .stride = { 3200, 3201 } };
    cd_archive_entry e = entry_of(&l);
    float *storage = malloc(e.bytes + 1), *out = malloc((size_t)e.elements * sizeof *out);
    unsigned char *bytes = (unsigned char *)storage;
    for (size_t i = 0; i < e.bytes / sizeof *storage; i++) {
        float value = (float)i;
        memcpy(bytes + 1 + i * sizeof value, &value, sizeof value);
    }
    cd_archive archive = { .count = 0 };
    cd_source_borrow(&archive.source, "m", bytes, e.bytes + 1);
    check_layout(&archive, bytes, &l, out);
    free(storage);
    free(out);
}

static size_t read_size;
static ssize_t count_size(int fd, void *to, size_t size, off_t at)
{
    read_size += size;
    reads_made++;
    return pread(fd, to, size, at);
}

/* Reading a transposed matrix row by row would read the whole storage for each row. */
static void no_order_reads_the_file_again_and_again(void **state)
{
    (void)state;
    cd_read_calls calls = cd_read_calls_system;
    calls.pread = count_size;
    cd_archive a = { .count = 0 };
    assert_true(cd_source_open(&a.source, storage_file()));
    float *out = malloc(ELEMENTS * sizeof *out);
    cd_read_calls_used = &calls;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        cd_archive_entry e = entry_of(&layouts[i]);
        read_size = 0;
        reads_made = 0;
        assert_true(cd_archive_read(&a, &e, CD_F32, out));
        size_t used = (size_t)(e.elements * cd_file_dtype_bits(e.dtype) / 8);
        size_t span = 3 * ((size_t)e.bytes < used ? used : (size_t)e.bytes);
        size_t sparse = (size_t)e.elements * 1028; /* elements far apart are read one by one */
        assert_that(read_size <= (span < sparse ? span : sparse) + (1 << 18),
                    "layout %zu: %zu bytes for %zu", i, read_size, used);
        assert_that((int64_t)reads_made <= e.elements / 500 + 2 || used < 2000 * (size_t)reads_made,
                    "layout %zu: %d reads", i, reads_made);
    }
    cd_read_calls_used = &cd_read_calls_system;
    cd_source_close(&a.source);
    free(out);
}

static void a_contiguous_tensor_takes_no_memory_beside(void **state)
{
    (void)state;
    cd_archive a = { .count = 0 };
    assert_true(cd_source_open(&a.source, storage_file()));
    float *out = malloc(ELEMENTS * sizeof *out);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        cd_archive_entry e = entry_of(&layouts[i]);
        cd_memory_trim();
        cd_memory_reset_peak();
        size_t before = cd_memory_stats().bytes_in_use;
        assert_true(cd_archive_read(&a, &e, CD_F32, out));
        /* One buffer of 256 KiB, or a window of 16 MiB; none for the first three layouts. */
        size_t allowed = i < 3 ? 0 : layouts[i].overlaps ? (size_t)20 << 20 : 1 << 19;
        size_t peak = cd_memory_stats().bytes_peak - before;
        assert_that(peak <= allowed, "layout %zu takes %zu bytes", i, peak);
    }
    cd_source_close(&a.source);
    free(out);
}

/* --- opening ---------------------------------------------------------------------------------- */

static cd_archive *open_counting(const char *path)
{
    cd_read_calls calls = cd_read_calls_system;
    calls.pread = count_size;
    cd_read_calls_used = &calls;
    read_size = 0;
    reads_made = 0;
    cd_archive *a = cd_archive_open(path);
    cd_read_calls_used = &cd_read_calls_system;
    return a;
}

/* Opening a file of any size reads its header only. This sparse file has 3 GiB of data. */
static void opening_reads_no_tensor_data(void **state)
{
    (void)state;
    static const char header[] =
        "{\"t\":{\"dtype\":\"U8\",\"shape\":[3,1073741824],\"data_offsets\":[0,3221225472]}}";
    buffer b = { .size = 0 };
    add_le(&b, sizeof header - 1, 8);
    add_text(&b, header);
    const char *path = test_write("sparse", b.at, b.size);
    if (truncate(path, (off_t)b.size + 3 * ((off_t)1 << 30)) != 0) {
        print_message("SKIPPED: no sparse file of 3 GB can be made\n");
        skip();
    }
    cd_memory_trim();
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_in_use;
    cd_archive *a = open_counting(path);
    assert_non_null(a);
    assert_int_equal(a->entries[0].elements, 3221225472);
    assert_true(read_size < 8192);
    assert_true(cd_memory_stats().bytes_peak - before < 1 << 16);
    cd_archive_close(a);
}

static void opening_a_real_checkpoint_reads_its_directory(void **state)
{
    (void)state;
    cd_archive *a = open_counting(test_shared("weights/resnet18_imagenet.pth"));
    assert_non_null(a);
    assert_int_equal(a->count, 122);
    assert_that(read_size < 1 << 20, "%zu bytes of 45 MB were read", read_size);
    assert_true(reads_made < 200);
    cd_archive_close(a);
}

/* --- CRCs ------------------------------------------------------------------------------------- */

/* An archive with the file's storage and its CRC, and without entries. */
static void open_storage(cd_archive *a, cd_archive_storage *storage, const char *path)
{
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, path, SIZE_MAX));
    *storage = (cd_archive_storage){ .offset = 1, .bytes = bytes.size - 1, .unchecked = true };
    storage->crc = (uint32_t)crc32_z(0, bytes.data + 1, bytes.size - 1);
    cd_bytes_close(&bytes);
    *a = (cd_archive){ .storages = storage, .storage_count = 1 };
    assert_true(cd_source_open(&a->source, path));
}

static void a_storage_is_checked_once_for_all_its_views(void **state)
{
    (void)state;
    cd_archive a;
    cd_archive_storage storage;
    open_storage(&a, &storage, storage_file());
    cd_read_calls calls = cd_read_calls_system;
    calls.pread = count_size;
    cd_read_calls_used = &calls;
    read_size = 0;
    for (int64_t i = 0; i < 1000; i++) {
        layout view = { .offset = 1000 * i, .ndim = 1, .size = { 1000 }, .stride = { 1 } };
        cd_archive_entry e = entry_of(&view);
        float out[1000];
        assert_true(cd_archive_read(&a, &e, CD_F32, out));
        assert_close((double)out[999], (double)(1000 * i + 999), 0, 0);
    }
    cd_read_calls_used = &cd_read_calls_system;
    assert_true(read_size <= 2 * ELEMENTS * sizeof(float));
    cd_source_close(&a.source);
}

static void damage_anywhere_in_the_storage_is_found(void **state)
{
    (void)state;
    static const size_t offsets[] = { 0, 1, 4000, 1 << 18, ELEMENTS * sizeof(float) - 1 };
    static const layout views[] = {
        { .ndim = 1, .size = { ELEMENTS }, .stride = { 1 } },          /* all of it */
        { .offset = 100, .ndim = 1, .size = { 50 }, .stride = { 1 } }, /* a piece */
        { .ndim = 2, .size = { 10, 10 }, .stride = { 1, 1024 } },      /* in another order */
        { .ndim = 1, .size = { 100 }, .stride = { 1 }, .dtype = CD_FILE_F16 },
    };
    float *out = malloc(ELEMENTS * sizeof *out);
    for (size_t p = 0; p < sizeof offsets / sizeof *offsets; p++) {
        const char *path = storage_file();
        cd_archive a;
        cd_archive_storage storage;
        open_storage(&a, &storage, path);
        cd_source_close(&a.source);
        overwrite(path, 1 + (long)offsets[p], "\xA5", 1);
        assert_true(cd_source_open(&a.source, path));
        for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
            cd_archive_entry e = entry_of(&views[v]);
            assert_false(cd_archive_read(&a, &e, CD_F32, out));
            assert_failed_with(CD_ERR_FORMAT, "byte 1: the data of \"t\" are damaged: their CRC");
        }
        cd_source_close(&a.source);
    }
    free(out);
}

/* The bytes that are compared with the CRC are the bytes that are handed
 * out: one read gives both. */
static void what_is_checked_is_what_is_used(void **state)
{
    (void)state;
    cd_archive a;
    cd_archive_storage storage;
    open_storage(&a, &storage, storage_file());
    layout all = { .ndim = 2, .size = { 1024, 1024 }, .stride = { 1024, 1 } };
    cd_archive_entry e = entry_of(&all);
    float *out = malloc(ELEMENTS * sizeof *out);
    cd_read_calls calls = cd_read_calls_system;
    calls.pread = count_size;
    cd_read_calls_used = &calls;
    read_size = 0;
    assert_true(cd_archive_read(&a, &e, CD_F32, out));
    cd_read_calls_used = &cd_read_calls_system;
    assert_int_equal(read_size, ELEMENTS * sizeof(float)); /* each byte once */
    cd_source_close(&a.source);
    free(out);
}

static bool read_a_view(void *user)
{
    const cd_archive_entry *e = user;
    static float out[1000];
    cd_archive a;
    cd_archive_storage storage = { .offset = 1, .bytes = 400, .crc = 1, .unchecked = true };
    a = (cd_archive){ .storages = &storage, .storage_count = 1 };
    a.limits.crc = CD_CRC_WARN;
    bool ok = cd_source_open(&a.source, storage_file()) && cd_archive_read(&a, e, CD_F32, out);
    cd_source_close(&a.source);
    return ok;
}

static void memory_and_calls_may_fail(void **state)
{
    (void)state;
    static const layout views[] = {
        { .ndim = 1, .size = { 100 }, .stride = { 1 } },
        { .offset = 10, .ndim = 1, .size = { 50 }, .stride = { 1 } },
        { .ndim = 2, .size = { 10, 10 }, .stride = { 1, 10 } },
        { .ndim = 2, .size = { 10, 10 }, .stride = { 10, 1 }, .offset = 1 },
        { .ndim = 2, .size = { 5, 5 }, .stride = { 20, 1 } },
        { .ndim = 2, .size = { 10, 10 }, .stride = { 3, 2 } },
    };
    /* The buffers that each view needs: one for the CRC of what lies outside the view, or for a
     * view that is not contiguous, and one more for the window of a view that overlaps. */
    static const int buffers[] = { 0, 1, 1, 1, 1, 2 };
    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        cd_archive_entry e = entry_of(&views[v]);
        assert_int_equal(sweep_memory(read_a_view, &e), buffers[v]);
        assert_true(sweep_calls(read_a_view, &e) >= 4); /* open, fstat, reads, fstat */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_order_is_read),
        TEST(windows_join),
        TEST(no_order_reads_the_file_again_and_again),
        TEST(a_contiguous_tensor_takes_no_memory_beside),
        TEST(opening_reads_no_tensor_data),
        TEST(opening_a_real_checkpoint_reads_its_directory),
        TEST(a_storage_is_checked_once_for_all_its_views),
        TEST(damage_anywhere_in_the_storage_is_found),
        TEST(what_is_checked_is_what_is_used),
        TEST(memory_and_calls_may_fail),
    };
    return RUN(tests);
}
