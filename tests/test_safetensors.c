/* Reading safetensors files: valid, invalid and hostile ones. */
#include "hostile.h"

#include <jansson.h>

#include "io/safetensors_internal.h"

/* --- reading ---------------------------------------------------------------------------------- */

/* A file: the header's length, the header, and `data_size` bytes 0, 1, 2, ... */
static void file_with(buffer *b, const char *header, size_t data_size)
{
    b->size = 0;
    add_le(b, strlen(header), 8);
    add_text(b, header);
    for (size_t i = 0; i < data_size; i++) add_le(b, i, 1);
}

/* Runs the safetensors reader alone: the container is not recognised first. */
static bool read_strictly(const void *data, size_t size)
{
    cd_archive *archive = cd_alloc_zeroed(1, sizeof *archive);
    if (!archive) return false;
    cd_source_borrow(&archive->source, "m.safetensors", data, size);
    archive->budget = (cd_budget){ .limit = CD_BUDGET_DEFAULT, .label = archive->source.label };
    archive->limits = (cd_archive_limits){ .entries = 1000, .tensor_bytes = SIZE_MAX };
    bool ok = cd_safetensors_read(archive) && cd_archive_finish(archive);
    cd_archive_close(archive);
    return ok;
}

static void refuses(const char *header, size_t data_size, const char *text)
{
    buffer b;
    file_with(&b, header, data_size);
    if (read_strictly(b.at, b.size)) print_error("accepted: %s\n", header);
    assert_failed_with(CD_ERR_FORMAT, text);
}

static void accepts(const char *header, size_t data_size)
{
    buffer b;
    file_with(&b, header, data_size);
    (void)read_strictly(b.at, b.size);
    assert_ok();
}

#define I32_2X2 "\"t\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}"

static void too_short_for_a_length(void **state)
{
    (void)state;
    assert_false(read_strictly("", 0));
    assert_failed_with(CD_ERR_FORMAT, "header length takes 8 bytes, but 0 are left");
    assert_false(read_strictly("1234567", 7));
    assert_failed_with(CD_ERR_FORMAT, "header length takes 8 bytes, but 7 are left");
}

static void a_length_beyond_the_file(void **state)
{
    (void)state;
    assert_false(read_strictly("\x3C\0\0\0\0\0\0\0", 8));
    assert_failed_with(CD_ERR_FORMAT, "header takes 60 bytes, but 0 are left");
}

static void a_length_beyond_the_format(void **state)
{
    (void)state;
    assert_false(read_strictly("\x3C\0\0\0\0\xFF\xFF\xFF", 8));
    assert_failed_with(CD_ERR_FORMAT, "the format allows 100000000");
    assert_false(read_strictly("\x01\xE1\xF5\x05\0\0\0\0", 8)); /* 100,000,001 */
    assert_failed_with(CD_ERR_FORMAT, "claims 100000001");
}

static void a_length_of_zero(void **state)
{
    (void)state;
    assert_false(read_strictly("\0\0\0\0\0\0\0\0", 8));
    assert_failed_with(CD_ERR_FORMAT, "'{' must stand here, and here it ends");
}

static void a_header_that_is_not_json(void **state)
{
    (void)state;
    refuses("\xFF", 0, "'{' must stand here");
    refuses("{", 0, "'\"' must stand here");
    refuses("[]", 0, "'{' must stand here");
    refuses("null", 0, "'{' must stand here");
    refuses("{\"\xFF\":{}}", 0, "not UTF-8");
    refuses("{\"a\"}", 0, "':' must stand here");
    refuses("{" I32_2X2 ",}", 16, "'\"' must stand here");
    refuses("{," I32_2X2 "}", 16, "'\"' must stand here");
    refuses("{" I32_2X2 " " I32_2X2 "}", 16, "',' must stand here");
    refuses("\xEF\xBB\xBF{}", 0, "'{' must stand here");
}

static void bytes_after_the_last_tensor(void **state)
{
    (void)state;
    accepts("{" I32_2X2 "}", 16);
    refuses("{" I32_2X2 "}", 50, "34 bytes follow the last tensor's data");
    refuses("{}", 1, "1 byte follows the last tensor's data");
}

static void bytes_missing_from_the_last_tensor(void **state)
{
    (void)state;
    refuses("{" I32_2X2 "}", 14, "its data_offsets do not lie in the file");
}

static void tensors_that_overlap(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    char header[2000] = "{", piece[100];
    for (int i = 0; i < 10; i++) {
        snprintf(piece, sizeof piece,
                 "%s\"t%d\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,16]}",
                 i ? "," : "", i);
        strcat(header, piece);
    }
    strcat(header, "}");
    file_with(&b, header, 16);
    assert_false(read_strictly(b.at, b.size));
    assert_failed_with(CD_ERR_FORMAT, "the data of \"t1\" overlap those before");
}

static void tensors_with_a_hole_between(void **state)
{
    (void)state;
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}",
            3, "the data of \"b\" leave a hole after those before");
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "leave a hole");
}

static void offsets_that_do_not_fit_the_shape(void **state)
{
    (void)state;
    refuses("{\"t\":{\"dtype\":\"I32\",\"shape\":[2,2],\"data_offsets\":[0,4]}}", 4,
            "data_offsets span 4 bytes, its shape and dtype need 16");
}

static void shapes_that_overflow(void **state)
{
    (void)state;
    refuses(
        "{\"t\":{\"dtype\":\"I32\",\"shape\":[2,18446744073709551614],\"data_offsets\":[0,16]}}",
        16, "overflows");
    refuses("{\"t\":{\"dtype\":\"I32\",\"shape\":[2,9223372036854775807],\"data_offsets\":[0,16]}}",
            16, "overflows");
    refuses("{\"t\":{\"dtype\":\"I32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0,
            "overflows");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[0,9223372036854775807,9],\"data_offsets\":[0,0]}}",
            0, "overflows");
}

static void types_below_a_byte(void **state)
{
    (void)state;
    refuses("{\"t\":{\"dtype\":\"F4\",\"shape\":[1,3],\"data_offsets\":[0,2]}}", 2,
            "does not end at a whole byte");
    accepts("{\"t\":{\"dtype\":\"F4\",\"shape\":[1,2],\"data_offsets\":[0,1]}}", 1);
    accepts("{\"t\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[0,3]}}", 3);
}

static void scalars_and_empty_tensors(void **state)
{
    (void)state;
    accepts("{\"t\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4);
    accepts("{\"t\":{\"dtype\":\"I32\",\"shape\":[2,0],\"data_offsets\":[0,0]}}", 0);
    accepts("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]},"
            "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            "\"c\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
            1);
}

static void white_space_around_the_object(void **state)
{
    (void)state;
    accepts("{}\r \t\n", 0);
    accepts("\t\n{}\r ", 0);
    accepts(" { \"t\" : { \"shape\" : [ 1 , 1 ] , \"dtype\" : \"U8\" , \"data_offsets\" : [ 0 , 1 "
            "] } } ",
            1);
}

static void something_after_the_object(void **state)
{
    (void)state;
    refuses("{}{}", 0, "something follows after it");
    refuses("{} x", 0, "something follows after it");
    buffer b;
    file_with(&b, "{} ", 0);
    b.at[b.size - 1] = 0;
    assert_false(read_strictly(b.at, b.size));
    assert_failed_with(CD_ERR_FORMAT, "something follows");
}

static void every_dtype_is_known(void **state)
{
    (void)state;
    static const char *const names[] = {
        "BOOL",    "U8",      "I8",      "U16",     "I16",         "U32",        "I32", "U64",
        "I64",     "F16",     "BF16",    "F32",     "F64",         "C64",        "F4",  "F8_E5M2",
        "F8_E4M3", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char header[200];
        int bytes = cd_file_dtype_bits(cd_file_dtype_named(names[i]));
        snprintf(header, sizeof header,
                 "{\"t\":{\"dtype\":\"%s\",\"shape\":[8],\"data_offsets\":[0,%d]}}", names[i],
                 bytes);
        accepts(header, (size_t)bytes);
    }
}

static void an_unknown_dtype_is_named(void **state)
{
    (void)state;
    refuses("{\"fc\":{\"dtype\":\"F128\",\"shape\":[1],\"data_offsets\":[0,16]}}", 16,
            "tensor \"fc\": the dtype \"F128\" is not known");
    refuses("{\"fc\":{\"dtype\":\"C128\",\"shape\":[1],\"data_offsets\":[0,16]}}", 16, "\"C128\"");
    refuses("{\"fc\":{\"dtype\":\"\",\"shape\":[1],\"data_offsets\":[0,16]}}", 16, "is not known");
    refuses("{\"fc\":{\"dtype\":\"?\",\"shape\":[1],\"data_offsets\":[0,16]}}", 16, "is not known");
    refuses("{\"fc\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,16]}}", 16,
            "'\"' must stand here");
}

static void a_name_twice(void **state)
{
    (void)state;
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
            2, "two tensors are called \"a\"");
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            "\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
            2, "two tensors are called \"a\"");
    refuses("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
            1, "two tensors are called \"a\"");
}

static void metadata_are_texts(void **state)
{
    (void)state;
    accepts("{\"__metadata__\":{}}", 0);
    accepts("{\"__metadata__\":{\"a\":\"1\",\"b\":\"\"}}", 0);
    refuses("{\"__metadata__\":{\"a\":1}}", 0, "'\"' must stand here");
    refuses("{\"__metadata__\":{\"a\":null}}", 0, "'\"' must stand here");
    refuses("{\"__metadata__\":{\"a\":{}}}", 0, "'\"' must stand here");
    refuses("{\"__metadata__\":[]}", 0, "'{' must stand here");
    refuses("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "the metadata have \"a\" twice");
    refuses("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "it is there twice");
    refuses("{\"__metadata__\":{},\"__\\u006detadata__\":{}}", 0, "it is there twice");
}

static void metadata_of_null_are_none(void **state)
{
    (void)state;
    accepts("{\"__metadata__\":null}", 0);
    accepts("{\"__metadata__\" : null ,\n" I32_2X2 "}", 16);
    accepts("{" I32_2X2 ",\"__metadata__\":null}", 16);
    accepts("{\"__\\u006detadata__\":null}", 0);
    refuses("{\"__metadata__\":nul}", 0, "the metadata must be an object of strings, or null");
    refuses("{\"__metadata__\":Null}", 0, "'{' must stand here");
    refuses("{\"__metadata__\":nullx}", 0, "',' must stand here");
    refuses("{\"__metadata__\":nu", 0, "an object of strings, or null");
    refuses("{\"__metadata__\":null,\"__metadata__\":{}}", 0, "it is there twice");
    refuses("{\"t\":null}", 0, "'{' must stand here"); /* null is allowed for the metadata only */
    refuses("{\"t\":{\"dtype\":null,\"shape\":[],\"data_offsets\":[0,1]}}", 1,
            "'\"' must stand here");
}

static char warning[512];

static void keep_warning(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING) snprintf(warning, sizeof warning, "%s", message);
}

/* C strings cannot hold them. They are dropped with a warning, so that the
 * tensors can still be read. */
static void metadata_with_a_nul_are_left_out(void **state)
{
    (void)state;
    buffer b;
    file_with(&b,
              "{\"__metadata__\":{\"a\":\"1\\u0000\",\"\\u0000b\":\"2\",\"c\":\"3\"}," I32_2X2 "}",
              16);
    cd_set_logger(keep_warning, NULL);
    cd_archive *a = cd_archive_open_memory("m", b.at, b.size, NULL);
    cd_set_logger(NULL, NULL);
    assert_non_null(a);
    assert_string_equal(warning,
                        "m: texts of its metadata hold a NUL character and are left out: 2");
    assert_int_equal(a->metadata_count, 1);
    assert_string_equal(cd_archive_metadata(a, "c"), "3");
    assert_int_equal(a->count, 1);
    cd_archive_close(a);
    /* a text with a NUL is not taken for the text before the NUL */
    refuses("{\"t\":{\"dtype\":\"U8\\u0000\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
            "is not known");
    refuses("{\"t\":{\"dtype\\u0000\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
            "nothing else");
    refuses("{\"__metadata__\\u0000\":{}}", 0, "is missing");
}

static void blanks_before_the_object_may_be_many(void **state)
{
    (void)state;
    size_t blanks = 100000;
    unsigned char *file = malloc(10 + blanks);
    assert_non_null(file);
    memset(file, ' ', 10 + blanks);
    for (int i = 0; i < 8; i++) file[i] = (unsigned char)((2 + blanks) >> (8 * i) & 0xFF);
    memcpy(file + 8 + blanks, "{}", 2);
    cd_archive *a = cd_archive_open(test_write("blanks", file, 10 + blanks));
    assert_non_null(a);
    assert_int_equal(a->count, 0);
    cd_archive_close(a);
    free(file);
}

static void keys_missing_or_too_many(void **state)
{
    (void)state;
    refuses("{\"t\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "is missing");
    refuses("{\"t\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "is missing");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "is missing");
    refuses("{\"t\":{}}", 0, "is missing");
    refuses("{\"t\":[]}", 0, "'{' must stand here");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1,
            "nothing else");
    refuses("{\"t\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
            "each once");
    refuses("{\"t\":{\"dtype\":\"U8\",\"a very long key, longer than all\":[1]}}", 1,
            "nothing else");
}

static void offsets_are_two(void **state)
{
    (void)state;
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1,
            "',' must stand here");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1,
            "']' must stand here");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[]}}", 1, "unsigned integer");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":0}}", 1,
            "'[' must stand here");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1,
            "do not lie in the file");
    refuses("{\"t\":{\"dtype\":\"U8\",\"shape\":[1],"
            "\"data_offsets\":[18446744073709551615,18446744073709551615]}}",
            1, "do not lie in the file");
}

static void numbers_are_unsigned_integers(void **state)
{
    (void)state;
    static const char *const wrong[] = { "1.0",
                                         "1e0",
                                         "1E0",
                                         "-1",
                                         "-0",
                                         "+1",
                                         "01",
                                         "00",
                                         "\"1\"",
                                         "null",
                                         "true",
                                         "[1]",
                                         "18446744073709551616",
                                         "99999999999999999999999",
                                         "0x1",
                                         "NaN",
                                         "1_0" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char header[200];
        snprintf(header, sizeof header,
                 "{\"t\":{\"dtype\":\"U8\",\"shape\":[%s],\"data_offsets\":[0,1]}}", wrong[i]);
        refuses(header, 1, "the JSON does not parse: ");
        snprintf(header, sizeof header,
                 "{\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,%s]}}", wrong[i]);
        refuses(header, 1, "the JSON does not parse: ");
    }
}

static void too_many_dimensions(void **state)
{
    (void)state;
    buffer b;
    char header[400] = "{\"t\":{\"dtype\":\"U8\",\"shape\":[1";
    for (int i = 1; i < 65; i++) strcat(header, ",1");
    strcat(header, "],\"data_offsets\":[0,1]}}");
    file_with(&b, header, 1);
    assert_false(read_strictly(b.at, b.size));
    assert_failed_with(CD_ERR_UNSUPPORTED, "more than 8 dimensions");
    file_with(&b, "{\"t\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}",
              1);
    assert_false(read_strictly(b.at, b.size));
    assert_failed_with(CD_ERR_UNSUPPORTED, "more than 8 dimensions");
    accepts("{\"t\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1);
}

static void names_are_texts(void **state)
{
    (void)state;
#define REST "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
    accepts("{\"\\u00e9\\ud83d\\ude00\\n\xC3\xA9" REST, 1);
    refuses("{\"a\\u0000b" REST, 1, "the tensor's name \"a\\x00b\" holds a NUL");
    refuses("{\"\\u0000" REST, 1, "holds a NUL");
    refuses("{\"\\ud800" REST, 1, "an escape");
    refuses("{\"\\udc00" REST, 1, "an escape");
    refuses("{\"\\ud800\\u0041" REST, 1, "an escape");
    refuses("{\"\\x41" REST, 1, "an escape");
    refuses("{\"\\u12g4" REST, 1, "an escape");
    refuses("{\"\\u12", 1, "an escape");
    refuses("{\"\\", 1, "an escape");
    refuses("{\"a\nb" REST, 1, "a control character");
    refuses("{\"abc", 0, "a string does not end");
    accepts("{\"" REST, 1); /* an empty name is a name */
#undef REST
}

static void a_nul_in_the_header(void **state)
{
    (void)state;
    buffer b;
    file_with(&b, "{\"aXb\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
    b.at[8 + 3] = 0;
    assert_false(read_strictly(b.at, b.size));
    assert_failed_with(CD_ERR_FORMAT, "a control character");
}

static void a_name_that_is_too_long(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    for (size_t length = 4096; length <= 4097; length++) {
        char name[5000];
        memset(name, 'n', length);
        name[length] = '\0';
        char header[6000];
        snprintf(header, sizeof header,
                 "{\"%s\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", name);
        file_with(&b, header, 1);
        assert_int_equal(read_strictly(b.at, b.size), length == 4096);
    }
    assert_failed_with(CD_ERR_FORMAT, "a tensor's name has 4097 bytes");
}

static void deep_nesting_is_refused_at_once(void **state)
{
    (void)state;
    char header[12000] = "";
    for (int i = 0; i < 5000; i++) header[i] = '[';
    refuses(header, 0, "'{' must stand here");
    memset(header, 0, sizeof header);
    for (int i = 0; i < 1000; i++) strcat(header, "{\"a\":");
    refuses(header, 0, "nothing else");
}

static void a_length_that_ends_at_the_end(void **state)
{
    (void)state;
    accepts("{}", 0);
    buffer b;
    file_with(&b, "{}", 0);
    b.at[0] = 1;
    assert_false(read_strictly(b.at, b.size - 1));
    assert_failed_with(CD_ERR_FORMAT, "'\"' must stand here");
    b.at[0] = 3;
    assert_false(read_strictly(b.at, b.size));
    assert_failed_with(CD_ERR_FORMAT, "header takes 3 bytes, but 2 are left");
}

static void the_safetensors_package_is_read(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats.safetensors"));
    assert_non_null(a);
    assert_string_equal(a->kind, "safetensors");
    assert_int_equal(a->count, 13);
    assert_string_equal(cd_archive_metadata(a, "format"), "pt \"\xC3\xBC\"\t\2");
    assert_null(cd_archive_metadata(a, "other"));
    static const char *const floats[] = { "a.f32", "b.f32", "f16", "bf16", "f64" };
    for (size_t i = 0; i < 5; i++) {
        const cd_archive_entry *e = cd_archive_find(a, floats[i]);
        assert_non_null(e);
        float out[8] = { 0 };
        assert_true(cd_archive_read(a, e, CD_F32, out));
        for (int64_t k = 0; k < e->elements; k++) assert_close((double)out[k], (double)k, 0, 0);
    }
    const cd_archive_entry *e = cd_archive_find(a, "empty");
    assert_true(cd_shape_equal(e->shape, CD_SHAPE(0, 3)));
    e = cd_archive_find(a, "i64");
    int64_t seven = 0;
    assert_int_equal(e->shape.ndim, 0);
    assert_true(cd_archive_read(a, e, CD_I64, &seven));
    assert_int_equal(seven, 7);
    uint8_t truth[3];
    assert_true(cd_archive_read(a, cd_archive_find(a, "bool"), CD_BOOL, truth));
    assert_memory_equal(truth, "\1\0\1", 3);
    assert_non_null(cd_archive_find(a, "odd \"name\"\\\n\xC3\xA9\1"));
    assert_null(cd_archive_find(a, "nothing"));
    cd_archive_close(a);
}

static void the_reference_file_is_read(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_shared("weights/resnet18_imagenet_reference.safetensors"));
    assert_non_null(a);
    assert_int_equal(a->count, 3);
    assert_true(cd_shape_equal(cd_archive_find(a, "input")->shape, CD_SHAPE(4, 3, 224, 224)));
    assert_true(cd_shape_equal(cd_archive_find(a, "logits")->shape, CD_SHAPE(4, 1000)));
    cd_archive_close(a);
}

/* --- hostile ---------------------------------------------------------------------------------- */

static void read_any(const unsigned char *data, size_t size)
{
    (void)read_strictly(data, size);
}

/* Everything that this reader accepts is JSON for jansson too. */
static void compare_with_jansson(const unsigned char *data, size_t size)
{
    if (!read_strictly(data, size)) return;
    uint64_t length = cd_load_le(data, 8);
    json_t *json = json_loadb((const char *)data + 8, (size_t)length,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    assert_that(json_is_object(json), "jansson refuses what is accepted: %.*s", (int)length,
                data + 8);
    json_decref(json);
}

static const char seed[] = "{\"__metadata__\":{\"k\":\"v\\n\"},\"a\":{\"dtype\":\"F32\",\"shape\":["
                           "1,2],\"data_offsets\":[0,8]},"
                           "\"\\u00e9b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]}}  ";

static void truncations_and_mutants_do_no_harm(void **state)
{
    (void)state;
    buffer b;
    file_with(&b, seed, 9);
    assert_true(read_strictly(b.at, b.size));
    for (size_t i = 0; i < b.size; i++) {
        assert_false(read_strictly(b.at, i));
        assert_failed_with(CD_ERR_FORMAT, "m.safetensors: ");
    }
    read_truncations(read_any, b.at, b.size);
    read_mutants(compare_with_jansson, b.at, b.size);
}

static void many_empty_tensors_run_out_of_budget(void **state)
{
    (void)state;
    size_t room = 24 << 20, used = 8;
    char *file = malloc(room + 100);
    file[used++] = '{';
    for (int i = 0; used < room; i++) {
        used += (size_t)snprintf(file + used, 100,
                                 "%s\"%x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}",
                                 i ? "," : "", (unsigned)i);
    }
    file[used++] = '}';
    for (int i = 0; i < 8; i++) file[i] = (char)((used - 8) >> (8 * i) & 0xFF);
    cd_memory_trim();
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_in_use;
    assert_null(cd_archive_open_memory("bomb", file, used, NULL));
    assert_failed_with(CD_ERR_MEMORY, "names, shapes and other descriptions");
    assert_true(cd_memory_stats().bytes_peak - before < (size_t)64 << 20);
    cd_memory_reset_peak();
    assert_null(cd_archive_open(test_write("bomb", file, used))); /* the header is in memory too */
    assert_failed_with(CD_ERR_MEMORY, "names, shapes and other descriptions");
    assert_true(cd_memory_stats().bytes_peak - before < (size_t)64 << 20);
    cd_archive_limits more = { .description_bytes = (size_t)1 << 30 };
    cd_archive *a = cd_archive_open_memory("bomb", file, used, &more);
    assert_non_null(a);
    assert_true(a->count > 400000);
    cd_archive_close(a);
    free(file);
}

static bool open_buffer(void *user)
{
    buffer *b = user;
    cd_archive *a = cd_archive_open_memory("m", b->at, b->size, NULL);
    cd_archive_close(a);
    return a != NULL;
}

static void no_memory_to_read_is_an_error(void **state)
{
    (void)state;
    buffer b;
    file_with(&b, seed, 9);
    assert_true(sweep_memory(open_buffer, &b) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(too_short_for_a_length),
        TEST(a_length_beyond_the_file),
        TEST(a_length_beyond_the_format),
        TEST(a_length_of_zero),
        TEST(a_header_that_is_not_json),
        TEST(bytes_after_the_last_tensor),
        TEST(bytes_missing_from_the_last_tensor),
        TEST(tensors_that_overlap),
        TEST(tensors_with_a_hole_between),
        TEST(offsets_that_do_not_fit_the_shape),
        TEST(shapes_that_overflow),
        TEST(types_below_a_byte),
        TEST(scalars_and_empty_tensors),
        TEST(white_space_around_the_object),
        TEST(something_after_the_object),
        TEST(every_dtype_is_known),
        TEST(an_unknown_dtype_is_named),
        TEST(a_name_twice),
        TEST(metadata_are_texts),
        TEST(metadata_of_null_are_none),
        TEST(metadata_with_a_nul_are_left_out),
        TEST(blanks_before_the_object_may_be_many),
        TEST(keys_missing_or_too_many),
        TEST(offsets_are_two),
        TEST(numbers_are_unsigned_integers),
        TEST(too_many_dimensions),
        TEST(names_are_texts),
        TEST(a_nul_in_the_header),
        TEST(a_name_that_is_too_long),
        TEST(deep_nesting_is_refused_at_once),
        TEST(a_length_that_ends_at_the_end),
        TEST(the_safetensors_package_is_read),
        TEST(the_reference_file_is_read),
        TEST(truncations_and_mutants_do_no_harm),
        TEST(many_empty_tensors_run_out_of_budget),
        TEST(no_memory_to_read_is_an_error),
    };
    return RUN(tests);
}
