/* Models by name, and saved models that say what they are. */
#include "test.h"

#include <candela.h>

#include "core/memory_internal.h"

static const char *const two_classes[] = { "ants", "bees" };

static const char mlp_options[] = "{\"inputs\": 6, \"hidden\": [5, 4], \"outputs\": 2}";

static cd_card small_card(void)
{
    return (cd_card){ .architecture = "mlp",
                      .options = mlp_options,
                      .classes = two_classes,
                      .class_count = 2,
                      .preprocess = { .crop_width = 3,
                                      .crop_height = 2,
                                      .channels = 1,
                                      .invert = true,
                                      .mean = { 0.1 },
                                      .std = { 1.0 / 3 } },
                      .source = "random",
                      .training = "{\"epochs\": 3}" };
}

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* --- cd_make_model ---------------------------------------------------------------------------- */

static void makes_an_mlp(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_make_model("mlp", mlp_options);
    assert_ok();
    assert_int_equal(cd_num_parameters(m), 7 * 5 + 6 * 4 + 5 * 2);
    cd_tensor *y = cd_forward(m, cd_zeros(CD_SHAPE(3, 1, 2, 3)));
    assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(3, 2)));
}

static void makes_a_resnet18(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_int_equal(cd_num_parameters(cd_make_model("resnet18", NULL)), 11689512);
    assert_int_equal(cd_num_parameters(cd_make_model("resnet18", "{\"num_classes\": 2}")),
                     11176512 + 513 * 2);
}

static void every_name_is_known(void **state)
{
    (void)state;
    for (const char *const *name = cd_model_names(); *name; name++) {
        CD_SCOPE();
        /* An unknown option: the message says that the model is known, and lists its options. */
        assert_null(cd_make_model(*name, "{\"colour\": 1}"));
        assert_failed_with(CD_ERR_ARGUMENT, "has no option \"colour\"");
    }
}

static void refuses_an_unknown_name(void **state)
{
    (void)state;
    assert_null(cd_make_model("resnet19", NULL));
    for (const char *const *name = cd_model_names(); *name; name++) {
        assert_non_null(strstr(cd_error_message(), *name));
    }
    assert_failed_with(CD_ERR_ARGUMENT, "no model \"resnet19\"; there are mlp");
    assert_null(cd_make_model(NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "no model \"NULL\"");
}

static void refuses_options_that_are_not_right(void **state)
{
    (void)state;
    static const struct {
        const char *options, *sentence;
    } bad[] = {
        { NULL, "\"inputs\" must be" },
        { "", "the JSON does not parse: it ends" },
        { "[]", "must be a JSON object" },
        { "{\"inputs\": 6}", "\"outputs\" must be" },
        { "{\"inputs\": 0, \"outputs\": 2}", "\"inputs\" must be" },
        { "{\"inputs\": 6.5, \"outputs\": 2}", "\"inputs\" must be" },
        { "{\"inputs\": 6, \"outputs\": 2, \"hidden\": 5}", "\"hidden\" must be a list" },
        { "{\"inputs\": 6, \"outputs\": 2, \"hidden\": [-5]}",
          "\"hidden\" must be a list of whole numbers, from 1 to 1073741824" },
        { "{\"inputs\": 6, \"outputs\": 2, \"inputs\": 6}", "the key \"inputs\" twice" },
        { "{\"inputs\": 1073741824, \"outputs\": 1073741824}",
          "make_model: the model cannot be made: empty: shape 1073741824x1073741824 has more "
          "elements" },
        { "{\"inputs\": 536870912, \"outputs\": 268435456}",
          "a model can have at most 2^56 numbers" },
        { "{\"inputs\": 1073741825, \"outputs\": 2}", "\"inputs\" must be" },
        { "{\"inputs\": 6, \"outputs\": 2, \"\": 1}", "has no option \"\"" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(cd_make_model("mlp", bad[i].options));
        assert_failed_with(CD_ERR_ARGUMENT, bad[i].sentence);
    }
}

/* --- saving and loading ----------------------------------------------------------------------- */

static void a_saved_model_comes_back(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("m.safetensors");
    const cd_card card = small_card();
    cd_module *m = cd_make_model("mlp", mlp_options);
    assert_true(cd_save_model(m, &card, path));
    cd_card *read = NULL;
    cd_module *back = cd_load_model(path, .card = &read);
    assert_ok();
    cd_tensor *x = cd_randn(CD_SHAPE(4, 6));
    float a[8], b[8];
    assert_true(cd_read(cd_forward(m, x), a, sizeof a));
    assert_true(cd_read(cd_forward(back, x), b, sizeof b));
    assert_memory_equal(a, b, sizeof a);
    assert_false(cd_is_training(back));
}

static void the_card_comes_back(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("m.safetensors");
    const cd_card card = small_card();
    assert_true(cd_save_model(cd_make_model("mlp", mlp_options), &card, path));
    cd_card *read = cd_load_card(path);
    assert_non_null(read);
    assert_string_equal(read->architecture, "mlp");
    assert_string_equal(read->options, mlp_options);
    assert_string_equal(read->source, "random");
    assert_string_equal(read->training, "{\"epochs\": 3}");
    assert_int_equal(read->class_count, 2);
    assert_string_equal(read->classes[1], "bees");
    assert_true(read->preprocess.invert);
    assert_int_equal(read->preprocess.crop_height, 2);
    assert_true(read->preprocess.std[0] == 1.0 / 3);
}

static void a_card_with_nothing_but_a_name_comes_back(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("m.safetensors");
    const cd_card card = { .architecture = "mlp", .options = mlp_options };
    assert_true(cd_save_model(cd_make_model("mlp", mlp_options), &card, path));
    cd_card *read = cd_load_card(path);
    assert_non_null(read);
    assert_null(read->classes);
    assert_null(read->training);
    assert_null(read->source);
    assert_int_equal(read->preprocess.channels, 0);
}

static void a_card_outlives_its_scope_when_kept(void **state)
{
    (void)state;
    const char *path = in_folder("m.safetensors");
    cd_card *kept = NULL;
    {
        CD_SCOPE();
        const cd_card card = small_card();
        assert_true(cd_save_model(cd_make_model("mlp", mlp_options), &card, path));
        cd_card *read = NULL;
        assert_non_null(cd_load_model(path, .card = &read));
        assert_non_null(cd_keep(read));
        kept = read;
    }
    assert_string_equal(kept->classes[0], "ants");
    assert_true(cd_release(kept));
    assert_false(cd_release(kept));
    assert_failed_with(CD_ERR_STATE, "no live object");
}

/* Names with quotes, control characters and any UTF-8 are the same after saving and loading. */
static void odd_class_names_come_back(void **state)
{
    (void)state;
    CD_SCOPE();
    static char longest[20001];
    memset(longest, '"', sizeof longest - 1);
    const char *const names[] = { "",
                                  "\"",
                                  "\\u0000",
                                  "a/b\\",
                                  "\x01\x1F\x7F\b\f\n\r\t",
                                  "\xE2\x80\xA8",
                                  "\xF0\x9F\x90\x9D",
                                  "\xF4\x8F\xBF\xBF",
                                  "[\"a\", 1]",
                                  longest };
    enum { NAMES = sizeof names / sizeof *names };
    const char *path = in_folder("m.safetensors");
    const cd_card card = { .architecture = "mlp",
                           .options = "{\"inputs\": 1, \"outputs\": 10}",
                           .classes = names,
                           .class_count = NAMES };
    assert_true(cd_save_model(cd_make_model("mlp", card.options), &card, path));
    cd_card *read = cd_load_card(path);
    assert_non_null(read);
    assert_int_equal(read->class_count, NAMES);
    for (int i = 0; i < NAMES; i++) assert_string_equal(read->classes[i], names[i]);
}

static void fields_of_the_training_record_are_found(void **state)
{
    (void)state;
    const cd_card card = { .training = "{\"lr\": 0.05, \"seed\": 4294967295, \"data\": \"m\\n\", "
                                       "\"none\": null}" };
    double number = -1;
    char text[4] = "abc";
    assert_true(cd_card_number(&card, "lr", &number));
    assert_close(number, 0.05, 0, 0);
    assert_true(cd_card_number(&card, "seed", &number));
    assert_close(number, 4294967295.0, 0, 0);
    assert_false(cd_card_number(&card, "data", &number));
    assert_false(cd_card_number(&card, "none", &number));
    assert_false(cd_card_number(&card, "momentum", &number));
    assert_close(number, 4294967295.0, 0, 0);
    assert_false(cd_card_text(&card, "data", text, 2));
    assert_false(cd_card_text(&card, "lr", text, sizeof text));
    assert_string_equal(text, "abc");
    assert_true(cd_card_text(&card, "data", text, 3));
    assert_string_equal(text, "m\n");
    assert_false(cd_card_text(&(cd_card){ .training = NULL }, "data", text, sizeof text));
    assert_ok();
    assert_false(cd_card_text(&(cd_card){ .training = "{" }, "data", text, sizeof text));
    assert_failed_with(CD_ERR_ARGUMENT, "training record");
    assert_false(cd_card_number(NULL, "lr", &number));
    assert_failed_with(CD_ERR_ARGUMENT, "the card is NULL");
}

/* "format": "pt" is what other readers of safetensors look for. */
static void other_readers_find_their_key(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("m.safetensors");
    const cd_card card = small_card();
    assert_true(cd_save_model(cd_make_model("mlp", mlp_options), &card, path));
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_string_equal(cd_tensor_file_text(f, "format"), "pt");
    assert_string_equal(cd_tensor_file_text(f, "candela.classes"), "[\"ants\",\"bees\"]");
    assert_string_equal(cd_tensor_file_text(f, "candela.version"), cd_about().version);
}

/* --- saving, refused -------------------------------------------------------------------------- */

static void save_refused(const cd_card *card, const char *sentence)
{
    CD_SCOPE();
    const char *path = in_folder("refused.safetensors");
    cd_module *m = cd_make_model("mlp", mlp_options);
    assert_false(cd_save_model(m, card, path));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void save_refuses_cards_that_do_not_fit(void **state)
{
    (void)state;
    save_refused(NULL, "the card is NULL");
    cd_card card = small_card();
    card.architecture = "vgg";
    save_refused(&card, "no model \"vgg\"");
    card = small_card();
    card.options = "{\"inputs\": 6, \"hidden\": [5, 5], \"outputs\": 2}";
    save_refused(&card, "the module holds 69 numbers");
    card = small_card();
    card.class_count = 1;
    save_refused(&card, "1 names of classes, and the model has 2 outputs");
    card = small_card();
    card.classes = NULL;
    save_refused(&card, ".classes is NULL");
    static const char *const not_text[] = { "ants", "b\xFF" };
    card = small_card();
    card.classes = not_text;
    save_refused(&card, "the name of class 1 is not UTF-8");
    card = small_card();
    card.training = "[1]";
    save_refused(&card, "training record: the JSON must be an object");
    card = small_card();
    card.training = "{";
    save_refused(&card, "training record: byte 1: the JSON does not parse");
    card = small_card();
    card.preprocess.std[0] = 0;
    save_refused(&card, "std");
}

/* --- loading, refused ------------------------------------------------------------------------- */

/* A file with the tensors of the small mlp and these texts. */
static const char *with_texts(const cd_text_pair *texts, int64_t count)
{
    const char *path = in_folder("t.safetensors");
    assert_true(
        cd_save(cd_make_model("mlp", mlp_options), path, .texts = texts, .text_count = count));
    return path;
}

static void load_refused(const char *key, const char *value, const char *sentence)
{
    CD_SCOPE();
    cd_text_pair texts[3] = { { "candela.model", "mlp" }, { "candela.options", mlp_options } };
    int64_t count = 2;
    for (int64_t i = 0; key && i <= 2; i++) {
        if (i < 2 && strcmp(texts[i].key, key) != 0) continue;
        texts[i] = (cd_text_pair){ key, value };
        if (i == 2) count = 3;
        break;
    }
    const char *path = with_texts(texts, count);
    int64_t objects = cd_memory_stats().objects;
    assert_null(cd_load_model(path));
    assert_failed_with(CD_ERR_FORMAT, sentence);
    assert_int_equal(cd_memory_stats().objects, objects);
}

static void load_refuses_damaged_cards(void **state)
{
    (void)state;
    load_refused("candela.model", "vgg", "no model \"vgg\"");
    load_refused("candela.options", "{",
                 "candela.options: the options of the model: byte 1: the JSON does not");
    load_refused("candela.options", "{\"inputs\": 6}", "\"outputs\" must be");
    load_refused("candela.classes", "[\"a\",", "candela.classes: byte 5: the JSON does not parse");
    load_refused("candela.classes", "{}", "must be a JSON list");
    load_refused("candela.classes", "[]", "must be a JSON list");
    load_refused("candela.classes", "[\"a\", 2]", "class 1 is not a name");
    load_refused("candela.classes", "[\"a\"]", "1 names of classes, and the model has 2");
    load_refused("candela.preprocess", "{}", "candela.preprocess: preprocessing");
    load_refused("candela.training", "{", "candela.training: byte 1: the JSON does not parse");
    load_refused("candela.training", "3", "candela.training: the JSON must be an object");
}

static void load_refuses_tensors_that_do_not_fit(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_text_pair texts[] = { { "candela.model", "mlp" },
                                   { "candela.options",
                                     "{\"inputs\": 6, \"hidden\": [4, 5], \"outputs\": 2}" } };
    const char *path = with_texts(texts, 2);
    assert_null(cd_load_model(path));
    assert_failed_with(CD_ERR_SHAPE, "in the module");
}

/* The file is a few hundred bytes and claims a model of four gigabytes. */
static void a_small_file_cannot_ask_for_much_memory(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_text_pair texts[] = { { "candela.model", "mlp" },
                                   { "candela.options",
                                     "{\"inputs\": 1000000000, \"outputs\": 1}" } };
    const char *path = with_texts(texts, 2);
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_peak;
    assert_null(cd_load_model(path));
    assert_failed_with(CD_ERR_FORMAT, "holds 1000000001 numbers, and the file 69");
    assert_true(cd_memory_stats().bytes_peak < before + (1 << 20));
}

/* As many names as fit into the longest text. Each needs a pointer beside its characters. */
static void many_names_take_little_memory(void **state)
{
    (void)state;
    CD_SCOPE();
    enum { NAMES = 349000 };
    char *names = cd_alloc(3 * NAMES + 2), *at = names;
    for (int i = 0; i < NAMES; i++, at += 3) memcpy(at, i ? ",\"\"" : "[\"\"", 3);
    memcpy(at, "]", 2);
    const cd_text_pair texts[] = { { "candela.model", "mlp" },
                                   { "candela.options", "{\"inputs\": 6, \"outputs\": 2}" },
                                   { "candela.classes", names } };
    const char *path = with_texts(texts, 3);
    cd_free(names);
    cd_memory_trim();
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_peak;
    assert_null(cd_load_card(path));
    assert_failed_with(CD_ERR_FORMAT, "349000 names of classes, and the model has 2 outputs");
    cd_memory_info now = cd_memory_stats();
    size_t used = now.bytes_peak - before;
    assert_that(used < (size_t)20 << 20, "%zu bytes", used);
    assert_that(now.bytes_cached < (size_t)24 << 20, "%zu bytes are kept", now.bytes_cached);
}

/* Texts that version 0.1.0 wrote: its numbers and escapes were jansson's. */
static void a_card_of_an_earlier_version_reads_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    static const cd_text_pair texts[] = {
        { "candela.model", "mlp" },
        { "candela.options", mlp_options },
        { "candela.classes", "[\"a\\u001B\\\"\",\"M\xC3\xA4use\"]" },
        { "candela.preprocess",
          "{\"resize\": 0, \"crop\": [28, 28], \"channels\": 1, \"interpolation\": \"bilinear\", "
          "\"mean\": [0.28604059698879553], \"std\": [0.35302424451492237]}" },
        { "candela.training", "{\"lr\":0.05,\"loss\":0.337120056152344,\"seed\":0}" },
    };
    cd_card *card = cd_load_card(with_texts(texts, sizeof texts / sizeof *texts));
    assert_non_null(card);
    assert_string_equal(card->classes[0], "a\x1B\"");
    assert_string_equal(card->classes[1], "M\xC3\xA4use");
    assert_close(card->preprocess.mean[0], 0.28604059698879553, 0, 0);
    assert_close(card->preprocess.std[0], 0.35302424451492237, 0, 0);
    assert_string_equal(card->training, texts[4].value);
}

static void a_file_without_a_card_is_said_so(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = with_texts(NULL, 0);
    assert_null(cd_load_model(path));
    assert_failed_with(CD_ERR_FORMAT, "has no card");
    assert_null(cd_load_card(path));
    assert_failed_with(CD_ERR_FORMAT, "has no card");
    assert_null(cd_load_card(in_folder("none")));
    assert_failed_with(CD_ERR_IO, "none");
    assert_null(cd_load_card(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

/* --- memory ----------------------------------------------------------------------------------- */

static int64_t allowed;

static bool fail_after(size_t bytes)
{
    (void)bytes;
    return allowed-- <= 0;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const char *path = in_folder("m.safetensors");
    {
        CD_SCOPE();
        const cd_card card = small_card();
        assert_true(cd_save_model(cd_make_model("mlp", mlp_options), &card, path));
    }
    bool done = false;
    for (int64_t n = 0; n < 2000 && !done; n++) {
        CD_SCOPE();
        cd_card *card = NULL;
        allowed = n;
        cd_memory_fault_hook = fail_after;
        cd_module *m = cd_load_model(path, .card = &card);
        cd_memory_fault_hook = NULL;
        done = m != NULL;
        assert_true(done == cd_ok());
        assert_true(done == (card != NULL));
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_true(done);
}

static void it_tells_whether_a_data_set_has_its_classes(void **state)
{
    (void)state;
    const char *const names[] = { "ant", "bee", "fly" }, *const other[] = { "bee", "ant", "fly" };
    const cd_card card = { .classes = names, .class_count = 3 },
                  fewer = { .classes = names, .class_count = 2 }, none = { .classes = NULL };
    cd_tensor *x = cd_rand(CD_SHAPE(3, 2)), *y = cd_arange(3);
    cd_dataset *same = cd_dataset_from_tensors(x, y, .classes = names, .class_count = 3);
    cd_dataset *order = cd_dataset_from_tensors(x, y, .classes = other, .class_count = 3);
    assert_true(cd_card_fits(&card, same));
    assert_true(cd_card_fits(&none, same));
    assert_true(cd_card_fits(&none, cd_dataset_from_tensors(x, x)));
    assert_false(cd_card_fits(&card, order));
    assert_failed_with(CD_ERR_FORMAT, "the model");
    assert_false(cd_card_fits(&fewer, same));
    assert_failed_with(CD_ERR_FORMAT, "fly");
    assert_false(cd_card_fits(&card, cd_dataset_from_tensors(x, x)));
    assert_failed_with(CD_ERR_FORMAT, "the model");
    assert_false(cd_card_fits(NULL, same));
    assert_failed_with(CD_ERR_ARGUMENT, "the card is NULL");
    assert_false(cd_card_fits(&card, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the data set is NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_an_mlp),
        TEST(makes_a_resnet18),
        TEST(every_name_is_known),
        TEST(refuses_an_unknown_name),
        TEST(refuses_options_that_are_not_right),
        TEST(a_saved_model_comes_back),
        TEST(the_card_comes_back),
        TEST(a_card_with_nothing_but_a_name_comes_back),
        TEST(a_card_outlives_its_scope_when_kept),
        TEST(odd_class_names_come_back),
        TEST(fields_of_the_training_record_are_found),
        TEST(a_card_of_an_earlier_version_reads_the_same),
        TEST(other_readers_find_their_key),
        TEST(save_refuses_cards_that_do_not_fit),
        TEST(load_refuses_damaged_cards),
        TEST(load_refuses_tensors_that_do_not_fit),
        TEST(a_small_file_cannot_ask_for_much_memory),
        TEST(many_names_take_little_memory),
        TEST(a_file_without_a_card_is_said_so),
        TEST(it_tells_whether_a_data_set_has_its_classes),
        TEST(every_allocation_may_fail),
    };
    return RUN(tests);
}
