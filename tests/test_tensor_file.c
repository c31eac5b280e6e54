/* cd_tensor_file: listing and reading an opened file, and wrong calls. */
#include "hostile.h"

#include "goldens.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "io/bytes_internal.h"
#include "io/checkpoint.h"
#include "nn/layers.h"

static cd_tensor_file *formats(void)
{
    return cd_tensor_file_open(test_path("golden/formats.pth"));
}

static void container_is_found_out_from_the_bytes(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_string_equal(cd_tensor_file_kind(formats()), "PyTorch zip");
    assert_string_equal(
        cd_tensor_file_kind(cd_tensor_file_open(test_path("golden/formats.safetensors"))),
        "safetensors");
}

static void entries_are_listed_in_order(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor_file *f = formats();
    assert_int_equal(cd_tensor_file_count(f), 18);
    assert_string_equal(cd_tensor_file_name(f, 0), "f32");
    assert_string_equal(cd_tensor_file_dtype(f, 3), "BF16");
    assert_int_equal(cd_tensor_file_elements(f, 0), 6);
    assert_true(cd_shape_equal(cd_tensor_file_shape(f, 0), CD_SHAPE(2, 3)));
    assert_int_equal(cd_tensor_file_shape(f, 10).ndim, 0);
}

static void entries_out_of_range_are_errors(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor_file *f = formats();
    assert_null(cd_tensor_file_name(f, 18));
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_name: there is no tensor 18, the file has 18");
    assert_string_equal(cd_tensor_file_dtype(f, -1), "?");
    assert_failed_with(CD_ERR_ARGUMENT, "there is no tensor -1");
    assert_int_equal(cd_tensor_file_elements(f, INT64_MAX), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_elements");
    assert_int_equal(cd_tensor_file_shape(f, 99).ndim, 0);
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_shape");
}

static void tensors_are_read_by_name(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor_file *f = formats();
    cd_tensor *t = cd_tensor_file_read(f, "shared.slice"); /* rows 1-2, columns 2-4 of 4 x 6 */
    const float expected[] = { 8, 9, 10, 14, 15, 16 };
    assert_near(t, cd_from_array(expected, CD_SHAPE(2, 3)), 0, 0);
    assert_true(cd_is_contiguous(t));
    assert_false(cd_requires_grad(t));
    assert_close(element(cd_tensor_file_read(f, "expanded"), 11), 5, 0, 0);
}

static void narrow_dtypes_become_wider_ones(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor_file *f = formats();
    static const struct {
        const char *name;
        cd_dtype dtype;
        double last;
    } of[] = { { "f16", CD_F32, 4 }, { "bf16", CD_F32, 4 }, { "i16", CD_I32, -3 },
               { "i8", CD_I32, -3 }, { "f64", CD_F64, 2 },  { "i64", CD_I64, 3 },
               { "i32", CD_I32, 3 }, { "u8", CD_U8, 6 },    { "bool", CD_BOOL, 1 },
               { "f32", CD_F32, 5 } };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        cd_tensor *t = cd_tensor_file_read(f, of[i].name);
        assert_ok();
        assert_int_equal(cd_dtype_of(t), of[i].dtype);
        assert_close(element(t, cd_numel(t) - 1), of[i].last, 0, 0);
    }
}

static void unknown_name_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_tensor_file_read(formats(), "f33"));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "formats.pth holds no tensor \"f33\": it holds 18 (f32, f64, f16, ...)");
    assert_null(cd_tensor_file_read(formats(), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "holds no tensor \"NULL\"");
}

/* Every function given NULL sets the error and returns a value that can be used. */
static void no_file_has_no_entries(void **state)
{
    (void)state;
    assert_string_equal(cd_tensor_file_kind(NULL), "?");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_kind: the file is NULL");
    assert_null(cd_tensor_file_name(NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_name: the file is NULL");
    assert_string_equal(cd_tensor_file_dtype(NULL, 0), "?");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_dtype: the file is NULL");
    assert_null(cd_tensor_file_read(NULL, "x"));
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_read: the file is NULL");
    assert_int_equal(cd_tensor_file_text_count(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_text_count: the file is NULL");
    cd_text_pair pair = cd_tensor_file_text_at(NULL, 0);
    assert_string_equal(pair.key, "");
    assert_string_equal(pair.value, "");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_text_at: the file is NULL");
    assert_null(cd_tensor_file_text(NULL, "key"));
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_text: the file is NULL");
}

/* Such a tensor can be listed but not read. */
static void a_dtype_that_no_tensor_has(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char header[] = "{\"z\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    buffer file = { .size = 0 };
    add_le(&file, sizeof header - 1, 8);
    add_text(&file, header);
    add_le(&file, 0, 8);
    cd_tensor_file *f = cd_tensor_file_open(test_write("z.safetensors", file.at, file.size));
    assert_string_equal(cd_tensor_file_dtype(f, 0), "C64");
    assert_null(cd_tensor_file_read(f, "z"));
    assert_failed_with(
        CD_ERR_UNSUPPORTED,
        "z.safetensors: \"z\" is of dtype C64 (complex numbers), which no tensor has");
}

static void a_file_without_tensors_lists_none(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(test_write("e.safetensors", "\2\0\0\0\0\0\0\0{}", 10));
    assert_int_equal(cd_tensor_file_count(f), 0);
    assert_null(cd_tensor_file_read(f, "x"));
    cd_error error;
    cd_error_take(&error);
    assert_int_equal(error.code, CD_ERR_ARGUMENT);
    static const char end[] = "e.safetensors holds no tensor \"x\": it holds 0";
    size_t size = strlen(error.message);
    assert_true(size > sizeof end - 1);
    assert_string_equal(error.message + size - (sizeof end - 1), end);
    assert_string_equal(cd_tensor_file_text_at(f, 0).value, "");
    assert_failed_with(CD_ERR_ARGUMENT, "there is no text 0, the file has 0");
}

static void texts_of_a_checkpoint_are_its_numbers(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(test_path("golden/formats_wrapped.pth"));
    assert_string_equal(cd_tensor_file_text(f, "epoch"), "12");
    assert_string_equal(cd_tensor_file_text(f, "arch"), "resnet20");
    assert_null(cd_tensor_file_text(f, "no such key"));
    assert_null(cd_tensor_file_text(f, NULL));
    assert_ok();
    assert_true(cd_tensor_file_text_count(f) >= 3);
    assert_string_equal(cd_tensor_file_text_at(f, 0).key, "epoch");
    int64_t texts = cd_tensor_file_text_count(f);
    assert_string_equal(cd_tensor_file_text_at(f, texts).key, "");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_text_at: there is no text");
    assert_string_equal(cd_tensor_file_text_at(f, -1).key, "");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_text_at: there is no text -1");
    assert_string_equal(cd_tensor_file_text_at(f, 99).key, "");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_text_at: there is no text 99");
    assert_string_equal(cd_tensor_file_text_at(f, -1).value, "");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_text_at: there is no text -1");
}

/* A pipe has no size of its own: its size is the number of bytes that it gave. */
static void the_size_is_that_of_the_bytes_read(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_path("golden/formats.pth"), SIZE_MAX));
    assert_int_equal(cd_tensor_file_bytes(formats()), bytes.size);
    char path[512];
    snprintf(path, sizeof path, "%s/pipe", test_folder());
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(path, O_WRONLY);
        _exit(write(fd, bytes.data, bytes.size) != (ssize_t)bytes.size);
    }
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_int_equal(cd_tensor_file_bytes(f), bytes.size);
    assert_int_equal(cd_tensor_file_count(f), 18);
    assert_int_equal(waitpid(child, NULL, 0), child);
    cd_bytes_close(&bytes);
    assert_int_equal(cd_tensor_file_bytes(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_bytes: the file is NULL");
}

static void file_lives_as_long_as_its_owner(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *t;
    {
        CD_SCOPE();
        t = cd_escape(cd_tensor_file_read(formats(), "f32"));
    }
    assert_close(element(t, 5), 5, 0, 0); /* a tensor does not need its file any more */
}

static void what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_tensor_file_open(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_open: the path is NULL");
    assert_null(cd_tensor_file_open("/no/such/file.pth"));
    assert_failed_with(CD_ERR_IO, "/no/such/file.pth");
    assert_null(cd_tensor_file_open(test_write("x.pth", "neither", 7)));
    assert_int_not_equal(cd_error_code(), CD_OK);
    cd_clear_error();
    assert_int_equal(cd_tensor_file_count(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_count: the file is NULL");
    assert_string_equal(cd_tensor_file_kind((cd_tensor_file *)(void *)cd_nn_relu()), "?");
    assert_failed_with(CD_ERR_ARGUMENT, "is a module, not a tensor file");
}

static bool open_and_read(void *user)
{
    (void)user;
    CD_SCOPE();
    return cd_tensor_file_read(formats(), "bf16") && cd_ok();
}

static void reading_survives_every_failing_allocation(void **state)
{
    (void)state;
    assert_true(open_and_read(NULL));
    assert_true(sweep_memory(open_and_read, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(container_is_found_out_from_the_bytes),
        TEST(entries_are_listed_in_order),
        TEST(entries_out_of_range_are_errors),
        TEST(tensors_are_read_by_name),
        TEST(narrow_dtypes_become_wider_ones),
        TEST(unknown_name_is_an_error),
        TEST(no_file_has_no_entries),
        TEST(a_dtype_that_no_tensor_has),
        TEST(a_file_without_tensors_lists_none),
        TEST(texts_of_a_checkpoint_are_its_numbers),
        TEST(the_size_is_that_of_the_bytes_read),
        TEST(file_lives_as_long_as_its_owner),
        TEST(what_cannot_be_opened_says_why),
        TEST(reading_survives_every_failing_allocation),
    };
    return RUN(tests);
}
