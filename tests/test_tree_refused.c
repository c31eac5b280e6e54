/* Trees of modules that are refused: hostile JSON, files whose tensors do not fit, classes that are
 * not known; and classes of one's own that are registered. */
#include "goldens.h"

#include <candela.h>
#include <pthread.h>

#include "core/memory_internal.h"
#include "models/tree_internal.h"
#include "modules.h"

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void json_refused(const char *json, const char *sentence)
{
    CD_SCOPE();
    const int64_t objects = cd_memory_stats().objects;
    assert_null(cd_module_from_json(json));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
    assert_null(cd_module_from_json(json, .device = CD_META));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
    assert_int_equal(cd_memory_stats().objects, objects);
}

#define TREE(...)   "{\"class\": \"Sequential\", \"children\": {" __VA_ARGS__ "}}"
#define RELU        "{\"class\": \"ReLU\"}"
#define LINEAR(...) "{\"class\": \"Linear\", \"options\": {" __VA_ARGS__ "}}"
#define L22         "\"in_features\": 2, \"out_features\": 2"

static void json_that_is_no_tree_is_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        { "", "module_from_json: the tree: byte 0: the JSON does not parse" },
        { "{", "byte 1: the JSON does not parse" },
        { "[]", "the root: a module must be a JSON object with a \"class\"" },
        { "{}", "the root: a module must have a \"class\"" },
        { "{\"class\": 3}", "the root: a module must have a \"class\"" },
        { "{\"class\": \"Conv9d\"}", "the root: there is no class \"Conv9d\"" },
        { "{\"class\": \"\"}", "there is no class \"\"" },
        { TREE("\"0\": 3"), "0: a module must be a JSON object" },
        { TREE("\"0\": [" RELU "]"), "0: a module must be a JSON object" },
        { TREE("\"a\": " TREE("\"b\": {\"class\": \"X\\n\"}")), "a.b: there is no class \"X\\n\"" },
        { "{\"class\": \"ReLU\", \"option\": {}}", "the root: a module has a key \"option\"" },
        { "{\"class\": \"ReLU\", \"options\": []}",
          "the root: the options of ReLU must be a JSON" },
        { "{\"class\": \"Sequential\", \"children\": []}", "\"children\" must be a JSON object" },
        { "{\"class\": \"Sequential\", \"buffers\": 1}", "\"buffers\" must be a JSON object" },
        { "{\"class\": \"ReLU\", \"frozen\": 1}", "\"frozen\" must be true or false" },
        { "{\"class\": \"ReLU\", \"options\": {\"inplace\": true, \"inplace\": true}}", "twice" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) json_refused(bad[i][0], bad[i][1]);
    assert_null(cd_module_from_json(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the JSON is NULL");
    assert_null(cd_module_from_json(RELU, .device = (cd_device)77));
    assert_failed_with(CD_ERR_DEVICE, "77 is no device");
}

static void options_that_are_wrong_are_refused_with_the_path(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        { LINEAR("\"in_features\": 2"), "the root: the option \"out_features\" must be" },
        { TREE("\"0\": " LINEAR(L22 ", \"colour\": 1")), "0: Linear has no option \"colour\"" },
        { TREE("\"0\": " LINEAR(L22 ", \"bias\": 1")), "0: the option \"bias\" must be true or" },
        { TREE("\"0\": " LINEAR(L22 ", \"dtype\": \"int64\"")), "0: the option \"dtype\" must" },
        { TREE("\"0\": " TREE("\"1\": {\"class\": \"Dropout\", \"options\": {\"p\": 2}}")),
          "0.1: the option \"p\" must be" },
        { LINEAR("\"in_features\": 1e3, \"out_features\": 2"), "\"in_features\" must be a whole" },
        { LINEAR("\"in_features\": -1, \"out_features\": 2"), "\"in_features\" must be" },
        { LINEAR("\"in_features\": 9223372036854775807, \"out_features\": 9223372036854775807"),
          "the root: the Linear cannot be made: empty: shape" },
        { LINEAR("\"in_features\": 9223372036854775808, \"out_features\": 2"), "too large" },
        { "{\"class\": \"GELU\", \"options\": {\"approximate\": 1}}", "\"approximate\" must be" },
        { "{\"class\": \"Conv2d\", \"options\": {\"in_channels\": 1, \"out_channels\": 1, "
          "\"kernel_size\": [1, 2, 3]}}",
          "the root: the option \"kernel_size\" must be one or two" },
        { TREE("\"conv\": {\"class\": \"Conv2d\", \"options\": {\"in_channels\": 3, "
               "\"out_channels\": 4, \"kernel_size\": 1, \"groups\": 2}}"),
          "conv: the Conv2d cannot be made: nn_conv2d: " },
        { "{\"class\": \"NLLLoss\", \"options\": {\"weight\": {\"shape\": [1], \"dtype\": \"x\"}}}",
          "\"weight\" must be the \"shape\" and the \"dtype\"" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) json_refused(bad[i][0], bad[i][1]);
}

static void names_that_are_wrong_are_refused(void **state)
{
    (void)state;
    json_refused(TREE("\"a.b\": " RELU), "the root: \"a.b\" is no name");
    json_refused(TREE("\"0\": " TREE("\"\": " RELU)), "0: \"\" is no name");
    json_refused(TREE("\"0\": " RELU ", \"0\": " RELU), "the key \"0\" twice");
    json_refused("{\"class\": \"Linear\", \"options\": {" L22 "}, \"children\": {\"weight\": " RELU
                 "}}",
                 "\"weight\" is the name of a child and of a tensor");
    json_refused("{\"class\": \"Sequential\", \"buffers\": {\"a.b\": null}}", "\"a.b\" is no name");
    json_refused("{\"class\": \"Sequential\", \"buffers\": {\"a\": null}, \"parameters\": {\"a\": "
                 "{\"shape\": [], \"dtype\": \"float32\"}}}",
                 "the root: \"a\" is not a buffer that the Sequential has");
    char *json = malloc(2000);
    assert_non_null(json);
    char name[1100];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    (void)snprintf(json, 2000, TREE("\"%s\": " RELU), name);
    json_refused(json, "the path of a child is longer than 1023 bytes");
    free(json);
}

static void children_in_another_order_are_refused(void **state)
{
    (void)state;
    json_refused(
        "{\"class\": \"TransformerEncoderLayer\", \"options\": {\"d_model\": 2, \"nhead\": "
        "1}, \"children\": {\"linear2\": " RELU ", \"linear1\": " RELU "}}",
        "the child \"linear1\" must stand in the order");
    json_refused(
        "{\"class\": \"TransformerEncoderLayer\", \"options\": {\"d_model\": 2, \"nhead\": "
        "1}, \"children\": {\"new\": " RELU ", \"linear1\": " RELU "}}",
        "the child \"linear1\" must stand in the order");
}

static void a_module_cannot_be_the_same_as_one_around_it(void **state)
{
    (void)state;
    json_refused(TREE("\"0\": {\"same_as\": \"\"}"), "0: \"same_as\" is \"\", and a module cannot");
    json_refused(TREE("\"0\": " TREE("\"1\": {\"same_as\": \"0\"}")),
                 "0.1: \"same_as\" is \"0\", and a module cannot contain itself");
    json_refused(TREE("\"0\": {\"same_as\": \"1\"}, \"1\": " RELU), "a module before it");
    json_refused(TREE("\"0\": {\"same_as\": \"0\"}"),
                 "0: \"same_as\" must be the path of a module");
    json_refused(TREE("\"0\": " RELU ", \"1\": {\"same_as\": 0}"), "1: \"same_as\" must be");
    json_refused(TREE("\"0\": " RELU ", \"1\": {\"same_as\": \"0\", \"class\": \"ReLU\"}"),
                 "1: a module that is the same as another has a key \"class\"");
    json_refused(TREE("\"0\": " LINEAR(L22) ", \"1\": {\"same_as\": \"0.weight\"}"),
                 "1: \"same_as\" must be the path of a module before it");
    json_refused("{\"same_as\": \"\"}", "the root: a module must have a \"class\"");
}

/* What a class makes and what comes later cannot be tied into a circle either. */
static void no_circle_goes_through_what_a_class_makes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_from_json(
        "{\"class\": \"TransformerEncoderLayer\", \"options\": {\"d_model\": 2, \"nhead\": 1}, "
        "\"children\": {\"self_attn\": " TREE(
            "\"0\": {\"same_as\": \"linear1\"}") ", \"linear1\": "
                                                 "{\"class\": \"Linear\", \"options\": "
                                                 "{\"in_features\": 2, \"out_features\": 2048}, "
                                                 "\"children\": {\"x\": {\"same_as\": "
                                                 "\"self_attn\"}}}}}");
    assert_ok();
    /* linear1 was shared already, so the text changes another one in its place. */
    assert_ptr_not_equal(cd_module_get(m, "linear1"), cd_module_get(m, "self_attn.0"));
    assert_ptr_equal(cd_module_get(m, "linear1.x.0"), cd_module_get(m, "self_attn.0"));
}

static void tensors_that_are_wrong_are_refused(void **state)
{
    (void)state;
#define BUFFER(text_) TREE("\"0\": {\"class\": \"Identity\", \"buffers\": {\"x\": " text_ "}}")
#define WEIGHT(text_)                                                                              \
    TREE("\"l\": " LINEAR(L22) ", \"0\": {\"class\": \"Linear\", \"options\": {" L22               \
                               "}, \"parameters\": {\"weight\": " text_ "}}")
    static const char *const bad[][2] = {
        { BUFFER("3"), "0: \"x\" must be a JSON object that describes a tensor" },
        { BUFFER("{}"), "0: the \"shape\" of \"x\" must be a list" },
        { BUFFER("{\"shape\": [1]}"), "0: the \"dtype\" of \"x\" must be one such as" },
        { BUFFER("{\"shape\": [1], \"dtype\": \"float16\"}"), "0: the \"dtype\" of \"x\" must be" },
        { BUFFER("{\"shape\": [-1], \"dtype\": \"float32\"}"), "0: the \"shape\" of \"x\" must" },
        { BUFFER("{\"shape\": [1.0], \"dtype\": \"float32\"}"), "0: the \"shape\" of \"x\" must" },
        { BUFFER("{\"shape\": [4294967296, 0, 4294967296], \"dtype\": \"float32\"}"), "2^56" },
        { BUFFER("{\"shape\": [1,1,1,1,1,1,1,1,1], \"dtype\": \"float32\"}"), "at most 8 sizes" },
        { BUFFER("{\"shape\": [1], \"dtype\": \"int64\", \"requires_grad\": true}"),
          "0: \"x\" is int64, and cannot require gradients" },
        { BUFFER("{\"shape\": [1], \"dtype\": \"int64\", \"kind\": 1}"), "has a key \"kind\"" },
        { BUFFER("{\"same_as\": \"l.weight\"}"), "0: \"same_as\" is \"l.weight\", and no tensor" },
        { BUFFER("{\"same_as\": 1}"), "0: \"same_as\" must be the path of a tensor" },
        { WEIGHT("null"), "0: \"weight\" must be a JSON object" },
        { WEIGHT("{\"shape\": [3, 2]}"), "0: the class makes \"weight\" with another shape" },
        { WEIGHT("{\"dtype\": \"bool\"}"), "0: the class makes \"weight\" of float32, so it" },
        { WEIGHT("{\"same_as\": \"l.bias\"}"),
          "0: \"weight\" is 2x2 of float32, and cannot be the same as \"l.bias\"" },
        { WEIGHT("{\"same_as\": \"l\"}"), "and no tensor before it has this path" },
        { WEIGHT("{\"same_as\": \"l.weight\", \"requires_grad\": true}"), "is said there" },
        { WEIGHT("{\"same_as\": \"l.weight\", \"view\": 1}"), "\"view\" must be true or false" },
        { "{\"class\": \"Linear\", \"options\": {" L22 ", \"bias\": false}, \"parameters\": "
          "{\"bias\": {\"shape\": [2], \"dtype\": \"float32\"}}}",
          "the root: \"bias\" is not a parameter that the Linear has" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) json_refused(bad[i][0], bad[i][1]);
}

/* --- sizes ------------------------------------------------------------------------------------ */

/* A chain of Sequentials, `levels` below the root. The caller frees it. */
static char *chain(int levels, const char *last)
{
    static const char begin[] = "{\"class\":\"Sequential\",\"children\":{\"0\":";
    const size_t one = sizeof begin - 1, bytes = (size_t)levels * (one + 2) + strlen(last) + 1;
    char *json = malloc(bytes), *at = json;
    assert_non_null(json);
    for (int i = 0; i < levels; i++, at += one) memcpy(at, begin, one);
    at += strlen(strcpy(at, last));
    memset(at, '}', 2 * (size_t)levels);
    at[2 * (size_t)levels] = '\0';
    return json;
}

static void deep_trees_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    char *json = chain(64, RELU);
    cd_module *m = cd_module_from_json(json);
    assert_ok();
    char *again = cd_module_to_json(m);
    assert_ok();
    free(again);
    free(json);
    json = chain(65, RELU);
    json_refused(json, "modules are nested deeper than 64");
    free(json);
    json = chain(20000, RELU);
    json_refused(json, "modules are nested deeper than 64");
    free(json);
    /* A shared module can be too deep at its second place. */
    char *deep = chain(40, RELU), *second = chain(30, "{\"same_as\":\"a\"}");
    json = malloc(strlen(deep) + strlen(second) + 100);
    assert_non_null(json);
    (void)sprintf(json, TREE("\"a\": %s, \"b\": %s"), deep, second);
    json_refused(json, "modules are nested deeper than 64");
    free(json);
    free(deep);
    free(second);
}

/* Each level has the one before it twice: 40 levels are 2^40 paths. */
static void a_tree_cannot_stand_for_much_by_repetition(void **state)
{
    (void)state;
    char json[8000] = "{\"class\":\"ModuleDict\",\"children\":{\"0\":" RELU;
    size_t used = strlen(json);
    for (int i = 1; i < 40; i++) {
        used += (size_t)snprintf(json + used, sizeof json - used,
                                 ",\"%d\":{\"class\":\"Sequential\",\"children\":{\"a\":{"
                                 "\"same_as\":\"%d\"},\"b\":{\"same_as\":\"%d\"}}}",
                                 i, i - 1, i - 1);
    }
    (void)snprintf(json + used, sizeof json - used, "}}");
    json_refused(json, "15.a: there are more modules and tensors than");
}

static void many_modules_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    enum { MOST = 20000, EACH = 40 };
    char *json = malloc(MOST * EACH + 100), *at = json;
    assert_non_null(json);
    at += sprintf(at, "{\"class\":\"Sequential\",\"children\":{");
    for (int i = 0; i < MOST; i++) {
        at += sprintf(at, "%s\"%d\":{\"class\":\"ReLU\"}", i ? "," : "", i);
    }
    (void)sprintf(at, "}}");
    json_refused(json, "16383: there are more than 16384 modules");
    free(json);
    char *spaces = malloc(CD_TREE_TEXT + 2);
    assert_non_null(spaces);
    memset(spaces, ' ', CD_TREE_TEXT + 1);
    spaces[CD_TREE_TEXT + 1] = '\0';
    memcpy(spaces, RELU, sizeof RELU - 1);
    json_refused(spaces, "the tree takes more than 1048576 bytes");
    free(spaces);
    /* Of few bytes too. */
    json_refused("{\"class\": \"Transformer\", \"options\": {\"d_model\": 2, \"nhead\": 1, "
                 "\"num_encoder_layers\": 65536}}",
                 "there are more modules and tensors than");
    json_refused("{\"class\": \"GRU\", \"options\": {\"input_size\": 2, \"hidden_size\": 1, "
                 "\"num_layers\": 65536}}",
                 "there are more modules and tensors than");
    cd_module *m = cd_nn_sequential_n(NULL, 0);
    for (int i = 0; i < CD_TREE_MODULES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", i);
        CD_SCOPE();
        assert_true(cd_module_add(m, name, CD_CHILD, NULL, cd_nn_identity()));
    }
    assert_null(cd_module_to_json(m));
    assert_failed_with(CD_ERR_UNSUPPORTED, "more than 16384 modules to write down");
}

/* --- files ------------------------------------------------------------------------------------ */

/* A file that says it is this tree and has the tensors of m. */
static const char *file_of(cd_module *m, const char *tree)
{
    const char *path = in_folder("t.safetensors");
    const cd_text_pair texts[] = { { "candela.model", "tree" }, { "candela.options", tree } };
    assert_true(cd_save(m, path, .texts = texts, .text_count = 2));
    return path;
}

static void file_refused(cd_module *m, const char *tree, cd_code code, const char *sentence)
{
    CD_SCOPE();
    const char *path = file_of(m, tree);
    const int64_t objects = cd_memory_stats().objects;
    cd_memory_trim();
    cd_memory_reset_peak();
    const size_t before = cd_memory_stats().bytes_peak;
    assert_null(cd_load_model(path));
    assert_failed_with(code, sentence);
    assert_int_equal(cd_memory_stats().objects, objects);
    assert_true(cd_memory_stats().bytes_peak < before + (4 << 20));
}

static void files_that_do_not_fit_are_refused_before_memory_is_taken(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 2));
    file_refused(m, TREE("\"0\": " LINEAR("\"in_features\": 1000000000, \"out_features\": 2")),
                 CD_ERR_FORMAT, "holds 2000000002 numbers, and the file 6");
    file_refused(m,
                 TREE("\"0\": " LINEAR("\"in_features\": 536870912, \"out_features\": 268435456")),
                 CD_ERR_FORMAT, "a model can have at most 2^56 numbers");
    file_refused(m, TREE("\"0\": " LINEAR(L22) ", \"1\": " LINEAR(L22)), CD_ERR_FORMAT,
                 "candela.options: the modules have 4 tensors, and the file has 2");
    file_refused(m, "{\"class\": \"Transformer\", \"options\": {\"d_model\": 2, \"nhead\": 1}}",
                 CD_ERR_FORMAT, "the Transformer cannot be made: there are more modules");
    file_refused(m,
                 TREE("\"0\": {\"class\": \"NLLLoss\", \"options\": {\"weight\": {\"shape\": "
                      "[16777216], \"dtype\": \"float64\"}}}"),
                 CD_ERR_FORMAT, "holds 16777216 numbers, and the file 6");
    file_refused(m, TREE("\"0\": " LINEAR("\"in_features\": 4, \"out_features\": 1")), CD_ERR_SHAPE,
                 "load: \"0.weight\" is 2x2 in ");
    file_refused(m, TREE("\"1\": " LINEAR(L22)), CD_ERR_FORMAT, "does not fit the module");
    file_refused(m, TREE("\"0\": " LINEAR(L22 ", \"colour\": 2")), CD_ERR_FORMAT,
                 "t.safetensors: candela.options: 0: Linear has no option \"colour\"");
    file_refused(m, "{", CD_ERR_FORMAT, "candela.options: the tree: byte 1: the JSON does not");
    const cd_text_pair text = { "candela.model", "tree" };
    assert_true(cd_save(m, in_folder("n.safetensors"), .texts = &text, .text_count = 1));
    assert_null(cd_load_model(in_folder("n.safetensors")));
    assert_failed_with(CD_ERR_FORMAT, "a tree of modules needs options, its JSON");
    assert_null(cd_make_model("tree", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "a tree of modules needs options, its JSON");
}

/* --- classes of one's own --------------------------------------------------------------------- */

typedef struct gain_options {
    int64_t features;
    double factor;
} gain_options;

/* y = inner(x) * factor + shift */
typedef struct gain {
    cd_module module;
    cd_module *inner;
    cd_tensor *shift;
    gain_options options;
} gain;

static bool gain_forward(cd_module *m, const cd_arguments *a)
{
    gain *self = (gain *)m;
    a->out[0] =
        cd_add(cd_mul(cd_forward(self->inner, a->in[0]), self->options.factor), self->shift);
    return a->out[0];
}

static const cd_option gain_table[] = {
    { "features", CD_OPTION(gain_options, features, INTEGER), .required = true, .min = 1 },
    { "factor", CD_OPTION(gain_options, factor, REAL), .default_value = 1, .max = 100 },
    CD_OPTIONS_END,
};

static cd_module *gain_make(const void *options);

#define GAIN_CLASS(variable_, name_)                                                               \
    static const cd_module_class variable_ = { .name = name_,                                      \
                                               .size = sizeof(gain),                               \
                                               .inputs = 1,                                        \
                                               .forward = gain_forward,                            \
                                               CD_CLASS_OPTIONS(gain, options, gain_table),        \
                                               .make = gain_make }
GAIN_CLASS(gain_class, "Gain");
GAIN_CLASS(unknown_class, "Unknown");
GAIN_CLASS(other_gain_class, "Gain");
GAIN_CLASS(linear_class, "Linear");

static cd_module *gain_of(const cd_module_class *class_, gain_options o)
{
    if (!cd_options_fill(gain_table, &o, "gain")) return NULL;
    CD_SCOPE();
    gain *self = (gain *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    return cd_register_parameter(&self->module, "shift", &self->shift,
                                 cd_zeros(CD_SHAPE(o.features))) &&
                   cd_register_child(&self->module, "inner", &self->inner, cd_nn_identity())
               ? cd_escape(self)
               : NULL;
}

static cd_module *gain_make(const void *options)
{
    return gain_of(&gain_class, *(const gain_options *)options);
}

static void a_class_of_ones_own_is_refused_until_it_is_registered(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_card card = { .source = "test" };
    const char *path = in_folder("own.safetensors");
    cd_module *own = gain_of(&unknown_class, (gain_options){ 2, 3 });
    cd_module *m = cd_nn_sequential(cd_nn_relu(), cd_nn_sequential(own));
    assert_null(cd_module_to_json(m));
    assert_failed_with(
        CD_ERR_UNSUPPORTED,
        "module_to_json: 1.0 is of the class Unknown, which is not the library's, so "
        "it could not be made again: register it with cd_register_module_class");
    assert_false(cd_save_model(m, &card, path));
    assert_failed_with(CD_ERR_UNSUPPORTED, "save_model: 1.0 is of the class Unknown");
    assert_int_not_equal(access(path, F_OK), 0);
    json_refused(TREE("\"0\": {\"class\": \"Gain\", \"options\": {\"features\": 2}}"),
                 "0: there is no class \"Gain\": a class of one's own must be registered");
    assert_true(cd_register_module_class(&gain_class));
    own = gain_of(&gain_class, (gain_options){ .features = 2, .factor = 3 });
    m = cd_nn_sequential(cd_nn_relu(), own);
    assert_true(cd_module_set(own, "inner", cd_nn_linear(3, 2)));
    assert_true(cd_init_normal_(cd_module_tensor(own, "shift"), 0, 1));
    assert_true(cd_save_model(m, &card, path));
    cd_module *again = cd_load_model(path);
    assert_ok();
    cd_tensor *x = cd_randn(CD_SHAPE(4, 3));
    assert_true(cd_eval(m));
    assert_near(cd_forward(again, x), cd_forward(m, x), 0, 0);
    json_refused("{\"class\": \"Gain\", \"options\": {\"features\": 2, \"factor\": 101}}",
                 "the root: the option \"factor\" must be a number, from 0 to 100");
}

static cd_module *silent_make(const void *options)
{
    (void)options;
    return NULL;
}

static cd_module *wrong_make(const void *options)
{
    (void)options;
    return cd_nn_relu();
}

static cd_module *reading_make(const void *options)
{
    (void)options;
    (void)cd_item(cd_ones(CD_SCALAR));
    return cd_nn_relu();
}

static const cd_module_class silent = {
    .name = "SilentMake", .size = sizeof(cd_module), .forward = pass, .make = silent_make
};
static const cd_module_class wrong = {
    .name = "WrongMake", .size = sizeof(cd_module), .forward = pass, .make = wrong_make
};
static const cd_module_class reading = {
    .name = "ReadingMake", .size = sizeof(cd_module), .forward = pass, .make = reading_make
};

static void classes_that_cannot_be_registered_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_register_module_class(&gain_class) && cd_register_module_class(&gain_class));
    assert_false(cd_register_module_class(&other_gain_class));
    assert_failed_with(CD_ERR_ARGUMENT, "another class Gain is registered already");
    assert_false(cd_register_module_class(&linear_class));
    assert_failed_with(CD_ERR_ARGUMENT, "the library has a class Linear of its own");
    cd_module_class c = gain_class;
    c.name = "ResNet";
    assert_false(cd_register_module_class(&c));
    assert_failed_with(CD_ERR_ARGUMENT, "the library has a class ResNet of its own");
    c.name = "Fresh";
    c.make = NULL;
    assert_false(cd_register_module_class(&c));
    assert_failed_with(CD_ERR_ARGUMENT, "the class Fresh needs a make function");
    c = gain_class;
    c.size = 8;
    assert_false(cd_register_module_class(&c));
    assert_failed_with(CD_ERR_ARGUMENT, "needs the size of a struct");
    assert_false(cd_register_module_class(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "a class needs a name");
    /* A module whose class only has the name of the library's. */
    assert_null(cd_module_to_json(gain_of(&linear_class, (gain_options){ 2, 3 })));
    assert_failed_with(CD_ERR_UNSUPPORTED, "the root is of a class Linear that is not the one");
    assert_null(cd_module_to_json(gain_of(&other_gain_class, (gain_options){ 2, 3 })));
    assert_failed_with(CD_ERR_UNSUPPORTED, "the root is of a class Gain that is not the one");
}

static void make_functions_that_do_not_do_their_work_are_named(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_register_module_class(&silent) && cd_register_module_class(&wrong) &&
                cd_register_module_class(&reading));
    assert_null(cd_module_from_json("{\"class\": \"SilentMake\"}"));
    assert_failed_with(CD_ERR_ARGUMENT, "returned NULL without an error");
    assert_null(cd_module_from_json("{\"class\": \"WrongMake\"}"));
    assert_failed_with(CD_ERR_ARGUMENT, "the make function of WrongMake made a ReLU");
    assert_null(cd_module_to_json(cd_module_new(&reading)));
    assert_failed_with(CD_ERR_UNSUPPORTED, "the ReadingMake cannot be made: ");
    /* Names that the make function does not register. */
    gain *self = (gain *)gain_of(&gain_class, (gain_options){ 2, 3 });
    static cd_tensor *field;
    assert_true(cd_register_buffer(&self->module, "own", &field, cd_ones(CD_SCALAR)));
    assert_null(cd_module_to_json(cd_nn_sequential(&self->module)));
    assert_failed_with(CD_ERR_UNSUPPORTED,
                       "module_to_json: 0 (Gain): \"own\" has a field of the module's struct");
    cd_module *bare = cd_module_new(&gain_class);
    ((gain *)bare)->options = (gain_options){ 2, 3 };
    assert_null(cd_module_to_json(bare));
    assert_failed_with(CD_ERR_UNSUPPORTED, "\"shift\" is what the class's make function registers");
}

static void tensors_that_share_a_part_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *whole = cd_ones(CD_SHAPE(4)), *part = cd_slice(whole, 0, 1, 3, 1);
    cd_module *m = cd_nn_sequential_n(NULL, 0);
    assert_true(cd_register_buffer(m, "whole", NULL, whole) &&
                cd_register_buffer(m, "part", NULL, part));
    assert_null(cd_module_to_json(m));
    assert_failed_with(CD_ERR_UNSUPPORTED,
                       "the root (Sequential): \"part\" shares a part of its memory with");
    m = cd_nn_sequential_n(NULL, 0);
    assert_true(cd_register_buffer(m, "a", NULL, cd_slice(whole, 0, 0, 2, 1)) &&
                cd_register_buffer(m, "b", NULL, cd_slice(whole, 0, 2, 4, 1)));
    free(cd_module_to_json(m));
    assert_ok();
}

/* Threads that register at once: each class is registered once, and those that are found are
 * whole. */
enum { THREADS = 4, CLASSES = 20 };
static cd_module_class many[CLASSES];
static char many_names[CLASSES][16];

static void *register_all(void *arg)
{
    intptr_t failures = 0;
    (void)arg;
    for (int i = 0; i < CLASSES; i++) {
        failures += !cd_register_module_class(&many[i]);
        failures += cd_tree_class(many[i].name) != &many[i];
    }
    return (void *)failures;
}

static void threads_may_register(void **state)
{
    (void)state;
    pthread_t thread[THREADS];
    for (int i = 0; i < CLASSES; i++) {
        (void)snprintf(many_names[i], sizeof many_names[i], "Many%d", i);
        many[i] = silent;
        many[i].name = many_names[i];
    }
    for (int t = 0; t < THREADS; t++) {
        assert_int_equal(pthread_create(&thread[t], NULL, register_all, NULL), 0);
    }
    for (int t = 0; t < THREADS; t++) {
        void *failures;
        assert_int_equal(pthread_join(thread[t], &failures), 0);
        assert_ptr_equal(failures, NULL);
    }
}

/* After the other tests: it leaves no room. */
static void there_is_room_for_256_classes(void **state)
{
    (void)state;
    static cd_module_class full[257];
    static char names[257][16];
    int i = 0;
    for (; i < 257; i++) {
        (void)snprintf(names[i], sizeof names[i], "Full%d", i);
        full[i] = silent;
        full[i].name = names[i];
        if (!cd_register_module_class(&full[i])) break;
    }
    assert_in_range(i, 200, 256);
    assert_failed_with(CD_ERR_UNSUPPORTED, "there are 256 classes already");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(json_that_is_no_tree_is_refused),
        TEST(options_that_are_wrong_are_refused_with_the_path),
        TEST(names_that_are_wrong_are_refused),
        TEST(children_in_another_order_are_refused),
        TEST(a_module_cannot_be_the_same_as_one_around_it),
        TEST(no_circle_goes_through_what_a_class_makes),
        TEST(tensors_that_are_wrong_are_refused),
        TEST(deep_trees_are_refused),
        TEST(a_tree_cannot_stand_for_much_by_repetition),
        TEST(many_modules_are_refused),
        TEST(files_that_do_not_fit_are_refused_before_memory_is_taken),
        TEST(a_class_of_ones_own_is_refused_until_it_is_registered),
        TEST(classes_that_cannot_be_registered_are_refused),
        TEST(make_functions_that_do_not_do_their_work_are_named),
        TEST(tensors_that_share_a_part_are_refused),
        TEST(threads_may_register),
        TEST(there_is_room_for_256_classes),
    };
    return RUN(tests);
}
