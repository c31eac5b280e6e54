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

/* A tensor or a layer more or less is noticed also where all options are the same: here a buffer
 * that was registered in one of the two, and a last ReLU. */
static void a_model_fits_with_all_its_tensors(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char text[] = "{\"inputs\": 4, \"outputs\": 2}";
    cd_module *plain = cd_mlp(4, 2), *more = cd_mlp(4, 2), *other = cd_mlp(4, 2);
    assert_true(cd_register_buffer(more, "extra", NULL, cd_zeros(CD_SHAPE(1))));
    assert_true(cd_register_buffer(other, "extra", NULL, cd_zeros(CD_SHAPE(2))));
    cd_model_spec spec;
    assert_true(cd_model_spec_read(&spec, "mlp", text, CD_ERR_ARGUMENT, "test"));
    assert_true(fits(&spec, plain));
    assert_false(fits(&spec, more));
    assert_true(cd_register_buffer(spec.meta, "extra", NULL, cd_ones(CD_SHAPE(1))));
    spec.tensors++;
    assert_false(fits(&spec, plain));
    assert_true(fits(&spec, more));
    assert_false(fits(&spec, other)); /* of another shape */
    assert_true(cd_model_spec_read(&spec, "mlp", text, CD_ERR_ARGUMENT, "test"));
    assert_true(cd_register_child(spec.meta, "2", NULL, cd_nn_relu()));
    spec.modules++;
    assert_false(fits(&spec, plain));
}

/* --- layers ----------------------------------------------------------------------------------- */

static bool hand_on(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static const cd_module_class other_class = {
    .name = "ResNet", .size = sizeof(cd_module), .inputs = 1, .forward = hand_on
};

/* A module of another class with all children of a ResNet-18 has its tensors, and is none. */
static void a_module_of_another_class_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const names[] = { "conv1",  "bn1",    "relu",   "maxpool", "layer1",
                                         "layer2", "layer3", "layer4", "avgpool", "fc" };
    static const char card_options[] = "{\"num_classes\": 2}";
    cd_module *resnet = cd_resnet18(.num_classes = 2), *other = cd_module_new(&other_class);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(cd_register_child(other, names[i], NULL, cd_module_get(resnet, names[i])));
    }
    save_refused(other, "resnet18", card_options);
    /* A child of another class, or of the same class with other options. */
    assert_true(cd_module_set(resnet, "layer2.0.relu", cd_module_new(&other_class)));
    save_refused(resnet, "resnet18", card_options);
    assert_true(cd_module_set(resnet, "layer2.0.relu", cd_nn_relu()));
    assert_true(cd_module_set(resnet, "maxpool", cd_nn_max_pool2d(3, .stride = 2)));
    save_refused(resnet, "resnet18", card_options);
    assert_true(cd_module_set(resnet, "maxpool", cd_nn_max_pool2d(3, .stride = 2, .padding = 1)));
    const cd_card card = { .architecture = "resnet18", .options = card_options };
    assert_true(cd_save_model(resnet, &card, in_folder("m")));
}

static cd_module *sequential_of(const char *const *names, cd_module *const *children, int count)
{
    cd_module *m = cd_nn_sequential_n(NULL, 0);
    for (int i = 0; i < count; i++) {
        assert_true(cd_register_child(m, names[i], NULL, children[i]));
    }
    return m;
}

/* A Sequential calls its children in the order of registering, whatever their names are. */
static void the_order_of_the_layers_counts(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char square[] = "{\"inputs\": 2, \"hidden\": [2], \"outputs\": 2}";
    const cd_card card = { .architecture = "mlp", .options = square };
    cd_module *flatten = cd_nn_flatten(), *relu = cd_nn_relu(), *a = cd_nn_linear(2, 2);
    cd_module *b = cd_nn_linear(2, 2), *last = cd_nn_relu();
    cd_module *const children[] = { flatten, a, relu, b, last };
    static const char *const in_order[] = { "0", "1", "2", "3", "4" }, *const swapped[] = {
        "0", "3", "2", "1"
    };
    save_refused(sequential_of(swapped, children, 4), "mlp", square);
    save_refused(sequential_of(in_order, children, 5), "mlp", square); /* a ReLU too many */
    save_refused(cd_nn_sequential(flatten, a, cd_nn_flatten(), b), "mlp", square);
    /* A network that is built equal by hand is saved and computes the same when it is loaded. */
    cd_module *built = sequential_of(in_order, children, 4);
    assert_true(cd_save_model(built, &card, in_folder("m")));
    cd_tensor *x = cd_randn(CD_SHAPE(3, 2)), *y = cd_forward(built, x);
    cd_tensor *z = cd_forward(cd_load_model(in_folder("m")), x);
    float expected[6], got[6];
    assert_true(cd_read(y, expected, sizeof expected) && cd_read(z, got, sizeof got));
    assert_memory_equal(got, expected, sizeof got);
    /* Numbers of another dtype are converted when they are loaded. */
    assert_true(cd_save_model(cd_nn_sequential(flatten, cd_nn_linear(2, 2, .dtype = CD_F64), relu,
                                               cd_nn_linear(2, 2, .dtype = CD_F64)),
                              &card, in_folder("m")));
    assert_non_null(cd_load_model(in_folder("m")));
}

/* --- captured graphs -------------------------------------------------------------------------- */

typedef bool act_function(void);

/* A captured graph of an addition, during which `act` is called, as text; the caller frees it. */
static char *graph_with(act_function *act)
{
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_true(act());
    cd_tensor *y = cd_add(x, x);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    assert_true(f && cd_print_graph(f, g));
    assert_int_equal(fclose(f), 0);
    return text;
}

static void expect_same_graph(act_function *one, act_function *other)
{
    char *first = graph_with(one), *second = graph_with(other);
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static bool do_nothing(void)
{
    return true;
}

static bool load_a_card(void)
{
    return cd_load_card(in_folder("m")) != NULL;
}

static bool load_a_model(void)
{
    assert_null(cd_load_model(in_folder("m")));
    assert_failed_with(CD_ERR_UNSUPPORTED, "load_model: a graph is being captured");
    return true;
}

static cd_module *captured_module;

static bool save_a_model(void)
{
    const cd_card card = { .architecture = "mlp", .options = "{\"inputs\": 4, \"outputs\": 3}" };
    assert_false(cd_save_model(captured_module, &card, in_folder("m")));
    assert_failed_with(CD_ERR_UNSUPPORTED, "save: a graph is being captured");
    return true;
}

static bool make_by_name(void)
{
    return cd_make_model("mlp", "{\"inputs\": 4, \"outputs\": 3}") != NULL;
}

static bool make_by_function(void)
{
    return cd_mlp(4, 3) != NULL;
}

/* The model that is made to find out the sizes is no part of a captured graph. */
static void measuring_is_not_captured(void **state)
{
    (void)state;
    CD_SCOPE();
    captured_module = cd_mlp(4, 3);
    const cd_card card = { .architecture = "mlp", .options = "{\"inputs\": 4, \"outputs\": 3}" };
    assert_true(cd_save_model(captured_module, &card, in_folder("m")));
    expect_same_graph(load_a_card, do_nothing);
    expect_same_graph(load_a_model, do_nothing);
    expect_same_graph(save_a_model, do_nothing);
    expect_same_graph(make_by_name, make_by_function);
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
        TEST(a_model_fits_with_all_its_tensors),
        TEST(a_module_of_another_class_is_refused),
        TEST(the_order_of_the_layers_counts),
        TEST(measuring_is_not_captured),
        TEST(every_kind_of_model_is_saved),
        TEST(sixty_four_hidden_layers_are_the_most),
        TEST(load_refuses_long_texts),
        TEST(save_refuses_long_texts),
        TEST(the_longest_text_is_saved_and_loaded),
        TEST(every_allocation_of_a_save_may_fail),
    };
    return RUN(tests);
}
