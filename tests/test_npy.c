/* .npy files: those that NumPy wrote (tests/golden/make_npy.py), and hostile ones. */
#include "hostile.h"
#include "read_archive.h"

#include <candela.h>

#include "io/archive_internal.h"
#include "io/npy_internal.h"

static const char *golden(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "golden/npy/%s.npy", name);
    return test_path(path);
}

/* --- what NumPy wrote ------------------------------------------------------------------------- */

static void every_dtype_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        cd_dtype dtype;
    } cases[] = { { "f2", CD_F32 },      { "f4", CD_F32 },     { "f8", CD_F64 },
                  { "i1", CD_I32 },      { "i2", CD_I32 },     { "i4", CD_I32 },
                  { "i8", CD_I64 },      { "u1", CD_U8 },      { "u2", CD_I32 },
                  { "u4", CD_I64 },      { "u8", CD_I64 },     { "big_f2", CD_F32 },
                  { "big_f4", CD_F32 },  { "big_f8", CD_F64 }, { "big_i2", CD_I32 },
                  { "big_i8", CD_I64 },  { "big_u4", CD_I64 }, { "version2", CD_F32 },
                  { "version3", CD_F32 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CD_SCOPE();
        cd_tensor *t = cd_load_npy(golden(cases[i].name));
        assert_non_null(t);
        assert_int_equal(cd_dtype_of(t), cases[i].dtype);
        assert_true(cd_shape_equal(cd_shape_of(t), CD_SHAPE(2, 3)));
        for (int k = 0; k < 6; k++) {
            assert_close(cd_item(cd_index(t, k / 3, k % 3)), k, 0, 0);
        }
    }
}

static void bools_scalars_and_empty_arrays(void **state)
{
    (void)state;
    cd_tensor *b = cd_load_npy(golden("b1"));
    assert_int_equal(cd_dtype_of(b), CD_BOOL);
    assert_memory_equal(cd_data(b), "\1\0\0\1\0\0", 6);
    cd_tensor *scalar = cd_load_npy(golden("scalar"));
    assert_int_equal(cd_ndim(scalar), 0);
    assert_close(cd_item(scalar), 7, 0, 0);
    assert_true(cd_shape_equal(cd_shape_of(cd_load_npy(golden("one"))), CD_SHAPE(3)));
    assert_true(cd_shape_equal(cd_shape_of(cd_load_npy(golden("empty"))), CD_SHAPE(0, 3)));
}

/* Element k of the array in row-major order is k, whatever the order in the file is. */
static void fortran_order_is_read(void **state)
{
    (void)state;
    static const char *const names[] = { "fortran", "fortran_big" };
    for (int i = 0; i < 2; i++) {
        cd_tensor *t = cd_load_npy(golden(names[i]));
        assert_true(cd_shape_equal(cd_shape_of(t), CD_SHAPE(2, 3, 4)));
        const void *data = cd_data(t);
        for (int k = 0; k < 24; k++) {
            double value = i == 0 ? (double)((const float *)data)[k] : ((const int32_t *)data)[k];
            assert_close(value, k, 0, 0);
        }
    }
}

static void what_is_no_number_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sentence;
    } cases[] = { { "object", "OBJECT (Python objects, in a pickle, which is never run)" },
                  { "text", "TEXT (texts)" },
                  { "bytes", "TEXT (texts)" },
                  { "complex", "C64 (complex numbers)" },
                  { "record", "RECORD (records of several fields, or raw bytes)" },
                  { "void", "RECORD (records of several fields, or raw bytes)" },
                  { "date", "DATE (dates or times)" },
                  { "long", "F128 (floats of more than 64 bits)" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(cd_load_npy(golden(cases[i].name)));
        assert_failed_with(CD_ERR_UNSUPPORTED, cases[i].sentence);
    }
}

static void other_files_are_refused(void **state)
{
    (void)state;
    assert_null(cd_load_npy(test_path("golden/npy/stored.npz")));
    assert_failed_with(CD_ERR_UNSUPPORTED, "stored.npz is a file of named tensors (NumPy zip)");
    assert_null(cd_load_npy("/nowhere/x.npy"));
    assert_failed_with(CD_ERR_IO, "/nowhere/x.npy");
    assert_null(cd_load_npy(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    cd_tensor_file *f = cd_tensor_file_open(golden("f4"));
    assert_string_equal(cd_tensor_file_kind(f), "NumPy array");
    assert_int_equal(cd_tensor_file_count(f), 1);
    assert_string_equal(cd_tensor_file_name(f, 0), "arr_0");
}

/* --- headers ---------------------------------------------------------------------------------- */

/* An .npy of version 1.0 with this text, and 48 bytes of elements: i4, 0, 1, 2, ... */
static buffer file_with(const char *text)
{
    buffer file = { .size = 0 };
    ADD(&file, "\x93NUMPY\1\0");
    add_le(&file, strlen(text), 2);
    add_text(&file, text);
    for (uint64_t k = 0; k < 12; k++) add_le(&file, k, 4);
    return file;
}

static cd_archive *open_with(const char *text)
{
    buffer file = file_with(text);
    return cd_archive_open_memory("x.npy", file.at, file.size, NULL);
}

static void texts_that_python_would_read_are_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4)}",
        "{'shape':(3,4),'fortran_order':False,'descr':'<i4'}",
        "{\"descr\": \"<i4\", \"fortran_order\": False, \"shape\": (3L, 4L), }  \n",
        " { 'fortran_order' : False , 'shape' : ( 3 , 4 , ) , 'descr' : '<i4' , } \t\n\n",
        "{'descr': 'i4', 'fortran_order': False, 'shape': (3, 4)}",
        "{'descr': '=i4', 'fortran_order': False, 'shape': (3, 4)}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buffer file = file_with(texts[i]);
        cd_archive *a = cd_archive_open_memory("x.npy", file.at, file.size, NULL);
        assert_that(a, "%s: %s", texts[i], cd_error_message());
        int32_t out[12];
        assert_true(cd_shape_equal(a->entries[0].shape, CD_SHAPE(3, 4)));
        assert_true(cd_archive_read(a, &a->entries[0], CD_I32, out));
        for (int k = 0; k < 12; k++) assert_int_equal(out[k], k);
        cd_archive_close(a);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
        cd_code code;
    } cases[] = {
        { "", "must have a dict here", CD_ERR_FORMAT },
        { "{}", "the keys descr, fortran_order and shape", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'shape': (3, 4)}", "each once, before", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'descr': '<i4', 'fortran_order': False, 'shape': (3, 4)}",
          "each once, before", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), 'more': 1}",
          "each once, before", CD_ERR_FORMAT },
        { "{'descr': '<i4' 'fortran_order': False, 'shape': (3, 4)}", "a comma", CD_ERR_FORMAT },
        { "{'descr' '<i4', 'fortran_order': False, 'shape': (3, 4)}", "a colon", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': 0, 'shape': (3, 4)}", "True or False", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (12)}",
          "a tuple of sizes, with a comma behind a single one", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': [12]}", "a tuple", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (-12,)}", "a size", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (3 4)}", "a comma", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4)} x", "its end", CD_ERR_FORMAT },
        { "{'descr': '<i\\x34', 'fortran_order': False, 'shape': (3, 4)}", "the quote",
          CD_ERR_FORMAT },
        { "{'descr': '<i4", "the quote", CD_ERR_FORMAT },
        { "{'descr': [('x', '<f4'], 'fortran_order': False", "comma or the end of the dict",
          CD_ERR_FORMAT },
        { "{'descr': [[('x', '<f4')]", "the end of a list", CD_ERR_FORMAT },
        { "{'descr': '<i3', 'fortran_order': False, 'shape': (3, 4)}",
          "dtype \"<i3\" is none that is known", CD_ERR_UNSUPPORTED },
        { "{'descr': '', 'fortran_order': False, 'shape': (3, 4)}",
          "dtype \"\" is none that is known", CD_ERR_UNSUPPORTED },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 12)}",
          "more than 8 dimensions", CD_ERR_UNSUPPORTED },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (9223372036854775808,)}",
          "a size below 2^63", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (4611686018427387905, 4)}",
          "overflows", CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (4611686018427387905,)}", "overflows",
          CD_ERR_FORMAT },
        { "{'descr': '<i4', 'fortran_order': False, 'shape': (13,)}",
          "13 elements of I32 take 52 bytes, and behind the header there are 48", CD_ERR_FORMAT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(open_with(cases[i].text));
        assert_failed_with(cases[i].code, cases[i].sentence);
    }
}

static void versions_and_lengths(void **state)
{
    (void)state;
    buffer file = file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4)}");
    file.at[6] = 4;
    assert_null(cd_archive_open_memory("x.npy", file.at, file.size, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "version 4.0 of the .npy format");
    file.at[6] = 1;
    file.at[7] = 1;
    assert_null(cd_archive_open_memory("x.npy", file.at, file.size, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "version 1.1");
    file.at[7] = 0;
    set_le(&file, 8, 10001, 2);
    assert_null(cd_archive_open_memory("x.npy", file.at, file.size, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "the header has 10001 bytes, and up to 10000 are read");
    set_le(&file, 8, 10000, 2);
    assert_null(cd_archive_open_memory("x.npy", file.at, file.size, NULL));
    assert_failed_with(CD_ERR_FORMAT, "cut short");
}

static char warning[256];

static void keep_warning(cd_log_level level, const char *line, void *user)
{
    (void)level;
    (void)user;
    (void)snprintf(warning, sizeof warning, "%s", line);
}

static void bytes_behind_the_array_are_a_warning(void **state)
{
    (void)state;
    warning[0] = '\0';
    cd_set_logger(keep_warning, NULL);
    cd_archive *a = open_with("{'descr': '<i4', 'fortran_order': False, 'shape': (3, 3)}");
    cd_set_logger(NULL, NULL);
    assert_non_null(a);
    assert_string_equal(warning, "x.npy: 12 bytes follow the array and are ignored");
    cd_archive_close(a);
}

static void a_number_that_does_not_fit_is_an_error(void **state)
{
    (void)state;
    buffer file = { .size = 0 };
    const char *text = "{'descr': '>u8', 'fortran_order': False, 'shape': (2,)}";
    ADD(&file, "\x93NUMPY\1\0");
    add_le(&file, strlen(text), 2);
    add_text(&file, text);
    add_be(&file, 7, 8);
    add_be(&file, 1ULL << 63, 8);
    assert_null(cd_load_npy(test_write("big.npy", file.at, file.size)));
    assert_failed_with(CD_ERR_FORMAT, "element 1 of \"arr_0\" (U64) does not fit int64");
}

/* --- hostile files ---------------------------------------------------------------------------- */

static void damaged_files(void **state)
{
    (void)state;
    read_damaged(golden("fortran"));
}

static bool load(void *user)
{
    CD_SCOPE();
    return cd_load_npy(user) != NULL;
}

static void failing_allocations(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", golden("fortran_big"));
    assert_true(sweep_memory(load, path) > 2);
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

/* The same array gives the same file, byte for byte. */
static void what_is_written_is_what_numpy_writes(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/a.npy", test_folder());
    static const char *const names[] = { "f4", "f8",  "i4",     "i8",   "u1",
                                         "b1", "one", "scalar", "empty" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CD_SCOPE();
        assert_true(cd_save_npy(cd_load_npy(golden(names[i])), path));
        assert_same_file(path, golden(names[i]));
    }
    /* A view is written in row-major order, and a tensor that requires a gradient as any other. */
    cd_tensor *t = cd_transpose(cd_load_npy(golden("f4")), 0, 1);
    assert_true(cd_save_npy(cd_transpose(cd_contiguous(t), 0, 1), path));
    assert_same_file(path, golden("f4"));
    assert_true(cd_save_npy(cd_set_requires_grad(cd_load_npy(golden("f4")), true), path));
    assert_same_file(path, golden("f4"));
}

/* An empty array, whose other sizes have so many digits beyond one each. */
static cd_shape shape_with_digits(int ndim, int extra)
{
    cd_shape shape = { .ndim = ndim };
    for (int i = 1; i < ndim; i++) {
        for (shape.dim[i] = 1; extra > 0 && shape.dim[i] < 100000000000000000; extra--) {
            shape.dim[i] *= 10;
        }
    }
    return shape;
}

/* Headers of every length: the elements begin at a multiple of 64; behind the dict there is room
 * for the first size to grow to 21 digits, then 1 to 64 spaces (a full 64 where none were needed,
 * as in NumPy), then a newline; and the header is read back. */
static void written_headers_are_those_of_numpy(void **state)
{
    (void)state;
    bool full = false;
    for (int ndim = 0; ndim <= CD_MAX_DIMS; ndim++) {
        for (int extra = 0; extra < 70; extra++) {
            char header[CD_NPY_WRITTEN_MAX];
            cd_shape shape = shape_with_digits(ndim, extra);
            size_t bytes = cd_npy_header_write(CD_FILE_F32, shape, header), end = bytes - 1;
            assert_int_equal(bytes % 64, 0);
            assert_int_equal(header[end], '\n');
            while (header[end - 1] == ' ') end--;
            assert_int_equal(header[end - 1], '}');
            size_t spaces = bytes - 1 - end - (ndim ? 20 : 0);
            assert_true(spaces >= 1 && spaces <= 64);
            full = full || spaces == 64;
            int64_t elements;
            if (!cd_shape_elements(shape, &elements)) continue; /* no such tensor can be */
            cd_bytes view;
            cd_npy_header back;
            cd_bytes_borrow(&view, "header", header, bytes);
            assert_true(cd_npy_header_read(&view, &back));
            assert_int_equal(back.size, bytes);
            assert_true(cd_shape_equal(back.shape, shape));
            assert_int_equal(back.dtype, CD_FILE_F32);
        }
    }
    assert_true(full);
}

static void saves_that_cannot_be(void **state)
{
    (void)state;
    cd_tensor *t = cd_zeros(CD_SHAPE(2));
    assert_false(cd_save_npy(t, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "save_npy: the path is NULL");
    assert_false(cd_save_npy(NULL, "x.npy"));
    assert_failed_with(CD_ERR_ARGUMENT, "save_npy");
    assert_false(cd_save_npy(t, "x.safetensors"));
    assert_failed_with(CD_ERR_UNSUPPORTED, "what is written is an npy file: please call it x.npy");
    assert_false(cd_save_npy(t, "/nowhere/x.npy"));
    assert_failed_with(CD_ERR_IO, "/nowhere");
    assert_false(cd_save_npy(cd_zeros(CD_SHAPE(2), .device = CD_META), "x.npy"));
    assert_failed_with(CD_ERR_STATE, "meta device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_dtype_is_read),
        TEST(bools_scalars_and_empty_arrays),
        TEST(fortran_order_is_read),
        TEST(what_is_no_number_is_refused_by_name),
        TEST(other_files_are_refused),
        TEST(texts_that_python_would_read_are_read),
        TEST(other_texts_are_refused),
        TEST(versions_and_lengths),
        TEST(bytes_behind_the_array_are_a_warning),
        TEST(a_number_that_does_not_fit_is_an_error),
        TEST(damaged_files),
        TEST(failing_allocations),
        TEST(what_is_written_is_what_numpy_writes),
        TEST(written_headers_are_those_of_numpy),
        TEST(saves_that_cannot_be),
    };
    return RUN(tests);
}
