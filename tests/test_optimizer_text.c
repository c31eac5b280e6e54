/* Optimizers from a text (optim/optimizer_text.h): each text gives the options that the constructor
 * gets, and a wrong text a sentence. */
#include "test.h"

#include "core/memory_internal.h"
#include "core/scope.h"
#include "core/threads.h"
#include "models/options_json_internal.h"
#include "nn/layers.h"
#include "optim/optimizer_internal.h"
#include "optim/optimizer_text.h"

/* Another value than the default, within the bounds. */
static double another_value(const cd_option *o)
{
    static const double values[] = { 0.375, 0.625, 1.5, 2, 7 };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const double v = values[i];
        if (v != o->default_value && v >= o->min && (o->max == 0 || v <= o->max)) return v;
    }
    fail_msg("no value for %s", o->name);
    return 0;
}

static void assert_same_options(cd_optimizer *o, cd_optimizer *wanted, const char *text)
{
    assert_that(o, "%s: %s", text, cd_error_message());
    assert_that(wanted, "%s: %s", text, cd_error_message());
    assert_ptr_equal(o->class_, wanted->class_);
    char *a = cd_options_to_json(o->class_->options, o->groups[0].options);
    char *b = cd_options_to_json(o->class_->options, wanted->groups[0].options);
    assert_that(strcmp(a, b) == 0, "%s gives\n%s\nand not\n%s", text, a, b);
    assert_close(cd_lr(o), cd_lr(wanted), 0, 0);
    assert_int_equal(o->count, wanted->count);
    cd_free(a);
    cd_free(b);
}

/* The class's optimizer with one option set. */
static cd_optimizer *wanted_of(const cd_optimizer_class *c, cd_module *m, const cd_option *o,
                               double v)
{
    void *options = calloc(1, c->options_bytes);
    const cd_option_value real = { .kind = CD_VALUE_REAL, .real = v },
                          truth = { .kind = CD_VALUE_BOOL, .truth = v != 0 };
    assert_true(!o || cd_set_option(o, options, o->kind == CD_OPTION_REAL ? &real : &truth,
                                    CD_ERR_ARGUMENT, "test"));
    cd_optimizer *made = cd_optimizer_make(c, m, options);
    free(options);
    return made;
}

/* Each option of each class by PyTorch's name, by this library's, in other letters. */
static void every_option_has_a_key(void **state)
{
    (void)state;
    int options = 0, classes = 0;
    cd_module *m = cd_nn_linear(2, 3);
    for (; cd_optimizer_classes[classes]; classes++) {
        const cd_optimizer_class *c = cd_optimizer_classes[classes];
        assert_same_options(cd_optimizer_from_text(c->name, m), wanted_of(c, m, NULL, 0), c->name);
        for (const cd_option *o = c->options; o->name; o++, options++) {
            CD_SCOPE();
            if (strcmp(o->name, "nesterov") == 0) continue; /* it needs a momentum */
            const bool real = o->kind == CD_OPTION_REAL;
            const double v = real ? another_value(o) : 1;
            char text[160], upper[64];
            size_t n = 0;
            for (; o->member[n]; n++) {
                const char at = o->member[n];
                upper[n] = at == '_' ? '-' : at >= 'a' && at <= 'z' ? (char)(at - 32) : at;
            }
            upper[n] = '\0';
            const char *const keys[] = { o->name, o->member, upper };
            for (int k = 0; k < 3; k++) {
                (void)snprintf(text, sizeof text, real ? "%s %s %g" : "%s %s", c->name, keys[k], v);
                assert_same_options(cd_optimizer_from_text(text, m), wanted_of(c, m, o, v), text);
            }
        }
    }
    assert_int_equal(classes, 11);
    assert_in_range(options, 60, 100);
}

static void texts_are_the_constructors(void **state)
{
    (void)state;
    cd_module *m = cd_nn_linear(2, 3);
    const struct {
        const char *text;
        cd_optimizer *wanted;
    } cases[] = {
        { "sgd", cd_optim_sgd(m) },
        { "SGD 0.1 momentum 0.9 nesterov",
          cd_optim_sgd(m, .lr = 0.1, .momentum = 0.9, .nesterov = true) },
        { " sgd\n0 momentum .5 no-nesterov maximize true",
          cd_optim_sgd(m, .lr = CD_ZERO, .momentum = 0.5, .maximize = true) },
        { "adamw 3e-4 beta2 0.99 weight-decay 0.05",
          cd_optim_adamw(m, .lr = 3e-4, .beta2 = 0.99, .weight_decay = 0.05) },
        { "AdamW weight_decay 0", cd_optim_adamw(m, .weight_decay = CD_ZERO) },
        { "adam betas 0.5 0.75 amsgrad",
          cd_optim_adam(m, .beta1 = 0.5, .beta2 = 0.75, .amsgrad = true) },
        { "rprop etas 0.25 1.5 step_sizes 0.001 2",
          cd_optim_rprop(m, .etaminus = 0.25, .etaplus = 1.5, .least_step = 0.001,
                         .most_step = 2) },
        { "adagrad lr 0.2 initial_accumulator_value 0.5",
          cd_optim_adagrad(m, .lr = 0.2, .initial_sum = 0.5) },
        { "rms-prop 1 centered", cd_optim_rmsprop(m, .lr = 1, .centered = true) },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_same_options(cd_optimizer_from_text(cases[i].text, m), cases[i].wanted,
                            cases[i].text);
    }
}

/* What is written makes the same optimizer, whatever words it was made of. */
static void what_is_written_can_be_read(void **state)
{
    (void)state;
    cd_module *m = cd_nn_linear(2, 3);
    static const struct {
        const char *text, *written;
    } cases[] = {
        { "sgd", "sgd 0.001" },
        { "SGD lr 0.05 momentum 0.9", "sgd 0.05 momentum 0.9" },
        { "sgd 0.1 nesterov momentum .5 weight-decay 1e-4",
          "sgd 0.1 momentum 0.5 weight_decay 0.0001 nesterov" },
        { "Adam lr 1e-3 no-amsgrad", "adam 0.001" },
        { "adam betas 0.5 0.999", "adam 0.001 beta1 0.5" },
        { "adamw weight_decay 0", "adamw 0.001 weight_decay 0" },
        { "adamw weight_decay 0.01 maximize", "adamw 0.001 maximize" },
        { "sgd 0", "sgd 0" },
        { "rprop etas 0.25 1.5 step_sizes 0.001 2",
          "rprop 0.01 etaminus 0.25 etaplus 1.5 least_step 0.001 most_step 2" },
        { "adam 0.1 eps 1e-300", "adam 0.1 eps 1e-300" },
    };
    char text[CD_OPTIMIZER_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CD_SCOPE();
        cd_optimizer *o = cd_optimizer_from_text(cases[i].text, m);
        assert_string_equal(cd_optimizer_to_text(o, text, sizeof text), cases[i].written);
        assert_same_options(cd_optimizer_from_text(text, m), o, text);
    }
    for (int k = 0; cd_optimizer_classes[k]; k++) {
        const cd_optimizer_class *c = cd_optimizer_classes[k];
        for (const cd_option *row = c->options; row->name; row++) {
            CD_SCOPE();
            if (strcmp(row->name, "nesterov") == 0) continue;
            const double v = row->kind == CD_OPTION_REAL ? another_value(row) : 1;
            cd_optimizer *o = wanted_of(c, m, row, v);
            assert_non_null(cd_optimizer_to_text(o, text, sizeof text));
            assert_same_options(cd_optimizer_from_text(text, m), o, text);
        }
    }
    cd_optimizer *o = cd_optim_sgd(m, .momentum = 0.9);
    assert_true(cd_set_lr(o, 0.25));
    assert_string_equal(cd_optimizer_to_text(o, text, sizeof text), "sgd 0.25 momentum 0.9");
    assert_string_equal(cd_optimizer_to_text(o, text, 12), "sgd 0.25 mo");
    assert_null(cd_optimizer_to_text(o, text, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "optimizer_to_text: the text is NULL, or has no room");
    assert_null(cd_optimizer_to_text(NULL, text, sizeof text));
    assert_failed_with(CD_ERR_ARGUMENT, "optimizer_to_text: the optimizer is NULL");
}

/* --- settings --------------------------------------------------------------------------------- */

#define DEFAULT(option_, value_)                                                                   \
    {                                                                                              \
        .option = option_, .value = value_                                                         \
    }
#define GIVEN(option_, value_, by_)                                                                \
    {                                                                                              \
        .option = option_, .value = value_, .given_by = by_                                        \
    }
#define WITH(text_, ...)                                                                           \
    cd_optimizer_from_text(                                                                        \
        text_, m, .settings = (cd_optimizer_setting[]){ __VA_ARGS__ },                             \
        .setting_count =                                                                           \
            (int)(sizeof((cd_optimizer_setting[]){ __VA_ARGS__ }) / sizeof(cd_optimizer_setting)))

static void settings_meet_the_text(void **state)
{
    (void)state;
    cd_module *m = cd_nn_linear(2, 3);
    /* The program's defaults: the text overrides them, and what an optimizer has not is ignored. */
    assert_same_options(WITH("sgd", DEFAULT("lr", 0.05), DEFAULT("momentum", 0.9)),
                        cd_optim_sgd(m, .lr = 0.05, .momentum = 0.9), "defaults");
    assert_same_options(WITH("sgd 0.1", DEFAULT("lr", 0.05), DEFAULT("momentum", 0.9)),
                        cd_optim_sgd(m, .lr = 0.1, .momentum = 0.9), "a default and a text");
    assert_same_options(WITH("adam", DEFAULT("lr", 0.05), DEFAULT("momentum", 0.9)),
                        cd_optim_adam(m, .lr = 0.05), "a default that Adam has not");
    /* What the user gave elsewhere goes before them, in any order, and 0 is 0. */
    assert_same_options(
        WITH("sgd", DEFAULT("lr", 0.05), GIVEN("lr", 0.2, "--lr"), DEFAULT("lr", 0.3)),
        cd_optim_sgd(m, .lr = 0.2), "a flag and a default");
    assert_same_options(WITH("adamw", GIVEN("weight-decay", 0, "--weight-decay")),
                        cd_optim_adamw(m, .weight_decay = CD_ZERO), "a flag of 0");
    assert_same_options(WITH("sgd momentum 0.5", GIVEN("nesterov", 1, "--nesterov")),
                        cd_optim_sgd(m, .momentum = 0.5, .nesterov = true), "a truth");
}

static void settings_that_contradict_are_refused(void **state)
{
    (void)state;
    cd_module *m = cd_nn_linear(2, 3);
    assert_null(WITH("sgd 0.1", GIVEN("lr", 0.1, "--lr")));
    assert_failed_with(CD_ERR_ARGUMENT, "optimizer_from_text: \"sgd\": its lr is given twice, in "
                                        "the text and by --lr: leave one out");
    assert_null(WITH("sgd", GIVEN("lr", 0.1, "--lr"), GIVEN("lr", 0.2, "--rate")));
    assert_failed_with(CD_ERR_ARGUMENT, "given twice, in another setting and by --rate");
    assert_null(WITH("adam", GIVEN("momentum", 0.9, "--momentum")));
    assert_failed_with(CD_ERR_ARGUMENT, "\"adam\": --momentum gives it a \"momentum\", which it "
                                        "has not; it takes [LR] [beta1 X]");
    assert_null(WITH("adam", GIVEN("lr", -1, "--lr")));
    assert_failed_with(CD_ERR_ARGUMENT, "optimizer_from_text: --lr: the option \"lr\" must be");
    assert_null(WITH("adam", DEFAULT("lr", (double)NAN)));
    assert_failed_with(CD_ERR_ARGUMENT, ".settings[0] must have");
    assert_null(WITH("adam", DEFAULT(NULL, 1)));
    assert_failed_with(CD_ERR_ARGUMENT, ".settings[0] must have");
    assert_null(cd_optimizer_from_text("adam", m, .setting_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, ".settings is NULL");
}

/* --- wrong texts ------------------------------------------------------------------------------ */

static void wrong_texts_are_refused(void **state)
{
    (void)state;
    cd_module *m = cd_nn_linear(2, 3);
    const struct {
        const char *text, *message;
    } cases[] = {
        { "", "there is no optimizer \"\" (column 1); the words are sgd, adam, adamw, adamax" },
        { " adm", "there is no optimizer \"adm\" (column 2), did you mean \"adam\"?; the words" },
        { "0.1", "there is no optimizer \"0.1\" (column 1)" },
        { "adam 1 2", "\"adam\": 2 numbers behind the word (before column 9), of which 1 is used" },
        { "adam 1 lr 2", "\"adam\": \"lr\" is given twice, the second time before column 8" },
        { "adam beta1 0.5 betas 0.5 0.5", "\"beta1\" is given twice" },
        { "adam betas 0.5 0.5 beta2 0.5", "\"beta2\" is given twice" },
        { "adam betas 0.5", "\"betas\" has 1 number (before column 15), and must have 2" },
        { "adam beta2 1", "the option \"betas[1]\" must be a number, 0 or more and below 1" },
        { "adam weight-decy 1", "it has no \"weight-decy\" (column 6), did you mean "
                                "\"weight_decay\"?; it takes [LR] [beta1 X] [beta2 X]" },
        { "adam -1", "the option \"lr\" must be a number, finite and 0 or more" },
        { "adam lr", "\"lr\" (before column 8) has no value; it takes" },
        { "adam lr fast", "\"lr\" (before column 9) has no value, and \"fast\" is none" },
        { "adam 1e999", "it has no \"1e999\" (column 6)" },
        { "adam amsgrad 1", "it has no \"1\" (column 14)" },
        { "adam(0.1)", "there is no optimizer \"adam(0.1)\" (column 1); a text has spaces in" },
        { "adam lr=0.1", "it has no \"lr=0.1\" (column 6); a text has spaces in place of" },
        { "adam, sgd", "there is a comma (column 5), and a text is one optimizer" },
        { "sgd nesterov", "\"sgd\": optim_sgd: .nesterov needs a .momentum" },
        { "sgd no-momentum", "it has no \"no-momentum\" (column 5)" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_that(!cd_optimizer_from_text(cases[i].text, m), "%s is taken", cases[i].text);
        assert_failed_with(CD_ERR_ARGUMENT, cases[i].message);
    }
    assert_null(cd_optimizer_from_text("LBFGS", m));
    assert_failed_with(CD_ERR_UNSUPPORTED, "there is no LBFGS: its step calls a closure");
    assert_null(cd_optimizer_from_text("sparse-adam", m));
    assert_failed_with(CD_ERR_UNSUPPORTED, "there is no SparseAdam: it is for sparse gradients");
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    char text[CD_OPTIMIZER_TEXT + 1], usage[128];
    assert_null(cd_optimizer_from_text(NULL, cd_nn_linear(1, 1)));
    assert_failed_with(CD_ERR_ARGUMENT, "the text is NULL");
    assert_null(cd_optimizer_from_text("sgd", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the module is NULL");
    memset(text, ' ', CD_OPTIMIZER_TEXT);
    text[CD_OPTIMIZER_TEXT] = '\0';
    assert_null(cd_optimizer_from_text(text, cd_nn_linear(1, 1)));
    assert_failed_with(CD_ERR_ARGUMENT, "1024 bytes or more");
    assert_null(cd_optimizer_from_text("sgd", cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "\"sgd\": optim_sgd");
    assert_false(cd_optimizer_text_usage("sdg", usage, sizeof usage));
    assert_failed_with(CD_ERR_ARGUMENT, "optimizer_text_usage: there is no optimizer \"sdg\"");
    assert_false(cd_optimizer_text_usage("sgd", NULL, 8));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

static void names_are_listed(void **state)
{
    (void)state;
    char usage[256];
    int count = 0;
    for (const char *name; (name = cd_optimizer_text_name(count)) != NULL; count++) {
        assert_true(cd_optimizer_text_usage(name, usage, sizeof usage));
        assert_true(strncmp(usage, "[LR]", 4) == 0);
        assert_non_null(cd_optimizer_from_text(name, cd_nn_linear(1, 1)));
    }
    assert_int_equal(count, 11);
    assert_null(cd_optimizer_text_name(-1));
    assert_null(cd_optimizer_text_name(12));
    assert_string_equal(cd_optimizer_text_name(2), "adamw");
    assert_true(cd_optimizer_text_usage("SGD", usage, sizeof usage));
    assert_string_equal(usage, "[LR] [momentum X] [dampening X] [weight_decay X] [nesterov] "
                               "[maximize]");
}

/* --- memory ----------------------------------------------------------------------------------- */

static int until_refused;

static bool refuse_once(size_t bytes)
{
    (void)bytes;
    return until_refused-- == 0;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    cd_module *m = cd_nn_linear(2, 3);
    bool done = false;
    int refused = 0;
    for (int at = 0; !done; at++) {
        CD_SCOPE();
        until_refused = at;
        cd_memory_fault_hook = refuse_once;
        done = cd_optimizer_from_text("adam 0.1", m) != NULL;
        cd_memory_fault_hook = NULL;
        if (done) continue;
        assert_failed_with(CD_ERR_MEMORY, "memory");
        refused++;
    }
    assert_in_range(refused, 3, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_option_has_a_key),
        TEST(texts_are_the_constructors),
        TEST(what_is_written_can_be_read),
        TEST(settings_meet_the_text),
        TEST(settings_that_contradict_are_refused),
        TEST(wrong_texts_are_refused),
        TEST(wrong_arguments_are_refused),
        TEST(names_are_listed),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
