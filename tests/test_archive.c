/* Archives: opening, conversion of single values, dtypes and limits, and how
 * a front end fills one. */
#include "hostile.h"

#include "io/archive_internal.h"
#include "io/safetensors_internal.h"

static void names_of_files_do_not_matter(void **state)
{
    (void)state;
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_path("golden/formats.pth"), SIZE_MAX));
    cd_archive *a = cd_archive_open(test_write("x.safetensors", bytes.data, bytes.size));
    assert_non_null(a);
    assert_string_equal(a->kind, "PyTorch zip");
    cd_archive_close(a);
    cd_bytes_close(&bytes);
}

static void files_that_cannot_be_opened(void **state)
{
    (void)state;
    assert_null(cd_archive_open("/nowhere/x.pth"));
    assert_failed_with(CD_ERR_IO, "/nowhere/x.pth: cannot open it: No such file or directory");
    assert_null(cd_archive_open(test_folder()));
    assert_failed_with(CD_ERR_IO, "Is a directory");
    assert_null(cd_archive_open(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    cd_archive_close(NULL);
}

/* --- values ----------------------------------------------------------------------------------- */

/* A safetensors file of one tensor "t" with `count` elements, made in *file and opened. */
static cd_archive *open_one(buffer *file, const char *dtype, int count, const void *data,
                            size_t bytes)
{
    char header[200];
    snprintf(header, sizeof header,
             "{\"t\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%zu]}}", dtype, count,
             bytes);
    file->size = 0;
    add_le(file, strlen(header), 8);
    add_text(file, header);
    add(file, data, bytes);
    cd_archive *a = cd_archive_open_memory("one", file->at, file->size, NULL);
    assert_non_null(a);
    return a;
}

static void halves_become_floats(void **state)
{
    (void)state;
    static const struct {
        uint16_t half;
        double value;
    } cases[] = { { 0x0000, 0.0 },
                  { 0x3C00, 1.0 },
                  { 0xC000, -2.0 },
                  { 0x7BFF, 65504.0 },
                  { 0x0400, 0x1p-14 },
                  { 0x0001, 0x1p-24 },
                  { 0x03FF, 1023 * 0x1p-24 },
                  { 0x7C00, INFINITY },
                  { 0xFC00, -INFINITY },
                  { 0x7E01, NAN },
                  { 0x3555, 1365 * 0x1p-12 },
                  { 0x8001, -0x1p-24 } };
    enum { COUNT = sizeof cases / sizeof *cases };
    unsigned char data[2 * COUNT];
    for (int i = 0; i < COUNT; i++) {
        data[2 * i] = (unsigned char)(cases[i].half & 0xFF);
        data[2 * i + 1] = (unsigned char)(cases[i].half >> 8);
    }
    buffer file;
    cd_archive *a = open_one(&file, "F16", COUNT, data, sizeof data);
    float single[COUNT];
    double wide[COUNT];
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, single));
    assert_true(cd_archive_read(a, &a->entries[0], CD_F64, wide));
    for (int i = 0; i < COUNT; i++) {
        assert_close((double)single[i], cases[i].value, 0, 0);
        assert_close(wide[i], cases[i].value, 0, 0);
    }
    cd_archive_close(a);
}

static void the_zero_of_a_half_keeps_its_sign(void **state)
{
    (void)state;
    buffer file;
    cd_archive *a = open_one(&file, "F16", 1, "\x00\x80", 2);
    float zero;
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, &zero));
    assert_true(zero == 0 && signbit(zero));
    cd_archive_close(a);
}

static void bfloats_are_the_upper_half_of_floats(void **state)
{
    (void)state;
    buffer file;
    cd_archive *a = open_one(&file, "BF16", 4, "\x80\x3F\x49\x40\x80\xFF\x01\x00", 8);
    float out[4];
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
    assert_close((double)out[0], 1.0, 0, 0);
    assert_close((double)out[1], 3.140625, 0, 0);
    assert_close((double)out[2], -INFINITY, 0, 0);
    assert_close((double)out[3], 0x1p-133, 0, 0);
    cd_archive_close(a);
}

static void floats_become_each_other(void **state)
{
    (void)state;
    static const float singles[] = { 1.5F, -0.0F, 3e38F };
    static const double doubles[] = { 0.1, 1e300, -2.5 };
    buffer file;
    cd_archive *a = open_one(&file, "F32", 3, singles, sizeof singles);
    double wide[3];
    assert_true(cd_archive_read(a, &a->entries[0], CD_F64, wide));
    for (int i = 0; i < 3; i++) assert_close(wide[i], (double)singles[i], 0, 0);
    cd_archive_close(a);
    a = open_one(&file, "F64", 3, doubles, sizeof doubles);
    float narrow[3];
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, narrow));
    assert_close((double)narrow[0], (double)0.1F, 0, 0);
    assert_close((double)narrow[1], INFINITY, 0, 0);
    assert_close((double)narrow[2], -2.5, 0, 0);
    cd_archive_close(a);
}

static void the_same_type_keeps_every_bit(void **state)
{
    (void)state;
    static const uint32_t bits[] = { 0x7F800001, 0xFFC12345, 0x00000001, 0x80000000 };
    buffer file;
    cd_archive *a = open_one(&file, "F32", 4, bits, sizeof bits);
    uint32_t out[4];
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
    assert_memory_equal(out, bits, sizeof bits);
    cd_archive_close(a);
}

static void integers_must_fit(void **state)
{
    (void)state;
    static const int64_t values[] = { 1, 255, 256, -1 };
    buffer file;
    uint8_t bytes[4];
    int32_t narrow[4];
    cd_archive *a = open_one(&file, "I64", 4, values, sizeof values);
    assert_true(cd_archive_read(a, &a->entries[0], CD_I32, narrow));
    assert_int_equal(narrow[3], -1);
    assert_false(cd_archive_read(a, &a->entries[0], CD_U8, bytes));
    assert_failed_with(CD_ERR_FORMAT, "element 2 of \"t\" (I64) does not fit uint8");
    cd_archive_close(a);
    static const int64_t large = (int64_t)INT32_MAX + 1;
    a = open_one(&file, "I64", 1, &large, sizeof large);
    assert_false(cd_archive_read(a, &a->entries[0], CD_I32, narrow));
    assert_failed_with(CD_ERR_FORMAT, "does not fit int32");
    cd_archive_close(a);
}

static void every_integer_type_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t width;
        uint64_t bits;
        int64_t value;
        cd_dtype native; /* what cd_file_dtype_native must say */
    } cases[] = { { "U8", 1, 0xFE, 254, CD_U8 },
                  { "I8", 1, 0xFE, -2, CD_I32 },
                  { "U16", 2, 0xFFFE, 65534, CD_I32 },
                  { "I16", 2, 0xFFFE, -2, CD_I32 },
                  { "U32", 4, 0xFFFFFFFE, 4294967294, CD_I64 },
                  { "I32", 4, 0xFFFFFFFE, -2, CD_I32 },
                  { "U64", 8, 5, 5, CD_I64 },
                  { "I64", 8, UINT64_MAX, -1, CD_I64 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char data[8];
        for (int k = 0; k < 8; k++) data[k] = (unsigned char)(cases[i].bits >> (8 * k) & 0xFF);
        buffer file;
        cd_archive *a = open_one(&file, cases[i].name, 1, data, cases[i].width);
        int64_t value;
        assert_true(cd_archive_read(a, &a->entries[0], CD_I64, &value));
        assert_true(value == cases[i].value);
        cd_dtype native = cd_file_dtype_native(a->entries[0].dtype);
        union {
            uint8_t u8;
            int32_t i32;
            int64_t i64;
        } own;
        assert_int_equal(native, cases[i].native);
        assert_true(cd_archive_read(a, &a->entries[0], native, &own));
        value = native == CD_U8 ? own.u8 : native == CD_I32 ? own.i32 : own.i64;
        assert_true(value == cases[i].value);
        cd_archive_close(a);
    }
}

static void any_byte_but_zero_is_true(void **state)
{
    (void)state;
    buffer file;
    cd_archive *a = open_one(&file, "BOOL", 4, "\0\1\2\xFF", 4);
    uint8_t out[4];
    assert_true(cd_archive_read(a, &a->entries[0], CD_BOOL, out));
    assert_memory_equal(out, "\0\1\1\1", 4);
    cd_archive_close(a);
}

static void kinds_are_not_mixed(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        size_t width;
        cd_dtype as;
    } cases[] = { { "F32", 4, CD_I64 },  { "I64", 8, CD_F32 },          { "BOOL", 1, CD_U8 },
                  { "U8", 1, CD_BOOL },  { "C64", 8, CD_F32 },          { "F8_E4M3", 1, CD_F32 },
                  { "F32", 4, CD_BOOL }, { "F32", 4, CD_DTYPE_DEFAULT } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer file;
        cd_archive *a = open_one(&file, cases[i].from, 1, "12345678", cases[i].width);
        char out[8];
        assert_false(cd_archive_read(a, &a->entries[0], cases[i].as, out));
        assert_failed_with(CD_ERR_UNSUPPORTED, "which cannot be read as");
        cd_archive_close(a);
    }
}

static void data_need_no_alignment(void **state)
{
    (void)state;
    static const double values[] = { 1, 2 };
    static unsigned char memory[300];
    buffer file;
    cd_archive *a = open_one(&file, "F64", 2, values, sizeof values);
    cd_archive_close(a);
    for (size_t shift = 0; shift < 8; shift++) {
        memcpy(memory + shift, file.at, file.size);
        a = cd_archive_open_memory("m", memory + shift, file.size, NULL);
        double out[2];
        assert_true(cd_archive_read(a, &a->entries[0], CD_F64, out));
        assert_close(out[1], 2, 0, 0);
        cd_archive_close(a);
    }
}

/* --- dtypes and limits ------------------------------------------------------------------------ */

static void dtypes_have_names_and_bits(void **state)
{
    (void)state;
    for (int i = CD_FILE_OBJECT; i < CD_FILE_DTYPE_COUNT; i++) { /* NumPy's, which have no size */
        cd_file_dtype dtype = (cd_file_dtype)i;
        assert_int_equal(cd_file_dtype_named(cd_file_dtype_name(dtype)), CD_FILE_NONE);
        assert_int_equal(cd_file_dtype_bits(dtype), 0);
        assert_int_equal(cd_file_dtype_kind(dtype), CD_FILE_KIND_OTHER);
    }
    for (int i = 1; i <= CD_FILE_BOOL; i++) {
        cd_file_dtype dtype = (cd_file_dtype)i;
        assert_int_equal(cd_file_dtype_named(cd_file_dtype_name(dtype)), dtype);
        assert_true(cd_file_dtype_bits(dtype) > 0);
        if (i > 1)
            assert_true(cd_file_dtype_bits(dtype) <= cd_file_dtype_bits((cd_file_dtype)(i - 1)) ||
                        dtype == CD_FILE_BOOL);
    }
    assert_string_equal(cd_file_dtype_name((cd_file_dtype)77), "?");
    assert_int_equal(cd_file_dtype_bits((cd_file_dtype)-1), 0);
    assert_int_equal(cd_file_dtype_named("f32"), CD_FILE_NONE);
    for (int i = CD_F32; i <= CD_BOOL; i++) {
        cd_file_dtype dtype = cd_file_dtype_of((cd_dtype)i);
        assert_int_equal(cd_file_dtype_native(dtype), i);
        assert_int_equal((size_t)cd_file_dtype_bits(dtype), 8 * cd_dtype_size((cd_dtype)i));
    }
    assert_int_equal(cd_file_dtype_of(CD_DTYPE_DEFAULT), CD_FILE_NONE);
    static const cd_file_dtype unknown[] = { (cd_file_dtype)-1,
                                             (cd_file_dtype)CD_FILE_DTYPE_COUNT };
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(cd_file_dtype_name(unknown[i]), "?");
        assert_int_equal(cd_file_dtype_bits(unknown[i]), 0);
        assert_int_equal(cd_file_dtype_kind(unknown[i]), CD_FILE_KIND_OTHER);
        assert_int_equal(cd_file_dtype_native(unknown[i]), CD_DTYPE_DEFAULT);
    }
    assert_int_equal(cd_file_dtype_of((cd_dtype)77), CD_FILE_NONE);
}

static void the_callers_limits_hold(void **state)
{
    (void)state;
    const char *path = test_path("golden/formats.safetensors");
    cd_archive_limits few = { .entries = 12 }, small = { .tensor_bytes = 20 },
                      short_of = { .description_bytes = 2000 };
    assert_null(cd_archive_open_with(path, &few));
    assert_failed_with(CD_ERR_MEMORY, "more than 12 tensors");
    assert_null(cd_archive_open_with(path, &small));
    assert_failed_with(CD_ERR_MEMORY, "more than the 20 bytes allowed for this file");
    assert_null(cd_archive_open_with(path, &short_of));
    assert_failed_with(CD_ERR_MEMORY, "more than the 2000 bytes allowed for them");
}

/* --- filling ---------------------------------------------------------------------------------- */

/* An empty archive over no bytes, as a front end is given one. */
static void start_archive(cd_archive *a, size_t description_bytes)
{
    *a = (cd_archive){ .limits = { .entries = 3, .tensor_bytes = SIZE_MAX } };
    cd_source_borrow(&a->source, "built", "", 0);
    cd_bytes_borrow(&a->description, "built", NULL, 0);
    a->budget = (cd_budget){ .limit = description_bytes, .label = "built" };
}

static void end_archive(cd_archive *a)
{
    cd_free(a->entries);
    cd_free(a->metadata);
    cd_free(a->by_name);
    cd_text_pool_free(&a->texts);
}

static void names_of_entries_are_checked(void **state)
{
    (void)state;
    static char longest[4097];
    memset(longest, 'x', sizeof longest);
    cd_archive a;
    start_archive(&a, 1 << 20);
    assert_null(cd_archive_add(&a, longest, 4097, 5));
    assert_failed_with(CD_ERR_FORMAT,
                       "built: byte 5: a tensor's name has 4097 bytes; up to 4096 are allowed");
    assert_null(cd_archive_add(&a, "a\0b", 3, 6));
    assert_failed_with(CD_ERR_FORMAT,
                       "byte 6: the tensor's name \"a\\x00b\" holds a NUL or is not");
    assert_null(cd_archive_add(&a, "\xFF", 1, 7));
    assert_failed_with(CD_ERR_FORMAT, "the tensor's name \"\\xff\" holds a NUL or is not UTF-8");
    assert_int_equal(a.count, 0);
    const cd_archive_entry *e = cd_archive_add(&a, longest, 4096, 8);
    assert_int_equal(strlen(e->name), 4096);
    e = cd_archive_add(&a, "", 0, 9);
    assert_string_equal(e->name, "");
    assert_int_equal(a.count, 2);
    end_archive(&a);
}

static void two_entries_of_one_name_are_refused(void **state)
{
    (void)state;
    cd_archive a;
    start_archive(&a, 1 << 20);
    assert_non_null(cd_archive_add(&a, "b", 1, 0));
    assert_non_null(cd_archive_add(&a, "a", 1, 0));
    assert_true(cd_archive_finish(&a));
    assert_string_equal(a.by_name[0]->name, "a");
    assert_non_null(cd_archive_add(&a, "b", 1, 0));
    assert_false(cd_archive_finish(&a));
    assert_failed_with(CD_ERR_FORMAT, "built: two tensors are called \"b\"");
    assert_null(cd_archive_add(&a, "c", 1, 0));
    assert_failed_with(CD_ERR_MEMORY, "more than 3 tensors, the limit");
    end_archive(&a);
}

static void the_bytes_of_all_tensors_are_added_up(void **state)
{
    (void)state;
    static const struct {
        int64_t elements[2];
        size_t limit;
        bool fits;
    } cases[] = { { { 1, 2 }, 12, true },
                  { { 1, 2 }, 11, false },
                  { { 1, INT64_MAX / 2 }, SIZE_MAX, false },
                  { { INT64_MAX / 2, 1 }, SIZE_MAX, false },
                  { { INT64_MAX / 4, INT64_MAX / 4 }, SIZE_MAX, true },
                  { { INT64_MAX / 2 + 1, 0 }, SIZE_MAX, false } }; /* the first alone */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_archive a;
        start_archive(&a, 1 << 20);
        a.limits.tensor_bytes = cases[i].limit;
        for (int k = 0; k < 2; k++) {
            cd_archive_entry *e = cd_archive_add(&a, k ? "b" : "a", 1, 0);
            e->dtype = CD_FILE_F32;
            e->elements = cases[i].elements[k];
            e->shape = CD_SHAPE(e->elements);
        }
        assert_int_equal(cd_archive_finish(&a), cases[i].fits);
        if (!cases[i].fits) assert_failed_with(CD_ERR_MEMORY, "of F32) the tensors take more than");
        end_archive(&a);
    }
}

static bool fill_archive(void *user)
{
    static char text[5001]; /* longer than a chunk of the text pool */
    memset(text, 'v', sizeof text - 1);
    cd_archive a;
    const size_t *limit = user;
    start_archive(&a, *limit);
    bool ok = cd_archive_add(&a, "a", 1, 0) && cd_archive_add(&a, "b", 1, 0) &&
              cd_archive_add_metadata(&a, "k", 1, text, sizeof text - 1) &&
              cd_archive_add_metadata(&a, "", 0, "", 0) && cd_archive_finish(&a);
    if (ok) {
        assert_string_equal(cd_archive_metadata(&a, "k"), text);
        assert_string_equal(cd_archive_metadata(&a, ""), "");
        assert_non_null(cd_archive_find(&a, "b"));
    }
    end_archive(&a);
    return ok;
}

static void without_memory_nothing_is_added(void **state)
{
    (void)state;
    size_t limit = 1 << 20;
    /* the entries, a chunk of texts, the metadata, the long text, one more chunk, by_name */
    assert_int_equal(sweep_memory(fill_archive, &limit), 6);
}

/* With every budget that is too small, up to the first that is enough. */
static void within_the_budget_or_not_at_all(void **state)
{
    (void)state;
    size_t limit = 0;
    while (!fill_archive(&limit)) {
        assert_failed_with(CD_ERR_MEMORY, "built: names, shapes and other descriptions in it need "
                                          "more than the");
        limit += 16;
        assert_true(limit < 100000);
    }
    assert_true(limit > 9000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_of_files_do_not_matter),
        TEST(files_that_cannot_be_opened),
        TEST(halves_become_floats),
        TEST(the_zero_of_a_half_keeps_its_sign),
        TEST(bfloats_are_the_upper_half_of_floats),
        TEST(floats_become_each_other),
        TEST(the_same_type_keeps_every_bit),
        TEST(integers_must_fit),
        TEST(every_integer_type_is_read),
        TEST(any_byte_but_zero_is_true),
        TEST(kinds_are_not_mixed),
        TEST(data_need_no_alignment),
        TEST(dtypes_have_names_and_bits),
        TEST(the_callers_limits_hold),
        TEST(names_of_entries_are_checked),
        TEST(two_entries_of_one_name_are_refused),
        TEST(the_bytes_of_all_tensors_are_added_up),
        TEST(without_memory_nothing_is_added),
        TEST(within_the_budget_or_not_at_all),
    };
    return RUN(tests);
}
