/* Options by their tables (nn/option.h): they are completed, checked, printed, written as JSON and
 * read from it as the table says. */
#include "goldens.h"

#include "core/memory_internal.h"
#include "models/card.h"
#include "models/model_class_internal.h"
#include "models/models.h"
#include "modules.h"
#include "options_json.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

/* --- tables of options ------------------------------------------------------------------------ */

typedef struct many_options {
    int64_t integer, square[2], length, pair[2], needed;
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
    { "square", FIELD(square, WINDOW), .shown = CD_SHOWN_CHANGED, .choices = colours },
    { "length", FIELD(length, LENGTH), .shown = CD_SHOWN_CHANGED, .choices = colours },
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
    assert_true(o.square[0] == 0 && o.square[1] == 0);
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
    expect_refused((many_options){ .square = { -1, -1 } }, CD_ERR_ARGUMENT,
                   "many: .square is -1, and must be 0 or more");
    expect_refused((many_options){ .square = { 1, INT64_MIN } }, CD_ERR_ARGUMENT,
                   "many: .square[1] is -9223372036854775808");
    expect_refused((many_options){ .length = INT64_MIN + 2 }, CD_ERR_ARGUMENT,
                   "many: .length is -9223372036854775806, and must be 0 or more");
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
                        .square = { 2, 2 },
                        .length = 3,
                        .pair = { 5, 6 },
                        .needed = -1,
                        .sizes = sizes,
                        .size_count = 2,
                        .real = CD_ZERO,
                        .truth = true,
                        .no_truth = true,
                        .reduction = CD_NONE,
                        .choice = 1 };
    expect_text(
        &o, "4, square=(2, 2), length=(3,), pair=(5, 6), needed=-1, sizes=[256, 128], real=0.0, "
            "truth=True, not_truth=False, fixed=yes, reduction=none, choice='blue'");
    char cut[8];
    cd_options_text(many, &o, cut, sizeof cut);
    assert_string_equal(cut, "4, squa");
    o = (many_options){ .square = { 2, 3 }, .length = INT64_MIN + 1, .needed = 1 };
    assert_true(cd_options_fill(many, &o, "many"));
    expect_text(&o, "3, square=(2, 3), length=blue, pair=(0, 0), needed=1, sizes=[], "
                    "not_truth=True, fixed=yes, reduction=mean, choice='red'");
}

/* --- options as JSON -------------------------------------------------------------------------- */

static void options_come_back_from_json(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char text[] =
        "{\"integer\": 4, \"square\": [2, 5], \"length\": \"red\", \"pair\": [5, 6], \"needed\": "
        "-1, \"sizes\": [256, 128], "
        "\"real\": 0.0, \"truth\": true, \"not_truth\": false, \"dtype\": \"float64\", "
        "\"reduction\": \"sum\", \"choice\": \"blue\", \"tensor\": {\"shape\": [2, 3], \"dtype\": "
        "\"float64\"}}";
    many_options o = { .integer = 0 };
    assert_true(read_json(many, &o, text));
    assert_true(cd_options_fill(many, &o, "many"));
    assert_true(o.square[0] == 2 && o.square[1] == 5 && o.length == INT64_MIN);
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
    expect_json_refused("{\"square\": [1]}",
                        "\"square\" must be one or two whole numbers, 0 or more, "
                        "or \"red\" or \"blue\"");
    expect_json_refused("{\"square\": \"green\"}", "\"square\" must be");
    expect_json_refused("{\"length\": [1, 1]}", "\"length\" must be a whole number, 0 or more");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return RUN(tests);
}
