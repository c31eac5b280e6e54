/* The classes of modules, optimizers, schedules and models: mistakes in a class are found, options
 * are completed, checked and printed as their table says, and an object that is saved as JSON can
 * be made again. */
#include "goldens.h"

#include "core/memory_internal.h"
#include "models/card.h"
#include "models/model_class_internal.h"
#include "models/models.h"
#include "modules.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

/* --- lists ------------------------------------------------------------------------------------ */

static void the_lists_have_no_fault(void **state)
{
    (void)state;
    assert_ptr_equal(cd_module_classes_fault(cd_module_classes), NULL);
    assert_ptr_equal(cd_optimizer_classes_fault(cd_optimizer_classes), NULL);
    assert_ptr_equal(cd_scheduler_classes_fault(cd_scheduler_classes), NULL);
    assert_ptr_equal(cd_model_classes_fault(cd_model_classes), NULL);
}

static cd_module *make_nothing(const void *options)
{
    (void)options;
    return NULL;
}

static cd_module_class sound_module(void)
{
    return (cd_module_class){ .name = "Sound",
                              .size = sizeof(cd_module),
                              .inputs = 1,
                              .forward = pass,
                              .make = make_nothing };
}

static void expect_module_fault(cd_module_class c, const char *sentence)
{
    const cd_module_class *const list[] = { &cd_nn_relu_class, &c, NULL };
    const char *fault = cd_module_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_modules_are_named(void **state)
{
    (void)state;
    static const cd_option broken[] = {
        { "x", .kind = CD_OPTION_REAL },
        CD_OPTIONS_END,
    };
    cd_module_class c = sound_module();
    const cd_module_class *const list[] = { &cd_nn_relu_class, &c, NULL };
    assert_ptr_equal(cd_module_classes_fault(list), NULL);
    expect_module_fault((c = sound_module(), c.name = NULL, c), "needs a name");
    expect_module_fault((c = sound_module(), c.forward = NULL, c), "needs a forward function");
    expect_module_fault((c = sound_module(), c.make = NULL, c), "needs a function that makes");
    expect_module_fault((c = sound_module(), c.size = 8, c), "needs the size of a struct");
    expect_module_fault((c = sound_module(), c.outputs = 9, c), "at most 8 outputs");
    expect_module_fault((c = sound_module(), c.name = "ReLU", c), "two classes have one name");
    expect_module_fault((c = sound_module(), c.options = broken, c), "an option has no field");
    c = sound_module();
    c.options = cd_nn_linear_class.options;
    c.options_at = sizeof(cd_module) - 4;
    c.options_bytes = 8;
    expect_module_fault(c, "must lie within its struct");
    c.options_at = SIZE_MAX - 4; /* at + bytes is 3 */
    expect_module_fault(c, "must lie within its struct");
    /* Printing a module without room for its options would read from a NULL pointer. */
    c = sound_module();
    c.options = cd_nn_linear_class.options;
    expect_module_fault(c, "reaches past the end of the options");
    assert_null(cd_module_new(&c));
    assert_failed_with(CD_ERR_ARGUMENT, "reaches past the end of the options");
    c = cd_nn_linear_class;
    c.name = "Sound";
    c.options_bytes = offsetof(cd_nn_linear_options, dtype); /* the last row's field */
    expect_module_fault(c, "reaches past the end of the options");
    static const cd_option constants[] = {
        { "fixed", .kind = CD_OPTION_CONSTANT, .text = "yes" },
        CD_OPTIONS_END,
    };
    c = sound_module();
    c.options = constants; /* needs no room */
    assert_ptr_equal(cd_module_classes_fault(list), NULL);
}

static cd_optimizer_class sound_optimizer(void)
{
    cd_optimizer_class c = cd_optim_sgd_class;
    c.name = "Sound";
    return c;
}

static void expect_optimizer_fault(cd_optimizer_class c, const char *sentence)
{
    const cd_optimizer_class *const list[] = { &cd_optim_sgd_class, &c, NULL };
    const char *fault = cd_optimizer_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_optimizers_are_named(void **state)
{
    (void)state;
    cd_optimizer_class c = sound_optimizer();
    const cd_optimizer_class *const list[] = { &cd_optim_sgd_class, &c, NULL };
    assert_ptr_equal(cd_optimizer_classes_fault(list), NULL);
    expect_optimizer_fault((c = sound_optimizer(), c.name = "", c), "needs a name");
    expect_optimizer_fault((c = sound_optimizer(), c.function = NULL, c),
                           "needs the name of the function");
    expect_optimizer_fault((c = sound_optimizer(), c.attributes = NULL, c),
                           "needs a function for its op's attributes");
    expect_optimizer_fault((c = sound_optimizer(), c.op = NULL, c), "needs the op of a step");
    expect_optimizer_fault(
        (c = sound_optimizer(), c.state[1].kind = CD_STATE_NONE, c),
        "takes the parameter, its gradient, the rate, the momentum and the state");
    expect_optimizer_fault((c = sound_optimizer(), c.options = NULL, c), "needs a table");
    expect_optimizer_fault((c = sound_optimizer(), c.name = "SGD", c), "two optimizers");
    expect_optimizer_fault((c = sound_optimizer(), c.options_bytes = 0, c), "past the end");
}

static cd_scheduler_class sound_schedule(void)
{
    cd_scheduler_class c = cd_schedule_cosine_class;
    c.name = "Sound";
    return c;
}

static void expect_schedule_fault(cd_scheduler_class c, const char *sentence)
{
    const cd_scheduler_class *const list[] = { &cd_schedule_cosine_class, &c, NULL };
    const char *fault = cd_scheduler_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_schedules_are_named(void **state)
{
    (void)state;
    cd_scheduler_class c = sound_schedule();
    const cd_scheduler_class *const list[] = { &cd_schedule_cosine_class, &c, NULL };
    assert_ptr_equal(cd_scheduler_classes_fault(list), NULL);
    expect_schedule_fault((c = sound_schedule(), c.name = NULL, c), "needs a name");
    expect_schedule_fault((c = sound_schedule(), c.function = NULL, c),
                          "needs the name of the function");
    expect_schedule_fault((c = sound_schedule(), c.rate = NULL, c), "a function for the rate");
    c = cd_schedule_chained_class;
    expect_schedule_fault((c.start = NULL, c), "needs a function for step 0");
    expect_schedule_fault((c = sound_schedule(), c.options = NULL, c), "needs a table");
    expect_schedule_fault((c = sound_schedule(), c.name = "CosineAnnealingLR", c),
                          "two schedules have one name");
    expect_schedule_fault((c = sound_schedule(), c.options_bytes = 0, c),
                          "begin with the optimizer");
    expect_schedule_fault((c = sound_schedule(), c.options_bytes = 8, c), "past the end");
}

static cd_model_class sound_model(void)
{
    cd_model_class c = cd_model_mlp_class;
    c.name = "sound";
    return c;
}

static void expect_model_fault(cd_model_class c, const char *sentence)
{
    const cd_model_class *const list[] = { &cd_model_mlp_class, &c, NULL };
    const char *fault = cd_model_classes_fault(list);
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_classes_of_models_are_named(void **state)
{
    (void)state;
    cd_model_class c = sound_model();
    const cd_model_class *const list[] = { &cd_model_mlp_class, &c, NULL };
    assert_ptr_equal(cd_model_classes_fault(list), NULL);
    expect_model_fault((c = sound_model(), c.name = NULL, c), "needs a name");
    expect_model_fault((c = sound_model(), c.make = NULL, c), "needs a function that makes one");
    expect_model_fault((c = sound_model(), c.options = NULL, c), "needs a table");
    expect_model_fault((c = sound_model(), c.options_bytes = 129, c), "CD_MODEL_OPTIONS_BYTES");
    expect_model_fault((c = sound_model(), c.outputs_at = c.options_bytes - 4, c),
                       "how many outputs");
    expect_model_fault((c = sound_model(), c.name = "mlp", c), "two models have one name");
    c = sound_model();
    c.options_bytes = offsetof(cd_mlp_options, hidden_count); /* needed by the row "hidden" */
    expect_model_fault(c, "past the end");
}

/* --- tables of options ------------------------------------------------------------------------ */

typedef struct many_options {
    int64_t integer, square, pair[2], needed;
    const int64_t *sizes;
    int size_count;
    double real;
    bool truth, no_truth;
    cd_dtype dtype;
    cd_reduction reduction;
    int choice;
    cd_tensor *tensor;
} many_options;

static const char *const colours[] = { "red", "blue", NULL };

#define FIELD(member_, kind_) CD_OPTION(many_options, member_, kind_)
static const cd_option many[] = {
    { "integer", FIELD(integer, INTEGER), .default_value = 3, .min = 1, .max = 9,
      .shown = CD_SHOWN_VALUE },
    { "square", FIELD(square, SQUARE), .shown = CD_SHOWN_CHANGED },
    { "pair", FIELD(pair, PAIR) },
    { "needed", FIELD(needed, INTEGER), .required = true, .min = -INFINITY },
    { "sizes", FIELD(sizes, SIZES), .count_offset = offsetof(many_options, size_count), .min = 1 },
    { "real", FIELD(real, REAL), .default_value = 0.5, .shown = CD_SHOWN_CHANGED },
    { "truth", FIELD(truth, BOOL), .shown = CD_SHOWN_CHANGED },
    { "not_truth", FIELD(no_truth, NEGATED) },
    { "fixed", .kind = CD_OPTION_CONSTANT, .text = "yes" },
    { "dtype", FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER },
    { "reduction", FIELD(reduction, REDUCTION) },
    { "choice", FIELD(choice, CHOICE), .choices = colours },
    { "tensor", FIELD(tensor, TENSOR), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static void expect_fault(cd_option a, cd_option b, const char *sentence)
{
    const cd_option table[] = {
        a,
        b,
        CD_OPTIONS_END,
    };
    const char *fault = cd_options_fault(table, sizeof(many_options));
    assert_that(fault && strstr(fault, sentence), "expected \"%s\", got \"%s\"", sentence,
                fault ? fault : "none");
}

static void broken_tables_are_named(void **state)
{
    (void)state;
    assert_ptr_equal(cd_options_fault(many, sizeof(many_options)), NULL);
    /* The tensor is the last field. */
    const char *fault = cd_options_fault(many, sizeof(many_options) - 1);
    assert_that(fault && strstr(fault, "past the end"), "got \"%s\"", fault ? fault : "none");
    const cd_option sound = many[1];
    expect_fault(sound, sound, "two options have one name");
    expect_fault(sound, (cd_option){ .name = "other" }, "an option has no kind");
    expect_fault(sound, (cd_option){ "other", .kind = CD_OPTION_REAL }, "an option has no field");
    expect_fault(sound, (cd_option){ "other", .kind = CD_OPTION_CONSTANT },
                 "a constant has a text");
    expect_fault(sound, (cd_option){ "other", FIELD(sizes, SIZES) }, "has no count");
    expect_fault(sound, (cd_option){ "other", FIELD(choice, CHOICE) }, "has a list of choices");
    expect_fault(sound, (cd_option){ "other", FIELD(truth, BOOL), .choices = colours },
                 "has a list of choices");
    expect_fault(sound, (cd_option){ "other", FIELD(real, REAL), .default_value = 2, .max = 1 },
                 "a default lies outside its bounds");
    expect_fault(sound, (cd_option){ "other", FIELD(integer, INTEGER), .default_value = 2 },
                 "0 is within the bounds of an integer");
}

static void defaults_are_filled_in_and_stay(void **state)
{
    (void)state;
    many_options o = { .needed = -7 }, again;
    assert_true(cd_options_fill(many, &o, "many"));
    assert_int_equal(o.integer, 3);
    assert_int_equal(o.square, 0);
    assert_close(o.real, 0.5, 0, 0);
    o.real = CD_ZERO;
    again = o;
    for (int i = 0; i < 2; i++) {
        assert_true(cd_options_fill(many, &again, "many"));
        assert_close(again.real, 0, 0, 0);
        assert_true(signbit(again.real)); /* else a third time would fill in the default */
        assert_int_equal(again.integer, 3);
        assert_int_equal(again.needed, -7);
    }
}

/* An option that has a default other than 0 keeps its CD_ZERO in the module's own options. */
static void a_zero_stays_in_the_options_of_a_module(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_module_class *c = &cd_nn_batch_norm2d_class;
    cd_module *m = cd_nn_batch_norm2d(2, .momentum = CD_ZERO, .eps = CD_ZERO);
    for (int i = 0; i < 3; i++, m = c->make(cd_module_options(m))) {
        assert_ok();
        const cd_nn_batch_norm_options *o = cd_module_options(m);
        assert_true(o->momentum == 0 && signbit(o->momentum));
        assert_true(o->eps == 0 && signbit(o->eps));
    }
}

static void expect_refused(many_options o, cd_code code, const char *sentence)
{
    assert_false(cd_options_fill(many, &o, "many"));
    assert_failed_with(code, sentence);
}

static void bounds_are_checked_by_name(void **state)
{
    (void)state;
    expect_refused((many_options){ .integer = 10 }, CD_ERR_ARGUMENT,
                   "many: .integer is 10, and must be from 1 to 9");
    expect_refused((many_options){ .integer = -1 }, CD_ERR_ARGUMENT, "many: .integer is -1");
    expect_refused((many_options){ .square = -1 }, CD_ERR_ARGUMENT,
                   "many: .square is -1, and must be 0 or more");
    expect_refused((many_options){ .pair = { 1, -2 } }, CD_ERR_ARGUMENT,
                   "many: .pair[1] is -2, and must be 0 or more");
    const int64_t sizes[] = { 4, 0 };
    expect_refused((many_options){ .sizes = sizes, .size_count = 2 }, CD_ERR_ARGUMENT,
                   "many: .sizes[1] is 0, and must be 1 or more");
    expect_refused((many_options){ .real = -0.25 }, CD_ERR_ARGUMENT,
                   "many: .real is -0.25, and must be finite and 0 or more");
    expect_refused((many_options){ .real = NAN }, CD_ERR_ARGUMENT, "many: .real is nan");
    expect_refused((many_options){ .real = INFINITY }, CD_ERR_ARGUMENT, "many: .real is inf");
    expect_refused((many_options){ .dtype = CD_I32 }, CD_ERR_DTYPE,
                   "many: .dtype is int32, and must be floating");
    expect_refused((many_options){ .reduction = (cd_reduction)3 }, CD_ERR_ARGUMENT,
                   "many: .reduction is 3, and must be CD_MEAN, CD_SUM or CD_NONE");
    expect_refused((many_options){ .reduction = (cd_reduction)-1 }, CD_ERR_ARGUMENT,
                   "many: .reduction is -1");
    expect_refused((many_options){ .choice = 2 }, CD_ERR_ARGUMENT,
                   "many: .choice is 2, and must stand for \"red\" or \"blue\"");
    expect_refused((many_options){ .choice = -1 }, CD_ERR_ARGUMENT, "many: .choice is -1");
    many_options least = { .integer = 1 }, most = { .integer = 9 };
    assert_true(cd_options_fill(many, &least, "many"));
    assert_true(cd_options_fill(many, &most, "many"));
}

/* A double cannot hold these numbers. */
static void large_integers_are_named_to_the_last_digit(void **state)
{
    (void)state;
    assert_null(cd_nn_linear(-9007199254740993, 1));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "nn_linear: in_features is -9007199254740993, and must be 0 or more");
    expect_refused((many_options){ .pair = { -9007199254740993, 1 } }, CD_ERR_ARGUMENT,
                   "many: .pair[0] is -9007199254740993, and must be 0 or more");
    const int64_t sizes[] = { INT64_MIN };
    expect_refused((many_options){ .sizes = sizes, .size_count = 1 }, CD_ERR_ARGUMENT,
                   "many: .sizes[0] is -9223372036854775808, and must be 1 or more");
}

static void an_upper_bound_alone_is_named(void **state)
{
    (void)state;
    static const cd_option table[] = {
        { "integer", FIELD(integer, INTEGER), .min = -INFINITY, .max = 9 },
        { "real", FIELD(real, REAL), .min = -INFINITY, .max = 0.5 },
        CD_OPTIONS_END,
    };
    many_options o = { .integer = 10 };
    assert_false(cd_options_fill(table, &o, "many"));
    assert_failed_with(CD_ERR_ARGUMENT, "many: .integer is 10, and must be at most 9");
    o = (many_options){ .real = 0.75 };
    assert_false(cd_options_fill(table, &o, "many"));
    assert_failed_with(CD_ERR_ARGUMENT, "many: .real is 0.75, and must be finite and at most 0.5");
}

static void expect_text(const many_options *o, const char *expected)
{
    char text[256];
    cd_options_text(many, o, text, sizeof text);
    assert_string_equal(text, expected);
}

static void options_are_printed_as_the_table_says(void **state)
{
    (void)state;
    many_options o = { .needed = 1 };
    assert_true(cd_options_fill(many, &o, "many"));
    expect_text(&o,
                "3, pair=(0, 0), needed=1, sizes=[], not_truth=True, fixed=yes, reduction=mean, "
                "choice='red'");
    const int64_t sizes[] = { 256, 128 };
    o = (many_options){ .integer = 4,
                        .square = 2,
                        .pair = { 5, 6 },
                        .needed = -1,
                        .sizes = sizes,
                        .size_count = 2,
                        .real = CD_ZERO,
                        .truth = true,
                        .no_truth = true,
                        .reduction = CD_NONE,
                        .choice = 1 };
    expect_text(&o, "4, square=(2, 2), pair=(5, 6), needed=-1, sizes=[256, 128], real=0.0, "
                    "truth=True, not_truth=False, fixed=yes, reduction=none, choice='blue'");
    char cut[8];
    cd_options_text(many, &o, cut, sizeof cut);
    assert_string_equal(cut, "4, squa");
}

/* --- options as JSON -------------------------------------------------------------------------- */

/* Reads the JSON into zeroed options. */
static bool read_json(const cd_option *table, void *options, const char *text)
{
    static int64_t sizes[CD_OPTIONS_SIZES_MAX];
    cd_json_document d;
    assert_true(cd_json_parse(&d, "test", text, CD_ERR_FORMAT));
    bool done = cd_options_from_json(table, options, sizes, d.root, "Many", CD_ERR_FORMAT, "test");
    cd_json_free(&d);
    return done;
}

static void options_come_back_from_json(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char text[] =
        "{\"integer\": 4, \"square\": 2, \"pair\": [5, 6], \"needed\": -1, \"sizes\": [256, 128], "
        "\"real\": 0.0, \"truth\": true, \"not_truth\": false, \"dtype\": \"float64\", "
        "\"reduction\": \"sum\", \"choice\": \"blue\", \"tensor\": {\"shape\": [2, 3], \"dtype\": "
        "\"float64\"}}";
    many_options o = { .integer = 0 };
    assert_true(read_json(many, &o, text));
    assert_true(cd_options_fill(many, &o, "many"));
    assert_int_equal(o.pair[1], 6);
    assert_close(o.real, 0, 0, 0);
    assert_true(o.no_truth);
    assert_int_equal(o.dtype, CD_F64);
    assert_int_equal(o.reduction, CD_SUM);
    assert_int_equal(o.choice, 1);
    assert_true(cd_shape_equal(cd_shape_of(o.tensor), CD_SHAPE(2, 3)));
    assert_int_equal(cd_dtype_of(o.tensor), CD_F64);
    char *written = cd_options_to_json(many, &o);
    assert_string_equal(written, text);
    cd_free(written);
    o = (many_options){ .integer = 0 };
    /* A REAL option accepts an integer. */
    assert_true(read_json(many, &o, "{\"needed\": 0, \"real\": 1}"));
    assert_close(o.real, 1, 0, 0);
}

static void expect_json_refused(const char *text, const char *sentence)
{
    many_options o = { .integer = 0 };
    assert_false(read_json(many, &o, text));
    assert_failed_with(CD_ERR_FORMAT, sentence);
}

static void wrong_json_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    expect_json_refused("[]", "test: the options of Many must be a JSON object");
    expect_json_refused("{}", "test: the option \"needed\" must be a whole number");
    expect_json_refused("{\"fixed\": 1}", "test: Many has no option \"fixed\"; it has integer, ");
    expect_json_refused("{\"integer\": 0}", "\"integer\" must be a whole number, from 1 to 9");
    expect_json_refused("{\"integer\": 1.5}", "\"integer\" must be a whole number");
    expect_json_refused("{\"integer\": null}", "\"integer\" is null");
    expect_json_refused("{\"integer\": {}}", "\"integer\" is an object");
    expect_json_refused("{\"square\": [1]}", "\"square\" must be a whole number, 0 or more");
    expect_json_refused("{\"pair\": [1]}", "\"pair\" must be two whole numbers");
    expect_json_refused("{\"pair\": [1, -1]}", "\"pair\" must be two whole numbers");
    expect_json_refused("{\"sizes\": [1, 0]}", "\"sizes\" must be a list of whole numbers, 1 or");
    expect_json_refused("{\"sizes\": [\"a\"]}", "\"sizes\" must be a list of whole numbers");
    expect_json_refused("{\"real\": -1.0}", "\"real\" must be a number, finite and 0 or more");
    expect_json_refused("{\"real\": true}", "\"real\" must be a number");
    expect_json_refused("{\"truth\": 1}", "\"truth\" must be true or false");
    expect_json_refused("{\"dtype\": \"int32\"}", "must be \"float32\" or \"float64\"");
    expect_json_refused("{\"choice\": \"green\"}", "must be \"red\" or \"blue\"");
    expect_json_refused("{\"choice\": 1}", "must be \"red\" or \"blue\"");
    expect_json_refused("{\"reduction\": \"all\"}", "must be \"mean\", \"sum\" or \"none\"");
}

/* An integer without bounds is asked for without mentioning any. */
static void a_number_without_bounds_is_asked_for(void **state)
{
    (void)state;
    CD_SCOPE();
    many_options o = { .integer = 0 };
    cd_error error;
    assert_false(read_json(many, &o, "{\"needed\": \"a\"}"));
    assert_true(cd_error_take(&error));
    assert_string_equal(error.message, "test: the option \"needed\" must be a whole number");
}

static void tensors_are_refused_before_they_take_memory(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char sentence[] = "test: the option \"tensor\" must be the \"shape\" and the "
                                   "\"dtype\" of a tensor of at most 8 dimensions and 16777216 "
                                   "elements";
    static const char *const shapes[] = { "[1,1,1,1,1,1,1,1,1]",
                                          "[-1]",
                                          "[16777217]",
                                          "[4096, 4097]",
                                          "[1099511627776, 1099511627776]",
                                          "[4294967296, 4294967296, 4294967296]",
                                          "[0, 1099511627776]" };
    char text[256];
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        (void)snprintf(text, sizeof text, "{\"tensor\": {\"shape\": %s, \"dtype\": \"bool\"}}",
                       shapes[i]);
        expect_json_refused(text, sentence);
    }
    expect_json_refused("{\"tensor\": {\"shape\": [1], \"dtype\": \"float\"}}", sentence);
    expect_json_refused("{\"tensor\": [1]}", sentence);
    expect_json_refused("{\"tensor\": {\"shape\": [1]}}", "\"tensor\" is an object");
    expect_json_refused("{\"tensor\": {\"shape\": 1, \"dtype\": \"bool\"}}",
                        "\"tensor\" is an object");
    expect_json_refused("{\"integer\": {\"shape\": [1], \"dtype\": \"bool\"}}",
                        "\"integer\" must be a whole number");
    many_options o = { .integer = 0 };
    assert_true(read_json(many, &o,
                          "{\"needed\": 1, \"tensor\": {\"shape\": [16777216], \"dtype\": "
                          "\"bool\"}}"));
    assert_int_equal(cd_numel(o.tensor), 1 << 24);
    assert_int_equal(cd_dtype_of(o.tensor), CD_BOOL);
}

/* --- objects made again from their options ---------------------------------------------------- */

/* A line for each tensor of a module: its name, dtype and shape. */
static bool list_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    char shape[CD_SHAPE_TEXT];
    return fprintf(user, "%s %d %s %s\n", name, (int)kind, cd_dtype_name(cd_dtype_of(t)),
                   cd_shape_text(cd_shape_of(t), shape)) > 0;
}

/* How the module is printed, and its tensors: all but the values. The caller frees the text. */
static char *describe_module(cd_module *m)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    assert_non_null(f);
    assert_true(cd_print_module(f, m) && cd_visit(m, list_tensor, f));
    assert_int_equal(fclose(f), 0);
    return text;
}

/* Options that differ from the defaults, for each class of modules.def. */
static const struct {
    const char *name, *options;
} module_samples[] = {
    { "Linear", "{\"in_features\": 3, \"out_features\": 0, \"bias\": false, "
                "\"dtype\": \"float64\"}" },
    { "Conv2d", "{\"in_channels\": 4, \"out_channels\": 6, \"kernel_size\": 5, \"stride\": 2, "
                "\"padding\": 1, \"dilation\": 3, \"groups\": 2, \"bias\": true, "
                "\"dtype\": \"float32\"}" },
    { "BatchNorm2d", "{\"num_features\": 7, \"eps\": 0.25, \"momentum\": 0.0, "
                     "\"affine\": true, \"bias\": true, \"track_running_stats\": true, "
                     "\"dtype\": \"float64\"}" },
    { "AvgPool2d", "{\"kernel_size\": [3, 2], \"stride\": [2, 1], \"padding\": [1, 0], "
                   "\"ceil_mode\": true, \"count_include_pad\": false, \"divisor_override\": 5}" },
    { "AdaptiveMaxPool2d", "{\"output_size\": [3, -1]}" },
    { "AdaptiveAvgPool1d", "{\"output_size\": 3}" },
    { "AdaptiveMaxPool1d", "{\"output_size\": 3}" },
    { "MaxPool1d",
      "{\"kernel_size\": 3, \"stride\": 2, \"padding\": 1, \"dilation\": 2, \"ceil_mode\": true}" },
    { "AvgPool1d", "{\"kernel_size\": [3], \"stride\": [2], \"padding\": [1], \"ceil_mode\": true, "
                   "\"count_include_pad\": false}" },
    { "GroupNorm", "{\"num_groups\": 2, \"num_channels\": 4, \"eps\": 0.25, \"affine\": true, "
                   "\"bias\": false, \"dtype\": \"float32\"}" },
    { "BatchNorm1d", "{\"num_features\": 3, \"eps\": 0.25, \"momentum\": 0.5, \"affine\": false, "
                     "\"bias\": false, \"track_running_stats\": false, \"dtype\": \"float32\"}" },
    { "BatchNorm3d", "{\"num_features\": 3, \"eps\": 0.25, \"momentum\": \"None\", "
                     "\"affine\": true, \"bias\": false, \"track_running_stats\": true, "
                     "\"dtype\": \"float32\"}" },
    { "ReLU", "{\"inplace\": false}" },
    { "ReLU6", "{\"inplace\": false}" },
    { "LeakyReLU", "{\"negative_slope\": 0.25, \"inplace\": false}" },
    { "ELU", "{\"alpha\": 0.5, \"inplace\": false}" },
    { "SELU", "{\"inplace\": false}" },
    { "CELU", "{\"alpha\": 0.5, \"inplace\": false}" },
    { "GELU", "{\"approximate\": \"tanh\"}" },
    { "SiLU", "{\"inplace\": false}" },
    { "Mish", "{\"inplace\": false}" },
    { "Softplus", "{\"beta\": 2.0, \"threshold\": 1.5}" },
    { "Softsign", "{}" },
    { "Softshrink", "{\"lambd\": 0.25}" },
    { "Hardshrink", "{\"lambd\": 0.25}" },
    { "Tanhshrink", "{}" },
    { "Hardswish", "{\"inplace\": false}" },
    { "Hardsigmoid", "{\"inplace\": false}" },
    { "Hardtanh", "{\"min_val\": 0.0, \"max_val\": 0.5, \"inplace\": false}" },
    { "Threshold", "{\"threshold\": 0.0, \"value\": -0.5, \"inplace\": false}" },
    { "Sigmoid", "{}" },
    { "Tanh", "{}" },
    { "LogSigmoid", "{}" },
    { "Softmax", "{\"dim\": -2}" },
    { "LogSoftmax", "{\"dim\": 0}" },
    { "Softmin", "{\"dim\": 1}" },
    { "GLU", "{\"dim\": 0}" },
    { "Identity", "{}" },
    { "PReLU", "{\"num_parameters\": 3, \"init\": 0.0, \"dtype\": \"float64\"}" },
    { "MaxPool2d", "{\"kernel_size\": 3, \"stride\": 2, \"padding\": 1, \"dilation\": 2, "
                   "\"ceil_mode\": true}" },
    { "AdaptiveAvgPool2d", "{\"output_size\": [3, 5]}" },
    { "Flatten", "{}" },
    { "Sequential", "{}" },
    { "MSELoss", "{\"reduction\": \"none\"}" },
    { "CrossEntropyLoss", "{\"weight\": {\"shape\": [4], \"dtype\": \"float32\"}, \"ignore\": "
                          "true, \"ignore_index\": -3, "
                          "\"reduction\": \"sum\"}" },
    { "BCEWithLogitsLoss",
      "{\"weight\": {\"shape\": [2], \"dtype\": \"float64\"}, \"pos_weight\": {\"shape\": [3, 2], "
      "\"dtype\": \"float32\"}, \"reduction\": \"mean\"}" },
    { "Dropout", "{\"p\": 0.25, \"inplace\": true}" },
    { "Dropout1d", "{\"p\": 0.25, \"inplace\": true}" },
    { "Dropout2d", "{\"p\": 0.25, \"inplace\": true}" },
    { "Dropout3d", "{\"p\": 0.25, \"inplace\": true}" },
    { "AlphaDropout", "{\"p\": 0.25, \"inplace\": true}" },
    { "FeatureAlphaDropout", "{\"p\": 0.25, \"inplace\": true}" },
    { "LayerNorm", "{\"normalized_shape\": [3, 2], \"eps\": 0.25, \"elementwise_affine\": true, "
                   "\"bias\": false, \"dtype\": \"float64\"}" },
    { "RMSNorm", "{\"normalized_shape\": [4], \"eps\": \"None\", \"elementwise_affine\": false, "
                 "\"dtype\": \"float32\"}" },
    { "Embedding", "{\"num_embeddings\": 5, \"embedding_dim\": 3, \"padding_idx\": 2, "
                   "\"scale_grad_by_freq\": true, \"dtype\": \"float64\"}" },
};

enum { MODULE_SAMPLES = sizeof module_samples / sizeof *module_samples };

/* The sample of a class. */
static const char *options_of(const char *name)
{
    for (int i = 0; i < MODULE_SAMPLES; i++) {
        if (strcmp(module_samples[i].name, name) == 0) return module_samples[i].options;
    }
    fail_msg("%s of nn/modules.def has no sample in module_samples", name);
    return NULL;
}

static cd_module *made_of(const cd_module_class *c, const char *options)
{
    static int64_t room[32];
    assert_true(c->options_bytes <= sizeof room);
    memset(room, 0, sizeof room);
    static const cd_option none[] = {
        CD_OPTIONS_END,
    };
    assert_true(read_json(c->options ? c->options : none, room, options));
    cd_module *m = c->make(room);
    assert_ok();
    return m;
}

static void every_module_is_made_again_from_its_saved_options(void **state)
{
    (void)state;
    int count = 0;
    for (; cd_module_classes[count]; count++) {
        CD_SCOPE();
        const cd_module_class *c = cd_module_classes[count];
        assert_ptr_equal(cd_find_module_class(c->name), c);
        cd_module *m = made_of(c, options_of(c->name));
        assert_string_equal(cd_module_name(m), c->name);
        const void *options = cd_module_options(m);
        char *written = options ? cd_options_to_json(c->options, options) : cd_strdup("{}");
        assert_string_equal(written, options_of(c->name));
        char *first = describe_module(m), *second = describe_module(made_of(c, written));
        assert_string_equal(first, second);
        free(first);
        free(second);
        cd_free(written);
    }
    assert_int_equal(count, MODULE_SAMPLES);
    assert_ptr_equal(cd_find_module_class("Nothing"), NULL);
}

/* What each module of module_samples should give, by the op with the options written out. */
static cd_tensor *linear_by_op(cd_module *m, cd_tensor *x)
{
    return cd_linear(x, cd_module_tensor(m, "weight"), NULL);
}

static cd_tensor *conv2d_by_op(cd_module *m, cd_tensor *x)
{
    return cd_conv2d(x, cd_module_tensor(m, "weight"), cd_module_tensor(m, "bias"), .stride = 2,
                     .padding = 1, .dilation = 3, .groups = 2);
}

/* Without running statistics: momentum 0 must leave the module's as they are. */
static cd_tensor *batch_norm2d_by_op(cd_module *m, cd_tensor *x)
{
    assert_near(cd_module_tensor(m, "running_mean"), cd_zeros(CD_SHAPE(7), .dtype = CD_F64), 0, 0);
    assert_near(cd_module_tensor(m, "running_var"), cd_ones(CD_SHAPE(7), .dtype = CD_F64), 0, 0);
    return cd_batch_norm(x, cd_module_tensor(m, "weight"), cd_module_tensor(m, "bias"),
                         .training = true, .eps = 0.25);
}

static cd_tensor *relu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_relu(x);
}

static cd_tensor *relu6_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_relu6(x);
}

static cd_tensor *leaky_relu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_leaky_relu(x, .negative_slope = 0.25);
}

static cd_tensor *elu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_elu(x, .alpha = 0.5);
}

static cd_tensor *selu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_selu(x);
}

static cd_tensor *celu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_celu(x, .alpha = 0.5);
}

static cd_tensor *gelu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_gelu(x, .approximate = CD_GELU_TANH);
}

static cd_tensor *silu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_silu(x);
}

static cd_tensor *mish_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_mish(x);
}

static cd_tensor *softplus_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softplus(x, .beta = 2, .threshold = 1.5);
}

static cd_tensor *softsign_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softsign(x);
}

static cd_tensor *softshrink_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softshrink(x, .lambd = 0.25);
}

static cd_tensor *hardshrink_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardshrink(x, .lambd = 0.25);
}

static cd_tensor *tanhshrink_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_tanhshrink(x);
}

static cd_tensor *hardswish_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardswish(x);
}

static cd_tensor *hardsigmoid_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardsigmoid(x);
}

static cd_tensor *hardtanh_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardtanh(x, .min_val = CD_ZERO, .max_val = 0.5);
}

static cd_tensor *threshold_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_threshold(x, 0, -0.5);
}

static cd_tensor *sigmoid_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_sigmoid(x);
}

static cd_tensor *tanh_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_tanh(x);
}

static cd_tensor *logsigmoid_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_logsigmoid(x);
}

static cd_tensor *softmax_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softmax(x, -2);
}

static cd_tensor *log_softmax_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_log_softmax(x, 0);
}

static cd_tensor *softmin_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softmin(x, 1);
}

static cd_tensor *glu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_glu(x, 0);
}

static cd_tensor *prelu_by_op(cd_module *m, cd_tensor *x)
{
    return cd_prelu(x, cd_module_tensor(m, "weight"));
}

static cd_tensor *max_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_max_pool2d(x, 3, .stride = 2, .padding = 1, .dilation = 2, .ceil_mode = true);
}

static cd_tensor *adaptive_avg_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_avg_pool2d(x, 3, 5);
}

static cd_tensor *flatten_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_flatten(x, 1, -1);
}

static cd_tensor *dropout_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout(x, .p = 0.25);
}

static cd_tensor *dropout1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout1d(x, .p = 0.25);
}

static cd_tensor *dropout2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout2d(x, .p = 0.25);
}

static cd_tensor *dropout3d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout3d(x, .p = 0.25);
}

static cd_tensor *alpha_dropout_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_alpha_dropout(x, .p = 0.25);
}

static cd_tensor *feature_alpha_dropout_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_feature_alpha_dropout(x, .p = 0.25);
}

static cd_tensor *layer_norm_by_op(cd_module *m, cd_tensor *x)
{
    return cd_layer_norm(x, CD_SHAPE(3, 2), .weight = cd_module_tensor(m, "weight"), .eps = 0.25);
}

static cd_tensor *rms_norm_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_rms_norm(x, CD_SHAPE(4));
}

static cd_tensor *embedding_by_op(cd_module *m, cd_tensor *x)
{
    return cd_embedding(x, cd_module_tensor(m, "weight"));
}

static cd_tensor *batch_norm1d_by_op(cd_module *m, cd_tensor *x)
{
    assert_null(cd_module_tensor(m, "running_mean"));
    cd_clear_error();
    return cd_batch_norm(x, NULL, NULL, .training = true, .eps = 0.25);
}

static cd_tensor *batch_norm3d_by_op(cd_module *m, cd_tensor *x)
{
    return cd_batch_norm(x, cd_module_tensor(m, "weight"), NULL, .training = true, .eps = 0.25);
}

static cd_tensor *avg_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_avg_pool2d(x, 3, .kernel_w = 2, .stride = 2, .stride_w = 1, .padding = 1,
                         .padding_w_is_zero = true, .ceil_mode = true, .exclude_padding = true,
                         .divisor_override = 5);
}

static cd_tensor *adaptive_max_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_max_pool2d(x, 3, -1);
}

static cd_tensor *adaptive_avg_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_avg_pool1d(x, 3);
}

static cd_tensor *adaptive_max_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_max_pool1d(x, 3);
}

static cd_tensor *max_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_max_pool1d(x, 3, .stride = 2, .padding = 1, .dilation = 2, .ceil_mode = true);
}

static cd_tensor *avg_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_avg_pool1d(x, 3, .stride = 2, .padding = 1, .ceil_mode = true,
                         .exclude_padding = true);
}

static cd_tensor *group_norm_by_op(cd_module *m, cd_tensor *x)
{
    return cd_group_norm(x, 2, .weight = cd_module_tensor(m, "weight"), .eps = 0.25);
}

static cd_tensor *itself(cd_module *m, cd_tensor *x)
{
    (void)m;
    return x;
}

typedef cd_tensor *by_op(cd_module *m, cd_tensor *x);

/* The module, given a copy of x that it may change, and the op give the same, with the same random
 * numbers. */
static void agrees(cd_module *m, cd_tensor *x, by_op *op)
{
    cd_manual_seed(5);
    cd_tensor *y = cd_forward(m, cd_clone(x));
    cd_manual_seed(5);
    assert_near(y, op(m, x), 0, 0);
}

/* A module that is made from its options, and another that is made from the first one's, give what
 * the op gives: forward ignores no option. The options are those of module_samples. */
static void a_module_made_again_computes_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        by_op *op;
        cd_shape shape;
        cd_dtype dtype;
    } expected[] = {
        { "Linear", linear_by_op, { .ndim = 2, .dim = { 2, 3 } }, CD_F64 },
        { "Conv2d", conv2d_by_op, { .ndim = 4, .dim = { 2, 4, 19, 17 } }, CD_F32 },
        { "BatchNorm2d", batch_norm2d_by_op, { .ndim = 4, .dim = { 3, 7, 2, 5 } }, CD_F64 },
        { "ReLU", relu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "ReLU6", relu6_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "LeakyReLU", leaky_relu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "ELU", elu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "SELU", selu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "CELU", celu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "GELU", gelu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "SiLU", silu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Mish", mish_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Softplus", softplus_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Softsign", softsign_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Softshrink", softshrink_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Hardshrink", hardshrink_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Tanhshrink", tanhshrink_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Hardswish", hardswish_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Hardsigmoid", hardsigmoid_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Hardtanh", hardtanh_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Threshold", threshold_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Sigmoid", sigmoid_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Tanh", tanh_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "LogSigmoid", logsigmoid_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Softmax", softmax_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
        { "LogSoftmax", log_softmax_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
        { "Softmin", softmin_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
        { "GLU", glu_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
        { "Identity", itself, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "PReLU", prelu_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F64 },
        { "MaxPool2d", max_pool2d_by_op, { .ndim = 4, .dim = { 2, 4, 19, 16 } }, CD_F32 },
        { "AdaptiveAvgPool2d",
          adaptive_avg_pool2d_by_op,
          { .ndim = 4, .dim = { 2, 4, 19, 17 } },
          CD_F32 },
        { "Flatten", flatten_by_op, { .ndim = 5, .dim = { 2, 2, 3, 1, 2 } }, CD_F32 },
        { "Sequential", itself, { .ndim = 1, .dim = { 9 } }, CD_F32 },
        { "Dropout", dropout_by_op, { .ndim = 2, .dim = { 9, 5 } }, CD_F32 },
        { "Dropout1d", dropout1d_by_op, { .ndim = 3, .dim = { 4, 3, 2 } }, CD_F32 },
        { "Dropout2d", dropout2d_by_op, { .ndim = 4, .dim = { 4, 3, 2, 2 } }, CD_F32 },
        { "Dropout3d", dropout3d_by_op, { .ndim = 5, .dim = { 4, 3, 2, 1, 2 } }, CD_F32 },
        { "AlphaDropout", alpha_dropout_by_op, { .ndim = 2, .dim = { 9, 5 } }, CD_F32 },
        { "FeatureAlphaDropout",
          feature_alpha_dropout_by_op,
          { .ndim = 3, .dim = { 4, 3, 2 } },
          CD_F32 },
        { "LayerNorm", layer_norm_by_op, { .ndim = 3, .dim = { 5, 3, 2 } }, CD_F64 },
        { "RMSNorm", rms_norm_by_op, { .ndim = 2, .dim = { 5, 4 } }, CD_F32 },
        { "AvgPool2d", avg_pool2d_by_op, { .ndim = 3, .dim = { 2, 6, 5 } }, CD_F32 },
        { "AdaptiveMaxPool2d",
          adaptive_max_pool2d_by_op,
          { .ndim = 3, .dim = { 2, 6, 5 } },
          CD_F32 },
        { "AdaptiveAvgPool1d",
          adaptive_avg_pool1d_by_op,
          { .ndim = 3, .dim = { 2, 6, 5 } },
          CD_F32 },
        { "AdaptiveMaxPool1d",
          adaptive_max_pool1d_by_op,
          { .ndim = 3, .dim = { 2, 6, 5 } },
          CD_F32 },
        { "MaxPool1d", max_pool1d_by_op, { .ndim = 3, .dim = { 2, 6, 8 } }, CD_F32 },
        { "AvgPool1d", avg_pool1d_by_op, { .ndim = 3, .dim = { 2, 6, 8 } }, CD_F32 },
        { "GroupNorm", group_norm_by_op, { .ndim = 3, .dim = { 3, 4, 2 } }, CD_F32 },
        { "BatchNorm1d", batch_norm1d_by_op, { .ndim = 3, .dim = { 4, 3, 2 } }, CD_F32 },
        { "BatchNorm3d", batch_norm3d_by_op, { .ndim = 5, .dim = { 2, 3, 2, 1, 2 } }, CD_F32 },
        { "Embedding", embedding_by_op, { .ndim = 2, .dim = { 2, 3 } }, CD_I64 },
    };
    CD_SCOPE();
    CD_NO_GRAD();
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        CD_SCOPE();
        const cd_module_class *c = cd_find_module_class(expected[i].name);
        assert_non_null(c);
        cd_tensor *x = expected[i].dtype == CD_I64
                           ? cd_randint(0, 3, expected[i].shape)
                           : cd_randn(expected[i].shape, .dtype = expected[i].dtype);
        cd_module *m = made_of(c, options_of(c->name)), *again = m;
        if (cd_module_options(m)) again = c->make(cd_module_options(m));
        agrees(m, x, expected[i].op);
        agrees(again, x, expected[i].op);
    }
    for (int k = 0; cd_module_classes[k]; k++) {
        const cd_module_class *c = cd_module_classes[k];
        bool found = c->inputs != 1; /* a loss: below */
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
            found |= strcmp(expected[i].name, c->name) == 0;
        }
        assert_that(found, "%s has no row in `expected`", c->name);
    }
}

/* The same for losses. */
static void a_loss_made_again_computes_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    const int64_t classes[] = { 0, 3, -3 };
    const float weights[] = { 0.5F, 2, 3, 4 }, positive[] = { 1, 2, 3, 4, 5, 6 };
    const double columns[] = { 0.25, 3 };
    cd_tensor *t = cd_from_array(classes, CD_SHAPE(3)), *w = cd_from_array(weights, CD_SHAPE(4));
    cd_tensor *p = cd_from_array(positive, CD_SHAPE(3, 2)),
              *v = cd_from_array(columns, CD_SHAPE(2));
    cd_tensor *x = cd_randn(CD_SHAPE(3, 4)), *a = cd_randn(CD_SHAPE(3, 2));
    cd_tensor *b = cd_rand(CD_SHAPE(3, 2));
    cd_module *m = made_of(&cd_nn_mse_loss_class, "{\"reduction\": \"none\"}");
    m = cd_nn_mse_loss_class.make(cd_module_options(m));
    assert_near(cd_forward(m, a, b), cd_mse_loss(a, b, .reduction = CD_NONE), 0, 0);
    m = cd_nn_cross_entropy_loss(.weight = w, .ignore = true, .ignore_index = -3,
                                 .reduction = CD_SUM);
    m = cd_nn_cross_entropy_loss_class.make(cd_module_options(m));
    assert_near(cd_forward(m, x, t),
                cd_cross_entropy(x, t, .weight = w, .ignore = true, .ignore_index = -3,
                                 .reduction = CD_SUM),
                0, 0);
    m = cd_nn_bce_with_logits_loss(.weight = v, .pos_weight = p, .reduction = CD_SUM);
    m = cd_nn_bce_with_logits_loss_class.make(cd_module_options(m));
    assert_near(cd_forward(m, a, b),
                cd_binary_cross_entropy_with_logits(a, b, .weight = v, .pos_weight = p,
                                                    .reduction = CD_SUM),
                0, 0);
}

/* Options of every optimizer, each another than the default. */
static const char *const optimizer_samples[][2] = {
    { "SGD", "{\"lr\": 0.0, \"momentum\": 0.5, \"dampening\": 0.0, \"weight_decay\": 0.125, "
             "\"nesterov\": true, \"maximize\": false}" },
    { "Adam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
              "\"weight_decay\": 0.0625, \"amsgrad\": true, \"maximize\": true}" },
    { "AdamW", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"amsgrad\": true, \"maximize\": true}" },
    { "Adamax", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
                "\"weight_decay\": 0.0625, \"maximize\": true}" },
    { "NAdam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"momentum_decay\": 0.75, "
               "\"decoupled_weight_decay\": true, \"maximize\": true}" },
    { "RAdam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"decoupled_weight_decay\": true, \"maximize\": true}" },
    { "Adagrad", "{\"lr\": 0.5, \"lr_decay\": 0.25, \"weight_decay\": 0.125, "
                 "\"initial_accumulator_value\": 0.75, \"eps\": 0.0625, \"maximize\": true}" },
    { "Adadelta", "{\"lr\": 0.5, \"rho\": 0.25, \"eps\": 0.125, \"weight_decay\": 0.0625, "
                  "\"maximize\": true}" },
    { "RMSprop", "{\"lr\": 0.5, \"alpha\": 0.25, \"eps\": 0.125, \"weight_decay\": 0.0625, "
                 "\"momentum\": 0.75, \"centered\": true, \"maximize\": true}" },
    { "Rprop", "{\"lr\": 0.5, \"etas[0]\": 0.25, \"etas[1]\": 1.5, \"step_sizes[0]\": 0.125, "
               "\"step_sizes[1]\": 2.0, \"maximize\": true}" },
    { "Lion", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"weight_decay\": 0.0625, "
              "\"maximize\": true}" },
};

static const char *sample_among(const char *const samples[][2], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(samples[i][0], name) == 0) return samples[i][1];
    }
    fail_msg("%s has no sample", name);
    return NULL;
}
#define SAMPLE(samples_, name_)                                                                    \
    sample_among((samples_), sizeof(samples_) / sizeof *(samples_), (name_))

/* Reads options, makes an optimizer of them for a module, and writes its options down. */
static void every_optimizer_is_made_again(void **state)
{
    (void)state;
    for (int i = 0; cd_optimizer_classes[i]; i++) {
        CD_SCOPE();
        const cd_optimizer_class *c = cd_optimizer_classes[i];
        const char *written = SAMPLE(optimizer_samples, c->name);
        char *read = calloc(1, c->options_bytes);
        assert_non_null(read);
        assert_true(read_json(c->options, read, written));
        cd_optimizer *o = cd_optimizer_make(c, cd_nn_linear(2, 2), read);
        assert_that(o, "%s: %s", c->name, cd_error_message());
        assert_int_equal(o->count, 2);
        char *json = cd_options_to_json(c->options, o->groups[0].options);
        assert_string_equal(json, written);
        cd_free(json);
        const cd_optimizer *again = cd_optimizer_make(c, cd_nn_linear(2, 2), o->groups[0].options);
        assert_close(cd_lr(again), cd_lr(o), 0, 0);
        assert_false(signbit(cd_lr(again)));
        free(read);
    }
}

static void sgd_is_printed(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = cd_optim_sgd(cd_nn_linear(2, 2), .lr = CD_ZERO, .momentum = 0.5,
                                   .weight_decay = 0.125, .nesterov = true);
    char text[128];
    cd_options_text(cd_optim_sgd_class.options, o->groups[0].options, text, sizeof text);
    assert_string_equal(text,
                        "lr=0.0, momentum=0.5, dampening=0.0, weight_decay=0.125, nesterov=True");
}

/* An optimizer's own options say nothing of the parameters that it was made for. */
static void sgd_over_tensors_is_made_again_for_a_module(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_optimizer_class *c = &cd_optim_sgd_class;
    cd_tensor *list[] = { cd_ones(CD_SHAPE(3), .requires_grad = true) };
    const cd_optimizer *o = cd_optim_sgd(NULL, .tensors = list, .count = 1, .lr = 0.25);
    assert_ok();
    const cd_optimizer *again = cd_optimizer_make(c, cd_nn_linear(2, 2), o->groups[0].options);
    assert_ok();
    assert_int_equal(again->count, 2);
    assert_close(cd_lr(again), 0.25, 0, 0);
}

static const char *const schedule_samples[][2] = {
    { "StepLR", "{\"step_size\": 3, \"gamma\": 0.25}" },
    { "MultiStepLR", "{\"milestones\": [2, 5], \"gamma\": 0.25}" },
    { "ExponentialLR", "{\"gamma\": 0.25}" },
    { "ConstantLR", "{\"factor\": 0.25, \"total_iters\": 3}" },
    { "LinearLR", "{\"start_factor\": 0.25, \"end_factor\": 0.75, \"total_iters\": 3}" },
    { "PolynomialLR", "{\"total_iters\": 7, \"power\": 1.5}" },
    { "CosineAnnealingLR", "{\"T_max\": 10, \"eta_min\": 0.25}" },
    { "CosineAnnealingWarmRestarts", "{\"T_0\": 3, \"T_mult\": 2, \"eta_min\": 0.25}" },
    { "OneCycleLR", "{\"max_lr\": 0.5, \"total_steps\": 10, \"pct_start\": 0.5, \"linear\": true, "
                    "\"cycle_momentum\": true, \"base_momentum\": 0.5, \"max_momentum\": 0.75, "
                    "\"div_factor\": 2.0, "
                    "\"final_div_factor\": 8.0, \"three_phase\": true}" },
    { "CyclicLR",
      "{\"base_lr\": 0.25, \"max_lr\": 0.5, \"step_size_up\": 3, \"step_size_down\": 4, "
      "\"mode\": 2, \"gamma\": 0.5, \"cycle_momentum\": true, \"base_momentum\": 0.5, "
      "\"max_momentum\": 0.75}" },
    { "ReduceLROnPlateau",
      "{\"maximum\": true, \"factor\": 0.5, \"patience\": 3, \"threshold\": 0.25, "
      "\"absolute\": true, \"cooldown\": 2, \"min_lr\": 0.125, \"eps\": 0.0625}" },
};

static void every_schedule_is_made_again(void **state)
{
    (void)state;
    for (int i = 0; cd_scheduler_classes[i]; i++) {
        CD_SCOPE();
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(2, 2), .lr = 0.5, .momentum = 0.5);
        char *read = calloc(1, c->options_bytes);
        assert_non_null(read);
        if (c->unwritable) {
            assert_null(cd_scheduler_make(c, sgd, read));
            assert_failed_with(CD_ERR_UNSUPPORTED, "cannot be made from options");
        } else {
            const char *written = SAMPLE(schedule_samples, c->name);
            assert_true(read_json(c->options, read, written));
            const cd_scheduler *s = cd_scheduler_make(c, sgd, read);
            assert_that(s, "%s: %s", c->name, cd_error_message());
            char *json = cd_options_to_json(c->options, s->options);
            assert_string_equal(json, written);
            cd_free(json);
        }
        free(read);
    }
}

static void every_model_is_made_again(void **state)
{
    (void)state;
    static const struct {
        const char *name, *options;
        int64_t outputs;
    } samples[] = { { "mlp", "{\"inputs\": 6, \"outputs\": 2, \"hidden\": [5, 4]}", 2 },
                    { "resnet18", "{\"num_classes\": 12}", 12 } };
    enum { SAMPLES = sizeof samples / sizeof *samples };
    int count = 0;
    for (; cd_model_classes[count]; count++) {
        CD_SCOPE();
        const cd_model_class *c = cd_model_classes[count];
        assert_string_equal(cd_model_names()[count], c->name);
        int k = 0;
        while (k < SAMPLES && strcmp(samples[k].name, c->name) != 0) k++;
        assert_that(k < SAMPLES, "%s of models.def has no row in `samples`", c->name);
        cd_model_spec spec;
        assert_true(cd_model_spec_read(&spec, c->name, samples[k].options, CD_ERR_FORMAT, "test"));
        char *json = cd_options_to_json(c->options, spec.options.bytes);
        assert_string_equal(json, samples[k].options);
        cd_free(json);
        cd_module *m = cd_model_spec_make(&spec, CD_META);
        assert_true(cd_model_spec_fits(&spec, m));
        assert_int_equal(spec.outputs, samples[k].outputs);
    }
    assert_int_equal(count, SAMPLES);
    assert_ptr_equal(cd_model_names()[count], NULL);
}

/* The expected sizes are torchvision's, or computed by hand. */
static void sizes_come_from_the_meta_device(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_model_spec spec;
    assert_true(cd_model_spec_read(&spec, "resnet18", NULL, CD_ERR_FORMAT, "test"));
    assert_int_equal(spec.elements, 11689512 + 2 * 4800 + 20);
    assert_int_equal(spec.tensors, 122);
    assert_true(cd_model_spec_read(&spec, "mlp",
                                   "{\"inputs\": 784, \"outputs\": 10, \"hidden\": "
                                   "[256, 128]}",
                                   CD_ERR_FORMAT, "test"));
    assert_int_equal(spec.elements, 785 * 256 + 257 * 128 + 129 * 10);
    assert_int_equal(spec.tensors, 6);
}

static void other_shapes_with_as_many_elements_do_not_fit(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_model_spec spec;
    assert_true(
        cd_model_spec_read(&spec, "mlp", "{\"inputs\": 4, \"outputs\": 2}", CD_ERR_FORMAT, "test"));
    cd_module *fits = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(4, 2));
    cd_module *reshaped = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(1, 5)); /* 10 elements */
    cd_module *renamed = cd_nn_sequential(cd_nn_linear(4, 2));
    cd_module *fewer = cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(4, 2, .no_bias = true));
    assert_true(cd_model_spec_fits(&spec, fits));
    assert_false(cd_model_spec_fits(&spec, reshaped));
    assert_false(cd_model_spec_fits(&spec, renamed));
    assert_false(cd_model_spec_fits(&spec, fewer));
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_lists_have_no_fault),
        TEST(broken_classes_of_modules_are_named),
        TEST(broken_classes_of_optimizers_are_named),
        TEST(broken_classes_of_schedules_are_named),
        TEST(broken_classes_of_models_are_named),
        TEST(broken_tables_are_named),
        TEST(defaults_are_filled_in_and_stay),
        TEST(a_zero_stays_in_the_options_of_a_module),
        TEST(bounds_are_checked_by_name),
        TEST(large_integers_are_named_to_the_last_digit),
        TEST(an_upper_bound_alone_is_named),
        TEST(options_are_printed_as_the_table_says),
        TEST(options_come_back_from_json),
        TEST(wrong_json_is_refused),
        TEST(a_number_without_bounds_is_asked_for),
        TEST(tensors_are_refused_before_they_take_memory),
        TEST(every_module_is_made_again_from_its_saved_options),
        TEST(a_module_made_again_computes_the_same),
        TEST(a_loss_made_again_computes_the_same),
        TEST(every_optimizer_is_made_again),
        TEST(sgd_is_printed),
        TEST(sgd_over_tensors_is_made_again_for_a_module),
        TEST(every_schedule_is_made_again),
        TEST(every_model_is_made_again),
        TEST(sizes_come_from_the_meta_device),
        TEST(other_shapes_with_as_many_elements_do_not_fit),
    };
    return RUN(tests);
}
