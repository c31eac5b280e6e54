/* Writing safetensors files. */
#include "hostile.h"

#include "io/safetensors_internal.h"

static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

static void same_bytes(const char *path, const void *data, size_t size)
{
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, path, SIZE_MAX));
    assert_int_equal(bytes.size, size);
    assert_memory_equal(bytes.data, data, size);
    cd_bytes_close(&bytes);
}

static void nothing_is_a_file_of_sixteen_bytes(void **state)
{
    (void)state;
    assert_true(cd_safetensors_write(in_folder("none"), NULL, 0, NULL, 0));
    same_bytes(in_folder("none"), "\x08\0\0\0\0\0\0\0{}      ", 16);
}

/* A file of the safetensors package, read and written again, has the same bytes. */
static void files_equal_the_safetensors_packages(void **state)
{
    (void)state;
    cd_bytes file;
    assert_true(cd_bytes_open(&file, test_path("golden/formats.safetensors"), SIZE_MAX));
    cd_archive *a = cd_archive_open_memory("formats", file.data, file.size, NULL);
    assert_non_null(a);
    cd_file_item items[16];
    for (size_t i = 0; i < a->count; i++) {
        const cd_archive_entry *e = a->by_name[i];
        items[i] = (cd_file_item){ e->name, e->dtype, e->shape, file.data + e->offset };
    }
    assert_true(
        cd_safetensors_write(in_folder("again"), items, a->count, a->metadata, a->metadata_count));
    same_bytes(in_folder("again"), file.data, file.size);
    cd_archive_close(a);
    cd_bytes_close(&file);
}

static void order_of_items_does_not_matter(void **state)
{
    (void)state;
    static const double doubles[] = { 1, 2 };
    static const float floats[] = { 3, 4, 5 };
    static const uint8_t bytes[] = { 6 };
    cd_file_item items[] = { { "c", CD_FILE_U8, CD_SCALAR, bytes },
                             { "b", CD_FILE_F64, CD_SHAPE(2), doubles },
                             { "a", CD_FILE_F32, CD_SHAPE(3, 1), floats },
                             { "A", CD_FILE_F32, CD_SHAPE(0), NULL } };
    cd_text_pair texts[] = { { "z", "1" }, { "a", "2" } };
    assert_true(cd_safetensors_write(in_folder("one"), items, 4, texts, 2));
    cd_file_item reversed[] = { items[3], items[2], items[1], items[0] };
    cd_text_pair reversed_texts[] = { texts[1], texts[0] };
    assert_true(cd_safetensors_write(in_folder("two"), reversed, 4, reversed_texts, 2));
    cd_bytes one;
    assert_true(cd_bytes_open(&one, in_folder("one"), SIZE_MAX));
    same_bytes(in_folder("two"), one.data, one.size);
    static const char start[] =
        "{\"__metadata__\":{\"a\":\"2\",\"z\":\"1\"},\"b\":{\"dtype\":\"F64\","
        "\"shape\":[2],\"data_offsets\":[0,16]},\"A\":{\"dtype\":\"F32\","
        "\"shape\":[0],\"data_offsets\":[16,16]},\"a\":";
    assert_memory_equal(one.data + 8, start, sizeof start - 1);
    assert_int_equal(cd_load_le(one.data, 8) % 8, 0);
    cd_bytes_close(&one);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const float values[] = { 1.5F, -0.0F, INFINITY, 1e-42F };
    cd_file_item item = { "quote\" slash\\ line\n tab\t e\xC3\xA9", CD_FILE_F32, CD_SHAPE(2, 2),
                          values };
    cd_text_pair text = { "{\"json\":1}", "\x01 \x1F \b\f\r" };
    assert_true(cd_safetensors_write(in_folder("f"), &item, 1, &text, 1));
    cd_archive *a = cd_archive_open(in_folder("f"));
    assert_non_null(a);
    const cd_archive_entry *e = cd_archive_find(a, item.name);
    assert_non_null(e);
    float back[4];
    assert_true(cd_archive_read(a, e, CD_F32, back));
    assert_memory_equal(back, values, sizeof values);
    assert_string_equal(cd_archive_metadata(a, text.key), text.value);
    cd_archive_close(a);
}

static void wrong_items_are_refused(void **state)
{
    (void)state;
    static const float value = 1;
    const char *path = test_write("old", "old", 3);
    char kept[512];
    snprintf(kept, sizeof kept, "%s", path);
#define WRONG(code_, text_, ...)                                                                   \
    do {                                                                                           \
        cd_file_item items_[] = { __VA_ARGS__ };                                                   \
        assert_false(cd_safetensors_write(kept, items_, sizeof items_ / sizeof *items_, NULL, 0)); \
        assert_failed_with(code_, text_);                                                          \
    } while (0)
    WRONG(CD_ERR_ARGUMENT, "name", { "", CD_FILE_F32, CD_SCALAR, &value });
    WRONG(CD_ERR_ARGUMENT, "name", { NULL, CD_FILE_F32, CD_SCALAR, &value });
    WRONG(CD_ERR_ARGUMENT, "name", { "\xFF", CD_FILE_F32, CD_SCALAR, &value });
    WRONG(CD_ERR_ARGUMENT, "__metadata__", { "__metadata__", CD_FILE_F32, CD_SCALAR, &value });
    WRONG(CD_ERR_ARGUMENT, "two tensors are called \"a\"", { "a", CD_FILE_F32, CD_SCALAR, &value },
          { "b", CD_FILE_F32, CD_SCALAR, &value }, { "a", CD_FILE_I32, CD_SCALAR, &value });
    WRONG(CD_ERR_ARGUMENT, "NULL", { "a", CD_FILE_F32, CD_SCALAR, NULL });
    WRONG(CD_ERR_DTYPE, "C128", { "a", CD_FILE_C128, CD_SCALAR, &value });
    WRONG(CD_ERR_DTYPE, "F4", { "a", CD_FILE_F4, CD_SHAPE(2), &value });
    WRONG(CD_ERR_DTYPE, "?", { "a", (cd_file_dtype)99, CD_SHAPE(2), &value });
    WRONG(CD_ERR_SHAPE, "-1", { "a", CD_FILE_F32, CD_SHAPE(-1), &value });
    WRONG(CD_ERR_SHAPE, "cannot be", { "a", CD_FILE_F32, CD_SHAPE(INT64_MAX, 2), &value });
#undef WRONG
    cd_text_pair twice[] = { { "a", "1" }, { "a", "2" } }, wrong = { "a", "\xFF" },
                 none = { "a", NULL };
    assert_false(cd_safetensors_write(kept, NULL, 0, twice, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "twice");
    assert_false(cd_safetensors_write(kept, NULL, 0, &wrong, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "UTF-8");
    assert_false(cd_safetensors_write(kept, NULL, 0, &none, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "UTF-8");
    same_bytes(kept, "old", 3);
}

static void a_header_beyond_the_format_is_refused(void **state)
{
    (void)state;
    size_t size = 100000000;
    char *text = malloc(size + 1);
    memset(text, 'm', size);
    text[size] = '\0';
    cd_text_pair pair = { "huge", text };
    assert_false(cd_safetensors_write(in_folder("f"), NULL, 0, &pair, 1));
    assert_failed_with(CD_ERR_UNSUPPORTED, "more than 100000000 bytes");
    assert_true(access(in_folder("f"), F_OK) != 0);
    free(text);
}

static char *letters(size_t size)
{
    char *text = malloc(size + 1);
    memset(text, 'm', size);
    text[size] = '\0';
    return text;
}

/* Every file that is written can be read: a header for which the reader has no room is refused. */
static void what_the_reader_has_no_room_for_is_not_written(void **state)
{
    (void)state;
    char *longest = letters(20000000), *longer = letters(30000000);
    cd_text_pair pair = { "text", longest };
    assert_true(cd_safetensors_write(in_folder("f"), NULL, 0, &pair, 1));
    cd_archive *a = cd_archive_open(in_folder("f"));
    assert_non_null(a);
    assert_string_equal(cd_archive_metadata(a, "text"), longest);
    cd_archive_close(a);
    pair.value = longer;
    assert_false(cd_safetensors_write(in_folder("g"), NULL, 0, &pair, 1));
    assert_failed_with(CD_ERR_UNSUPPORTED, "for which the reader has no room");
    assert_true(access(in_folder("g"), F_OK) != 0);
    free(longest);
    free(longer);
    enum { MANY = 1000000, FEW = 50000 };
    cd_file_item *items = calloc(MANY, sizeof *items);
    char(*names)[8] = calloc(MANY, sizeof *names);
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof names[i], "%x", i);
        items[i] = (cd_file_item){ .name = names[i],
                                   .dtype = CD_FILE_U8,
                                   .shape = { .ndim = 1, .dim = { 0 } } };
    }
    assert_true(cd_safetensors_write(in_folder("f"), items, FEW, NULL, 0));
    a = cd_archive_open(in_folder("f"));
    assert_non_null(a);
    assert_int_equal(a->count, FEW);
    cd_archive_close(a);
    assert_false(cd_safetensors_write(in_folder("g"), items, MANY, NULL, 0));
    assert_failed_with(CD_ERR_UNSUPPORTED, "for which the reader has no room");
    free(items);
    free(names);
}

static void a_pending_error_stops_the_writer(void **state)
{
    (void)state;
    cd_fail(CD_ERR_SHAPE, "before");
    assert_false(cd_safetensors_write(in_folder("f"), NULL, 0, NULL, 0));
    assert_failed_with(CD_ERR_SHAPE, "before");
    assert_true(access(in_folder("f"), F_OK) != 0);
}

static void a_path_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    assert_false(cd_safetensors_write("/nowhere/f", NULL, 0, NULL, 0));
    assert_failed_with(CD_ERR_IO, "/nowhere/f: cannot write it");
}

static bool write_some(void *path)
{
    static const float value = 1;
    cd_file_item item = { "a", CD_FILE_F32, CD_SCALAR, &value };
    cd_text_pair text = { "k", "v" };
    return cd_safetensors_write(path, &item, 1, &text, 1);
}

static void no_memory_to_write_is_an_error(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", in_folder("f"));
    assert_true(sweep_memory(write_some, path) >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_a_file_of_sixteen_bytes),
        TEST(files_equal_the_safetensors_packages),
        TEST(order_of_items_does_not_matter),
        TEST(what_is_written_is_read),
        TEST(wrong_items_are_refused),
        TEST(a_header_beyond_the_format_is_refused),
        TEST(what_the_reader_has_no_room_for_is_not_written),
        TEST(a_pending_error_stops_the_writer),
        TEST(a_path_that_cannot_be_written_is_an_error),
        TEST(no_memory_to_write_is_an_error),
    };
    return RUN(tests);
}
