/* Saved models: cd_save_model refuses a model that could not be loaded again, and cd_load_model a
 * file that would need too much memory. */
#include "test.h"

#include <candela.h>

#include "core/memory_internal.h"
#include "models/model_class_internal.h"

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* --- tensors ---------------------------------------------------------------------------------- */

static void save_refused(cd_module *m, const char *architecture, const char *options)
{
    const char *path = in_folder("refused");
    const cd_card card = { .architecture = architecture, .options = options };
    assert_false(cd_save_model(m, &card, path));
    assert_failed_with(CD_ERR_ARGUMENT, "the names and shapes");
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_module_of_other_shapes_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    /* Module and card have the same number of elements: 15, 27 and 25. */
    save_refused(cd_mlp(2, 5), "mlp", "{\"inputs\": 4, \"outputs\": 3}");
    const int64_t hidden[] = { 5, 4 };
    save_refused(cd_mlp(2, 2, .hidden = hidden, .hidden_count = 1), "mlp",
                 "{\"inputs\": 8, \"outputs\": 3}");
    save_refused(cd_mlp(4, 1, .hidden = hidden + 1, .hidden_count = 1), "mlp",
                 "{\"inputs\": 4, \"outputs\": 5}");
}

static void a_module_of_other_names_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    save_refused(cd_nn_linear(4, 3), "mlp", "{\"inputs\": 4, \"outputs\": 3}");
    save_refused(
        cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(4, 3, .no_bias = true), cd_nn_linear(2, 1)),
        "mlp", "{\"inputs\": 4, \"outputs\": 3}");
    int64_t elements = 11176512 + 2 * 4800 + 20 + 513; /* as a ResNet-18 with one class */
    save_refused(cd_nn_linear(elements, 1, .no_bias = true), "resnet18", "{\"num_classes\": 1}");
}

static bool fits(const cd_model_spec *spec, cd_module *m)
{
    assert_non_null(m);
    return cd_model_spec_fits(spec, m);
}

/* cd_model_spec_fits itself: cd_save_model would refuse these modules by their number of
 * elements. */
static void a_model_fits_with_all_its_layers(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_model_spec spec;
    assert_true(cd_model_spec_read(&spec, "mlp",
                                   "{\"inputs\": 4, \"hidden\": [3, 5], \"outputs\": 2}",
                                   CD_ERR_ARGUMENT, "test"));
    const int64_t hidden[] = { 3, 5, 2 };
    assert_true(fits(&spec, cd_mlp(4, 2, .hidden = hidden, .hidden_count = 2)));
    assert_false(fits(&spec, cd_mlp(4, 5, .hidden = hidden, .hidden_count = 1)));
    assert_false(fits(&spec, cd_mlp(4, 3)));
    assert_false(fits(&spec, cd_nn_sequential(cd_nn_flatten())));
    assert_false(fits(&spec, cd_mlp(4, 2, .hidden = hidden, .hidden_count = 3)));
    cd_module *without_a_bias =
        cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(4, 3), cd_nn_relu(), cd_nn_linear(3, 5),
                         cd_nn_relu(), cd_nn_linear(5, 2, .no_bias = true));
    assert_false(fits(&spec, without_a_bias));
}

static void every_kind_of_model_is_saved(void **state)
{
    (void)state;
    static const char *const made[][2] = {
        { "mlp", "{\"inputs\": 4, \"outputs\": 3}" },
        { "mlp", "{\"inputs\": 4, \"hidden\": [5, 6], \"outputs\": 3}" },
        { "resnet18", "{\"num_classes\": 2}" },
    };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        CD_SCOPE();
        const cd_card card = { .architecture = made[i][0], .options = made[i][1] };
        assert_true(cd_save_model(cd_make_model(made[i][0], made[i][1]), &card, in_folder("m")));
        assert_non_null(cd_load_model(in_folder("m")));
    }
}

/* --- memory ----------------------------------------------------------------------------------- */

static const char options[] = "{\"inputs\": 4, \"outputs\": 3}";

/* `start`, then "[]," 1.5 million times, then `end`. The caller frees the text. */
static char *long_json(const char *start, const char *end)
{
    enum { TIMES = 1500000 };
    char *text = malloc(strlen(start) + 3 * (size_t)TIMES + strlen(end) + 1);
    assert_non_null(text);
    char *to = stpcpy(text, start);
    for (int i = 0; i < TIMES; i++) to = stpcpy(to, "[],");
    (void)stpcpy(to, end);
    return text;
}

static void sixty_four_hidden_layers_are_the_most(void **state)
{
    (void)state;
    CD_SCOPE();
    char text[512] = "{\"inputs\": 1, \"outputs\": 1, \"hidden\": [1";
    for (int i = 1; i < CD_OPTIONS_SIZES_MAX; i++) strcat(text, ", 1");
    size_t length = strlen(text);
    strcat(text, "]}");
    assert_int_equal(cd_num_parameters(cd_make_model("mlp", text)), 65 * 2);
    strcpy(text + length, ", 1]}");
    assert_null(cd_make_model("mlp", text));
    assert_failed_with(CD_ERR_ARGUMENT, "hidden");
}

/* Each of these texts would need 200 MB after parsing. */
static void load_refuses_long_texts(void **state)
{
    (void)state;
    static const struct {
        const char *key, *start, *end;
    } texts[] = { { "candela.classes", "[", "0]" },
                  { "candela.training", "{\"a\": [", "0]}" },
                  { "candela.options", "{\"hidden\": [", "0]}" } };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CD_SCOPE();
        char *text = long_json(texts[i].start, texts[i].end);
        const cd_text_pair pairs[] = { { texts[i].key, text },
                                       { "candela.model", "mlp" },
                                       { "candela.options", options } };
        const char *path = in_folder("m");
        assert_true(cd_save(cd_make_model("mlp", options), path, .texts = pairs,
                            .text_count = i == 2 ? 2 : 3));
        free(text);
        assert_null(cd_load_model(path));
        assert_failed_with(CD_ERR_FORMAT, "the text is longer than 1048576 bytes");
    }
}

static void save_refuses_long_texts(void **state)
{
    (void)state;
    CD_SCOPE();
    char *training = long_json("{\"a\": [", "0]}");
    cd_card card = { .architecture = "mlp", .options = options, .training = training };
    assert_false(cd_save_model(cd_make_model("mlp", options), &card, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "training records take more than 1048576 bytes");
    card.training = NULL;
    const char *const names[] = { "a", training, "b" };
    card.classes = names;
    card.class_count = 3;
    assert_false(cd_save_model(cd_make_model("mlp", options), &card, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "names of classes take more than 1048576 bytes");
    card = (cd_card){ .architecture = "mlp", .options = options, .source = training };
    assert_false(cd_save_model(cd_make_model("mlp", options), &card, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "words on its source take more than 1048576 bytes");
    char *spaces = training; /* white space before valid options counts too */
    memset(spaces, ' ', 2 << 20);
    strcpy(spaces + (2 << 20), options);
    card = (cd_card){ .architecture = "mlp", .options = spaces };
    assert_false(cd_save_model(cd_make_model("mlp", options), &card, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "options take more than 1048576 bytes");
    free(training);
    assert_int_not_equal(access(in_folder("m"), F_OK), 0);
}

static void the_longest_text_is_saved_and_loaded(void **state)
{
    (void)state;
    CD_SCOPE();
    enum { LONGEST = 1 << 20 };
    char *source = malloc(LONGEST + 2);
    assert_non_null(source);
    memset(source, 's', LONGEST + 1);
    source[LONGEST + 1] = '\0';
    cd_card card = { .architecture = "mlp", .options = options, .source = source }, *back = NULL;
    assert_false(cd_save_model(cd_make_model("mlp", options), &card, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "words on its source take more than 1048576 bytes");
    source[LONGEST] = '\0';
    assert_true(cd_save_model(cd_make_model("mlp", options), &card, in_folder("m")));
    assert_non_null(cd_load_model(in_folder("m"), .card = &back));
    assert_string_equal(back->source, source);
    free(source);
}

static int64_t allowed;

static bool fail_after(size_t bytes)
{
    (void)bytes;
    return allowed-- <= 0;
}

/* Whichever allocation fails, the file is either written whole or not at all. */
static void every_allocation_of_a_save_may_fail(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const classes[] = { "a", "b", "c" };
    const cd_card card = { .architecture = "mlp",
                           .options = options,
                           .classes = classes,
                           .class_count = 3,
                           .preprocess = cd_preprocess_imagenet,
                           .training = "{}" };
    cd_module *m = cd_make_model("mlp", options);
    bool done = false;
    for (int64_t n = 0; n < 2000 && !done; n++) {
        allowed = n;
        cd_memory_fault_hook = fail_after;
        done = cd_save_model(m, &card, in_folder("m"));
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
        assert_int_equal(access(in_folder("m"), F_OK) == 0, done);
    }
    assert_true(done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_module_of_other_shapes_is_refused),
        TEST(a_module_of_other_names_is_refused),
        TEST(a_model_fits_with_all_its_layers),
        TEST(every_kind_of_model_is_saved),
        TEST(sixty_four_hidden_layers_are_the_most),
        TEST(load_refuses_long_texts),
        TEST(save_refuses_long_texts),
        TEST(the_longest_text_is_saved_and_loaded),
        TEST(every_allocation_of_a_save_may_fail),
    };
    return RUN(tests);
}
