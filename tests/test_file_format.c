/* Candela's file format: what is written, what is read, and with which
 * errors the rest is refused. */
#include "hostile.h"

#include "goldens.h"

#include "core/about.h"
#include "io/checkpoint.h"
#include "models/card.h"
#include "nn/layers.h"

static const char options[] = "{\"inputs\": 2, \"outputs\": 1}";

/* --- files ------------------------------------------------------------------------------------ */

/* A safetensors file of the tensors of that mlp, all 0, with these members in its metadata. */
static const char *with_metadata(const char *members)
{
    static buffer b;
    char header[8192];
    int size = snprintf(header, sizeof header,
                        "{\"__metadata__\":{%s},"
                        "\"1.weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                        "\"1.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
                        members);
    assert_true(size > 0 && (size_t)size < sizeof header);
    b.size = 0;
    add_le(&b, (uint64_t)size, 8);
    add_text(&b, header);
    add(&b, (char[12]){ 0 }, 12);
    return test_write("m.safetensors", b.at, b.size);
}

/* The same with the texts of a card, and `rest` behind them. */
static const char *with_card(const char *rest)
{
    char members[4096];
    (void)snprintf(members, sizeof members,
                   "\"candela.model\":\"mlp\",\"candela.options\":\"{\\\"inputs\\\":2,"
                   "\\\"outputs\\\":1}\"%s%s",
                   *rest ? "," : "", rest);
    return with_metadata(members);
}

static const char *with_format(const char *value)
{
    char rest[2048];
    (void)snprintf(rest, sizeof rest, "\"candela.format\":\"%s\"", value);
    return with_card(rest);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void every_saved_file_says_its_format(void **state)
{
    (void)state;
    CD_SCOPE();
    char path[512];
    (void)snprintf(path, sizeof path, "%s/m", test_folder());
    cd_module *m = cd_make_model("mlp", options);
    for (int card = 0; card < 2; card++) {
        const cd_card of = { .architecture = "mlp", .options = options };
        assert_true(card ? cd_save_model(m, &of, path) : cd_save(m, path));
        cd_tensor_file *f = cd_tensor_file_open(path);
        assert_int_equal(cd_tensor_file_format(f), CD_FILE_FORMAT);
        assert_string_equal(cd_tensor_file_text(f, "candela.format"), "1");
        assert_string_equal(cd_tensor_file_text(f, "candela.version"), cd_about().version);
        assert_string_equal(cd_tensor_file_text(f, "format"), "pt");
        assert_int_equal(cd_tensor_file_text_count(f), card ? 5 : 3);
    }
}

/* Texts that a caller copied from another file do not set the new file's format or version. */
static void texts_of_the_caller_do_not_say_what_wrote_the_file(void **state)
{
    (void)state;
    CD_SCOPE();
    char path[512];
    (void)snprintf(path, sizeof path, "%s/m", test_folder());
    const cd_text_pair texts[] = { { "candela.format", "7" },
                                   { "note", "mine" },
                                   { "candela.version", "7.0.0" },
                                   { "format", "tf" } };
    assert_true(cd_save(cd_nn_linear(1, 1), path, .texts = texts, .text_count = 4));
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_int_equal(cd_tensor_file_format(f), CD_FILE_FORMAT);
    assert_string_equal(cd_tensor_file_text(f, "candela.version"), cd_about().version);
    assert_string_equal(cd_tensor_file_text(f, "note"), "mine");
    assert_string_equal(cd_tensor_file_text(f, "format"), "tf");
    assert_int_equal(cd_tensor_file_text_count(f), 4);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The file can be opened as a model, as a card, and as a checkpoint. */
static void assert_read(const char *path, int format)
{
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_int_equal(cd_tensor_file_format(f), format);
    assert_non_null(cd_load_model(path));
    assert_non_null(cd_load_card(path));
    assert_true(cd_load(cd_make_model("mlp", options), path));
}

static void files_without_a_format_are_of_format_0(void **state)
{
    (void)state;
    assert_read(with_card(""), 0);
    assert_read(with_card("\"candela.version\":\"0.1.0\""), 0);
    assert_read(with_card("\"candela.formats\":\"2\",\"Candela.format\":\"2\""), 0);
    CD_SCOPE();
    assert_int_equal(
        cd_tensor_file_format(cd_tensor_file_open(test_path("golden/formats.safetensors"))), 0);
    assert_int_equal(cd_tensor_file_format(cd_tensor_file_open(test_path("golden/formats_v3.pth"))),
                     0);
}

static void the_current_format_is_read(void **state)
{
    (void)state;
    assert_read(with_format("1"), 1);
    assert_read(with_card("\"candela.\\u0066ormat\":\"\\u0031\""), 1);
}

/* New texts that a later library adds, and that this one can do without, make no new format. */
static void unknown_keys_are_ignored(void **state)
{
    (void)state;
    assert_read(with_card("\"candela.format\":\"1\",\"candela.colour\":\"{\\\"blue\\\": 1}\","
                          "\"other\":\"\",\"candela.format.minor\":\"9\""),
                1);
}

/* --- refusing --------------------------------------------------------------------------------- */

/* Every call that needs the meaning of a file refuses it with the same error; calls that only list
 * or read what is in the file succeed. */
static void assert_refused(const char *path, cd_code code, const char *sentence)
{
    CD_SCOPE();
    float values[3] = { 1, 2, 3 };
    cd_module *m = cd_make_model("mlp", options);
    cd_tensor *weight = cd_module_tensor(m, "1.weight");
    assert_true(cd_write(weight, values, 2 * sizeof *values));
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_ok();
    assert_int_equal(cd_tensor_file_format(f), -1);
    assert_failed_with(code, sentence);
    assert_false(cd_load(m, path));
    assert_failed_with(code, sentence);
    assert_false(cd_load(m, NULL, .file = f, .partial = true));
    assert_failed_with(code, sentence);
    assert_null(cd_load_card(path));
    assert_failed_with(code, sentence);
    assert_null(cd_load_model(path));
    assert_failed_with(code, sentence);
    assert_close(element(weight, 0), 1, 0, 0);
    assert_int_equal(cd_tensor_file_count(f), 2);
    assert_close(element(cd_tensor_file_read(f, "1.weight"), 1), 0, 0, 0);
    assert_non_null(cd_tensor_file_text(f, "candela.format"));
}

static void a_later_format_is_refused_with_what_to_do(void **state)
{
    (void)state;
    char sentence[256];
    (void)snprintf(sentence, sizeof sentence,
                   "m.safetensors is of Candela's file format 2, written by Candela 0.9.3; this is "
                   "Candela %s, which reads the formats from 0 to 1: a newer Candela is needed",
                   cd_about().version);
    assert_refused(with_card("\"candela.format\":\"2\",\"candela.version\":\"0.9.3\""),
                   CD_ERR_UNSUPPORTED, sentence);
    assert_refused(with_format("2"), CD_ERR_UNSUPPORTED, "file format 2; this is");
    assert_refused(with_format("10"), CD_ERR_UNSUPPORTED, "file format 10; this is");
    assert_refused(with_format("999999999"), CD_ERR_UNSUPPORTED, "file format 999999999; this is");
}

/* The later format may have other keys for a card, and other tensors: the
 * format is checked first. */
static void a_later_format_is_told_before_what_is_missing(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = with_metadata("\"candela.format\":\"2\"");
    assert_null(cd_load_card(path));
    assert_failed_with(CD_ERR_UNSUPPORTED, "file format 2;");
    assert_false(cd_load(cd_nn_linear(7, 7), path));
    assert_failed_with(CD_ERR_UNSUPPORTED, "file format 2;");
}

static void the_version_of_what_wrote_it_may_be_anything(void **state)
{
    (void)state;
    char rest[3072], version[1024];
    memset(version, 'v', sizeof version - 1);
    version[sizeof version - 1] = '\0';
    (void)snprintf(rest, sizeof rest, "\"candela.format\":\"2\",\"candela.version\":\"\\u001b%s\"",
                   version);
    assert_refused(with_card(rest), CD_ERR_UNSUPPORTED, "written by Candela \\x1bvvv");
    assert_refused(with_card(rest), CD_ERR_UNSUPPORTED, "...; this is Candela");
}

static void what_is_no_format_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",
                                         "x",
                                         "1e9",
                                         "-1",
                                         "0",
                                         "01",
                                         "+1",
                                         " 1",
                                         "1 ",
                                         "1.0",
                                         "1\\n",
                                         "v1",
                                         "0x1",
                                         "1,0",
                                         "\\u0661",
                                         "1000000000",
                                         "18446744073709551617" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(with_format(wrong[i]), CD_ERR_FORMAT, "m.safetensors: candela.format is \"");
        assert_refused(with_format(wrong[i]), CD_ERR_FORMAT,
                       "\", and must be a whole number from 1 to 999999999, in digits");
    }
}

static void a_long_text_is_cut_in_the_sentence(void **state)
{
    (void)state;
    static char digits[1501];
    memset(digits, '1', sizeof digits - 1);
    assert_refused(with_format(digits), CD_ERR_FORMAT, "candela.format is \"1111111111");
    assert_refused(with_format(digits), CD_ERR_FORMAT, "111...\", and must be");
    memset(digits, 'x', sizeof digits - 1);
    assert_refused(with_format(digits), CD_ERR_FORMAT, "xxx...\", and must be");
}

/* Other texts with a NUL are dropped. Without this one, the file would pass for one of format 0. */
static void a_nul_in_it_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const wrong[] = { "\\u0000", "1\\u0000", "2\\u0000", "\\u00001" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(cd_tensor_file_open(with_format(wrong[i])));
        assert_failed_with(CD_ERR_FORMAT, "candela.format holds a NUL");
    }
    assert_read(with_card("\"candela.colour\":\"\\u0000\",\"candela.format\\u0000\":\"2\","
                          "\"candela.format\":\"1\""),
                1);
}

static void the_key_twice_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const second[] = { "candela.format", "candela.\\u0066ormat" };
    for (size_t i = 0; i < 2; i++) {
        char rest[256];
        (void)snprintf(rest, sizeof rest, "\"candela.format\":\"1\",\"%s\":\"1\"", second[i]);
        assert_null(cd_tensor_file_open(with_card(rest)));
        assert_failed_with(CD_ERR_FORMAT, "the metadata have \"candela.format\" twice");
    }
}

static void what_is_no_file_has_no_format(void **state)
{
    (void)state;
    assert_int_equal(cd_tensor_file_format(NULL), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_format: the file is NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_saved_file_says_its_format),
        TEST(texts_of_the_caller_do_not_say_what_wrote_the_file),
        TEST(files_without_a_format_are_of_format_0),
        TEST(the_current_format_is_read),
        TEST(unknown_keys_are_ignored),
        TEST(a_later_format_is_refused_with_what_to_do),
        TEST(a_later_format_is_told_before_what_is_missing),
        TEST(the_version_of_what_wrote_it_may_be_anything),
        TEST(what_is_no_format_is_refused),
        TEST(a_long_text_is_cut_in_the_sentence),
        TEST(a_nul_in_it_is_refused),
        TEST(the_key_twice_is_refused),
        TEST(what_is_no_file_has_no_format),
    };
    return RUN(tests);
}
