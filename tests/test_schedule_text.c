/* Schedules from a text (optim/schedule_text.h): each text gives the rates of the constructor's,
 * and those of PyTorch; a wrong text gives a sentence and leaves the optimizer as it was. */
#include "test.h"

#include "core/memory_internal.h"
#include "core/scope.h"
#include "models/options_json_internal.h"
#include "nn/layers.h"
#include "optim/optimizer_internal.h"
#include "optim/schedule_text.h"
#include "optim/scheduler_internal.h"

/* One with a momentum, for the cycles. */
static cd_optimizer *an_optimizer(void)
{
    return cd_optim_sgd(cd_nn_linear(2, 3), .lr = 0.1, .momentum = 0.9);
}

#define FROM(text_, ...) cd_schedule_from_text(text_, __VA_ARGS__, .steps = 20, .epochs = 4)

/* --- the same as the constructors ------------------------------------------------------------- */

/* Compares 20 rates, and the momentum, of two schedules of two optimizers. */
static void assert_same_rates(cd_scheduler *s, cd_scheduler *wanted, const char *text)
{
    assert_that(s, "%s: %s", text, cd_error_message());
    assert_that(wanted, "%s: %s", text, cd_error_message());
    assert_ptr_equal(s->class_, wanted->class_);
    for (int t = 0; t < 20; t++) {
        const double a = cd_lr(s->optimizer), b = cd_lr(wanted->optimizer);
        assert_that(a == b, "%s: step %d has the rate %.17g, and not %.17g", text, t, a, b);
        assert_close(cd_optimizer_momentum(s->optimizer, 0),
                     cd_optimizer_momentum(wanted->optimizer, 0), 0, 0);
        const double metric = t < 3 ? 3 - t : 1;
        if (s->class_->by_metric) {
            assert_true(cd_scheduler_step_by(s, metric) && cd_scheduler_step_by(wanted, metric));
        } else {
            assert_true(cd_scheduler_step(s) && cd_scheduler_step(wanted));
        }
    }
}

/* Compares all options too. */
static void assert_same_options(const cd_scheduler *s, const cd_scheduler *wanted, const char *text)
{
    char *a = cd_options_to_json(s->class_->options, s->options);
    char *b = cd_options_to_json(wanted->class_->options, wanted->options);
    assert_that(strcmp(a, b) == 0, "%s gives\n%s\nand not\n%s", text, a, b);
    cd_free(a);
    cd_free(b);
}

static void texts_are_the_constructors(void **state)
{
    (void)state;
    enum { MOST = 40 };
    cd_optimizer *o[MOST];
    for (int i = 0; i < MOST; i++) o[i] = an_optimizer();
    const struct {
        const char *text;
        bool by_step, by_metric;
        cd_scheduler *wanted;
    } cases[] = {
        { "step 3", false, false, cd_schedule_step(o[0], 3) },
        { "StepLR 3 0.5", false, false, cd_schedule_step(o[1], 3, .gamma = 0.5) },
        { "step step-size 3 gamma 0.5", false, false, cd_schedule_step(o[2], 3, .gamma = 0.5) },
        { "multi-step 2 2 5 gamma 0.5", false, false,
          cd_schedule_multi_step(o[3], ((int64_t[]){ 2, 2, 5 }), 3, .gamma = 0.5) },
        { "exponential 0.9", false, false, cd_schedule_exponential(o[4], 0.9) },
        { "constant", false, false, cd_schedule_constant(o[5]) },
        { "constant 0.5 3 by step", true, false,
          cd_schedule_constant(o[6], .factor = 0.5, .steps = 3) },
        { "constant 0.5 for 7", false, false,
          cd_schedule_constant(o[7], .factor = 0.5, .steps = 7) },
        { "linear", true, false, cd_schedule_linear(o[8], .steps = 20) },
        { "linear 1 0.25 8", true, false,
          cd_schedule_linear(o[9], .start_factor = 1, .end_factor = 0.25, .steps = 8) },
        { "polynomial power 2", true, false,
          cd_schedule_polynomial(o[10], .steps = 20, .power = 2) },
        { "polynomial by epochs", false, false, cd_schedule_polynomial(o[11], .steps = 4) },
        { "cosine", true, false, cd_schedule_cosine(o[12], 20) },
        { "CosineAnnealingLR eta-min 0.01 by epoch", false, false,
          cd_schedule_cosine(o[13], 4, .min_lr = 0.01) },
        { "CosineAnnealing 7 0.01", true, false, cd_schedule_cosine(o[14], 7, .min_lr = 0.01) },
        { "cosine for 9", true, false, cd_schedule_cosine(o[15], 9) },
        { "cosine_restarts 2 2 0.01", false, false,
          cd_schedule_cosine_restarts(o[16], 2, .longer = 2, .min_lr = 0.01) },
        { "CosineAnnealingWarmRestarts 3", false, false, cd_schedule_cosine_restarts(o[17], 3) },
        { "one-cycle", true, false, cd_schedule_one_cycle(o[18], 0.1, 20) },
        { "OneCycleLR 0.5 30 pct_start 0.5 anneal_strategy linear three_phase", true, false,
          cd_schedule_one_cycle(o[19], 0.5, 30, .pct_start = 0.5, .linear = true,
                                .three_phase = true) },
        { "onecycle anneal-strategy cos no-cycle-momentum", true, false,
          cd_schedule_one_cycle(o[20], 0.1, 20, .no_cycle_momentum = true) },
        { "cyclic 0.01 0.1 2 3 mode triangular2", true, false,
          cd_schedule_cyclic(o[21], 0.01, 0.1, .size_up = 2, .size_down = 3,
                             .mode = CD_TRIANGULAR2) },
        { "cyclic 0.01 0.1 2 mode 2 gamma 0.9", true, false,
          cd_schedule_cyclic(o[22], 0.01, 0.1, .size_up = 2, .mode = CD_EXP_RANGE, .gamma = 0.9) },
        { "plateau 0.5 0 min_lr 0.001", false, true,
          cd_schedule_plateau(o[23], .factor = 0.5, .patience = CD_ZERO, .min_lr = 0.001) },
        { "ReduceLROnPlateau mode max patience 1 threshold_mode abs threshold 0.5", false, true,
          cd_schedule_plateau(o[24], .maximum = true, .patience = 1, .absolute = true,
                              .threshold = 0.5) },
        { "plateau mode min threshold-mode rel by step", true, true, cd_schedule_plateau(o[25]) },
        { "swa 0.05 4 linear", false, false,
          cd_schedule_swa(o[26], 0.05, .steps = 4, .linear = true) },
        { "SWALR 0.05", false, false, cd_schedule_swa(o[27], 0.05) },
        { "warmup 5", true, false, cd_schedule_linear(o[28], .start_factor = 0.01, .steps = 5) },
        { "warmup 0.25 start_factor 0.5 by epoch", false, false,
          cd_schedule_linear(o[29], .start_factor = 0.5, .steps = 1) },
        { "warm-up 0.26", true, false,
          cd_schedule_linear(o[30], .start_factor = 0.01, .steps = 5) },
    };
    bool of_class[64] = { false };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool by_step = !cases[i].by_step, by_metric = !cases[i].by_metric;
        cd_scheduler *s =
            FROM(cases[i].text, an_optimizer(), .by_step = &by_step, .by_metric = &by_metric);
        assert_same_rates(s, cases[i].wanted, cases[i].text);
        assert_same_options(s, cases[i].wanted, cases[i].text);
        assert_true(by_step == cases[i].by_step && by_metric == cases[i].by_metric);
        for (int k = 0; cd_scheduler_classes[k]; k++) {
            of_class[k] |= cd_scheduler_classes[k] == s->class_;
        }
    }
    for (int k = 0; cd_scheduler_classes[k]; k++) {
        const cd_scheduler_class *c = cd_scheduler_classes[k];
        assert_that(of_class[k] || c->unwritable, "%s has no case", c->name);
    }
}

/* Another value than the default, within the bounds. */
static double another_value(const cd_option *o)
{
    const double values[] = { o->kind == CD_OPTION_REAL && !o->whole ? 0.375 : 2, 0.625, 3, 7 };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const double v = values[i];
        if (v != o->default_value && v >= o->min && (o->max == 0 || v <= o->max)) return v;
    }
    fail_msg("no value for %s", o->name);
    return 0;
}

/* Each option of each class by its name and by its member. What a class needs besides is given by
 * its key too. */
static void every_option_has_a_key(void **state)
{
    (void)state;
    int options = 0;
    for (int i = 0; cd_scheduler_classes[i]; i++) {
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        for (const cd_option *o = c->options; o->name && !c->unwritable; o++, options++) {
            for (int k = 0; k < 2; k++) {
                CD_SCOPE();
                const bool truth = o->kind == CD_OPTION_BOOL || o->kind == CD_OPTION_NEGATED;
                const int64_t list[] = { 2 };
                char text[200], more[80];
                char *given = calloc(1, c->options_bytes);
                (void)snprintf(text, sizeof text, "%s", c->name);
                for (const cd_option *each = c->options; each->name; each++) {
                    if (each != o && !each->required) continue;
                    const bool flag = each == o && truth;
                    const double v = flag ? 0 : another_value(each);
                    const char *key = k == 0 ? each->name : each->member;
                    cd_option_value value = { .kind = CD_VALUE_REAL, .real = v };
                    if (flag) value.kind = CD_VALUE_BOOL;
                    if (flag) value.truth = o->kind == CD_OPTION_BOOL;
                    if (!flag && v == 2) value.kind = CD_VALUE_INTEGER, value.integer = 2;
                    if (!flag && v == 3) value.kind = CD_VALUE_INTEGER, value.integer = 3;
                    if (each->kind == CD_OPTION_SIZES) {
                        value =
                            (cd_option_value){ .kind = CD_VALUE_SIZES, .sizes = list, .count = 1 };
                    }
                    const bool off = flag && o->kind == CD_OPTION_NEGATED && k == 0;
                    (void)snprintf(more, sizeof more, flag ? " %s%s" : " %s%s %g", off ? "no-" : "",
                                   key, v);
                    strcat(text, more);
                    assert_true(cd_set_option(each, given, &value, CD_ERR_ARGUMENT, "test"));
                }
                cd_scheduler *s =
                    cd_schedule_from_text(text, an_optimizer(), .steps = 5, .epochs = 5);
                assert_that(s, "%s: %s", text, cd_error_message());
                cd_scheduler *wanted = cd_scheduler_make(c, an_optimizer(), given);
                assert_that(wanted, "%s: %s", text, cd_error_message());
                assert_same_options(s, wanted, text);
                free(given);
            }
        }
    }
    assert_in_range(options, 40, 80);
}

/* --- lists ------------------------------------------------------------------------------------ */

static cd_scheduler *sequence(cd_optimizer *o, cd_scheduler *a, cd_scheduler *b, int64_t at)
{
    cd_scheduler *parts[] = { a, b };
    return cd_schedule_sequential(o, parts, 2, .milestones = &at);
}

static void lists_are_sequences(void **state)
{
    (void)state;
    cd_optimizer *o = an_optimizer();
    cd_scheduler *a = cd_schedule_linear(o, .start_factor = 0.01, .steps = 5);
    assert_same_rates(FROM("warmup 5, cosine", an_optimizer()),
                      sequence(o, a, cd_schedule_cosine(o, 15), 5), "a warm-up and a cosine");
    o = an_optimizer();
    a = cd_schedule_constant(o, .factor = 0.5, .steps = 3);
    assert_same_rates(FROM("constant 0.5 for 3, exponential 0.9", an_optimizer()),
                      sequence(o, a, cd_schedule_exponential(o, 0.9), 3), "a constant for 3");
    o = an_optimizer();
    a = cd_schedule_cosine(o, 6);
    assert_same_rates(FROM("cosine 6 for 4, step 2 0.5 by step", an_optimizer()),
                      sequence(o, a, cd_schedule_step(o, 2, .gamma = 0.5), 4), "a cosine cut off");
    o = an_optimizer();
    a = cd_schedule_linear(o, .start_factor = 0.01, .steps = 2);
    assert_same_rates(FROM("warmup 0.1, one-cycle 0.2", an_optimizer()),
                      sequence(o, a, cd_schedule_one_cycle(o, 0.2, 18), 2), "a share");
    o = an_optimizer();
    cd_scheduler *parts[] = { cd_schedule_linear(o, .start_factor = 0.01, .steps = 2),
                              cd_schedule_constant(o, .factor = 1, .steps = 6),
                              cd_schedule_polynomial(o, .steps = 12) };
    bool by_step = false;
    assert_same_rates(
        FROM("warmup 2, constant 1 6 by step, polynomial", an_optimizer(), .by_step = &by_step),
        cd_schedule_sequential(o, parts, 3, .milestones = (int64_t[]){ 2, 8 }), "three");
    assert_true(by_step);
}

/* What follows from the run is another schedule in a run of another length. */
static void the_length_of_the_run_counts_where_no_number_says_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool by_length, maximum;
    } cases[] = {
        { "cosine", true, false },
        { "cosine 7", false, false },
        { "cosine for 7", false, false },
        { "one-cycle", true, false },
        { "linear", true, false },
        { "polynomial 5", false, false },
        { "warmup 5", false, false },
        { "warmup 0.25", true, false },
        { "warmup 2, constant by step", false, false },
        { "warmup 2, cosine", true, false },
        { "cosine for 4, constant by step", false, false },
        { "step 3", false, false },
        { "exponential 0.9", false, false },
        { "cosine-restarts 2", false, false },
        { "plateau", false, false },
        { "plateau mode max", false, true },
        { "plateau maximum", false, true },
        { "plateau mode min", false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool by_length = !cases[i].by_length, maximum = !cases[i].maximum;
        assert_non_null(
            FROM(cases[i].text, an_optimizer(), .by_length = &by_length, .maximum = &maximum));
        assert_that(by_length == cases[i].by_length && maximum == cases[i].maximum, "%s",
                    cases[i].text);
    }
    bool by_length = true, maximum = true;
    assert_null(FROM("none", an_optimizer(), .by_length = &by_length, .maximum = &maximum));
    assert_false(by_length || maximum);
    assert_ok();
}

static void no_text_is_no_schedule(void **state)
{
    (void)state;
    static const char *const texts[] = { "", " \n", "none", " None " };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool by_step = true, by_metric = true;
        assert_null(FROM(texts[i], an_optimizer(), .by_step = &by_step, .by_metric = &by_metric));
        assert_false(by_step || by_metric);
        assert_ok();
    }
}

/* --- PyTorch's numbers ------------------------------------------------------------------------ */

/* optimizer = SGD(lr=0.1, momentum=0.9); rates before each of the steps, of torch 2.x. */
static void rates_are_those_of_pytorch(void **state)
{
    (void)state;
    enum { MOST = 20 };
    static const struct {
        const char *text;
        int count;
        double rate[MOST];
    } cases[] = {
        { "onecycle", 20, { 0.0040000000000000036, 0.013167184270002533,  0.037167184270002526,
                            0.066832815729997469,  0.090832815729997476,  0.10000000000000001,
                            0.098746400623508743,  0.095048463201347383,  0.089091617757105002,
                            0.081174565394976306,  0.071694300179130088,  0.06112620219362893,
                            0.050000200000000002,  0.038874197806371073,  0.028306099820869922,
                            0.018825834605023701,  0.010908782242895003,  0.0049519367986526289,
                            0.0012539993764912555, 3.9999999999999998e-07 } },
        { "warmup 5, cosine",
          20,
          { 0.001,
            0.020799999999999999,
            0.040599999999999997,
            0.060399999999999995,
            0.080199999999999994,
            0.10000000000000001,
            0.098907380036690293,
            0.095677272882130043,
            0.090450849718747381,
            0.083456530317942923,
            0.075000000000000011,
            0.065450849718747386,
            0.055226423163382693,
            0.044773576836617347,
            0.034549150281252647,
            0.025000000000000019,
            0.01654346968205711,
            0.0095491502812526351,
            0.0043227271178699527,
            0.001092619963309716 } },
        { "multistep 3 6 gamma 0.5", 8, { 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025 } },
        { "polynomial 8 2",
          8,
          { 0.1, 0.0765625, 0.05625, 0.0390625, 0.025, 0.0140625, 0.00625, 0.0015625 } },
        { "cosinerestarts 2 2 0.01",
          8,
          { 0.1, 0.055, 0.1, 0.086819805153394644, 0.055, 0.023180194846605363, 0.1,
            0.096574578963007904 } },
        { "cyclic 0.01 0.1 2 3 mode triangular2",
          12,
          { 0.01, 0.055, 0.1, 0.07, 0.04, 0.01, 0.0325, 0.055, 0.04, 0.025, 0.01, 0.02125 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_optimizer *o = an_optimizer();
        cd_scheduler *s = FROM(cases[i].text, o);
        assert_non_null(s);
        for (int t = 0; t < cases[i].count; t++) {
            assert_close(cd_lr(o), cases[i].rate[t], 1e-12, 1e-16);
            assert_true(cd_scheduler_step(s));
        }
    }
}

/* --- wrong texts ------------------------------------------------------------------------------ */

static void wrong_texts_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *text, *message;
    } cases[] = {
        { "cosin", "item 1, \"cosin\": there is no such schedule (column 1), did you mean "
                   "\"cosine\"?; the words are warmup, step, multi_step, exponential, constant" },
        { "warmup 5,", "item 2, \"\": a schedule is missing at column 10; the words are" },
        { ",", "item 1, \"\": a schedule is missing at column 1" },
        { "none, step 2", "item 1, \"none\": there is no such schedule (column 1)" },
        { "step",
          "item 1, \"step\": \"step_size\" is missing; it takes STEP_SIZE [GAMMA] [by step" },
        { "step 0", "the option \"step_size\" must be a whole number, 1 or more" },
        { "step 2.5", "the option \"step_size\" must be a whole number" },
        { "step 2 cosine", "it has no \"cosine\" (column 8), and a comma separates schedules; it" },
        { "step(2)", "there is no such schedule (column 1); a text has spaces in place" },
        { "swa 0.1 2.5", "the option \"anneal_epochs\" must be a whole number, finite and 0" },
        { "step 2 gama 3", "it has no \"gama\" (column 8), did you mean \"gamma\"?" },
        { "step 2 by day",
          "\"by\" is followed by \"step\" or \"epoch\", and not by \"day\" (column" },
        { "step 2 by step by step", "\"by\" is given twice" },
        { "step 2 for 0", "\"for\" is followed by a whole number, 1 or more, and not by \"0\"" },
        { "step 2 for", "\"for\" is followed by a whole number, 1 or more, and not by \"\"" },
        { "step 2 for 3 for 3", "\"for\" is given twice" },
        { "one-cycle 0.1 20 0.3", "3 numbers behind the word (before column 21), of which 2 are" },
        { "one-cycle anneal_strategy cubic",
          "\"anneal_strategy\" is followed by cos or linear, and "
          "not by \"cubic\" (column 27)" },
        { "one-cycle linear anneal_strategy cos", "\"anneal_strategy\" is given twice" },
        { "plateau mode mx", "\"mode\" is followed by min or max, and not by \"mx\"" },
        { "warmup", "item 1, \"warmup\": it is followed by its number of steps, or by a share of" },
        { "warmup 0", "it is followed by its number of steps" },
        { "warmup 2.5", "the option \"total_iters\" must be a whole number" },
        { "warmup 0.5 total_iters 3", "\"total_iters\" is given twice" },
        { "warmup 5 total_iters 3", "\"total_iters\" is given twice" },
        { "warmup 5, step 2",
          "item 2, \"step\": it counts epochs, and item 1 counts steps: say with "
          "\"by step\" or \"by epoch\"" },
        { "warmup 5 by step, step 2 by epoch",
          "item 2, \"step\": it is by epoch, and an item before" },
        { "cosine, step 2 by step",
          "item 1, \"cosine\": how long it lasts is missing, before the" },
        { "warmup 20, cosine", "item 1, \"warmup\": it ends after 20 steps, and the run has 20: "
                               "nothing is left for the next item" },
        { "warmup 5, cosine for 5", "item 2, \"cosine\": it is the last one, which has no end" },
        { "warmup 5, plateau by step", "item 2, \"plateau\": it decides by a metric, and stands" },
        { "warmup 19, one-cycle",
          "item 2, \"one-cycle\": the option \"total_steps\" must be a whole" },
        { "step 9007199254740992", "the option \"step_size\" must be a whole number" },
        { "one-cycle 0", "the option \"max_lr\" must be a number, finite and above 0" },
        { "step 2, step 2, step 2", "item 1, \"step\": how long it lasts" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_optimizer *o = an_optimizer();
        assert_that(!FROM(cases[i].text, o), "%s is taken", cases[i].text);
        assert_failed_with(CD_ERR_ARGUMENT, cases[i].message);
        assert_close(cd_lr(o), 0.1, 0, 0);
    }
    static const char *const never[] = { "lambda", "MultiplicativeLR", "sequential", "chained" };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        assert_null(FROM(never[i], an_optimizer()));
        assert_failed_with(CD_ERR_UNSUPPORTED, "has functions or schedules among its options");
    }
}

static void a_run_of_unknown_length_needs_numbers(void **state)
{
    (void)state;
    cd_optimizer *o = an_optimizer();
    assert_null(cd_schedule_from_text("cosine", o));
    assert_failed_with(CD_ERR_ARGUMENT, "item 1, \"cosine\": T_max is missing, and how many steps "
                                        "the run has is not known: write it, as in \"T_max 100\"");
    assert_null(cd_schedule_from_text("cosine by epoch", o, .steps = 5));
    assert_failed_with(CD_ERR_ARGUMENT, "how many epochs the run has is not known");
    assert_null(cd_schedule_from_text("warmup 0.1", o));
    assert_failed_with(CD_ERR_ARGUMENT, "total_iters is missing");
    assert_non_null(cd_schedule_from_text("warmup 3, cosine 5", o));
}

/* A list whose second schedule fails when it is made: the first has set the rate by then. */
static void a_refused_list_changes_nothing(void **state)
{
    (void)state;
    cd_optimizer *o = cd_optim_sgd(cd_nn_linear(2, 3), .lr = 0.1);
    assert_null(FROM("warmup 5, one-cycle", o));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_from_text: item 2, \"one-cycle\": "
                                        "schedule_one_cycle: SGD has no momentum to change");
    assert_close(cd_lr(o), 0.1, 0, 0);
    assert_false(o->scheduled);
    assert_true(
        cd_set_lr(o, 0.5)); /* the next schedule begins from this one, as without the text */
    assert_non_null(FROM("exponential 0.5", o));
    assert_close(cd_lr(o), 0.5, 0, 0);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    static char text[CD_SCHEDULE_TEXT + 1];
    cd_optimizer *o = an_optimizer();
    assert_null(cd_schedule_from_text(NULL, o));
    assert_failed_with(CD_ERR_ARGUMENT, "the text is NULL");
    assert_null(cd_schedule_from_text("cosine", NULL, .steps = 5));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_from_text");
    assert_null(cd_schedule_from_text("cosine", o, .steps = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".steps is -1 and .epochs 0");
    memset(text, ' ', CD_SCHEDULE_TEXT);
    assert_null(cd_schedule_from_text(text, o));
    assert_failed_with(CD_ERR_ARGUMENT, "2048 bytes or more");
    strcpy(text, "warmup 1");
    for (int i = 1; i < CD_SCHEDULE_ITEMS; i++) strcat(text, ", warmup 1");
    assert_non_null(FROM(text, o));
    strcat(text, ", warmup 1");
    assert_null(FROM(text, o));
    assert_failed_with(CD_ERR_ARGUMENT, "there are more than 16 schedules (column 161)");
}

static void names_are_listed(void **state)
{
    (void)state;
    char usage[256];
    int count = 0;
    for (const char *name; (name = cd_schedule_text_name(count)) != NULL; count++) {
        assert_true(cd_schedule_text_usage(name, usage, sizeof usage));
        assert_non_null(strstr(usage, "[by step | by epoch] [for N]"));
    }
    assert_int_equal(count, 13);
    assert_null(cd_schedule_text_name(-1));
    assert_true(cd_schedule_text_usage("warmup", usage, sizeof usage));
    assert_true(strncmp(usage, "N [start_factor X]", 18) == 0);
    assert_true(cd_schedule_text_usage("cosine", usage, sizeof usage));
    assert_string_equal(usage, "[T_MAX] [ETA_MIN] [by step | by epoch] [for N]");
    assert_true(cd_schedule_text_usage("multistep", usage, sizeof usage));
    assert_true(strncmp(usage, "MILESTONES ... [gamma X] ", 25) == 0);
    assert_true(cd_schedule_text_usage("cyclic", usage, sizeof usage));
    assert_true(strncmp(usage, "BASE_LR MAX_LR [STEP_SIZE_UP]", 29) == 0);
    assert_false(cd_schedule_text_usage("lambda", usage, sizeof usage));
    assert_failed_with(CD_ERR_UNSUPPORTED, "LambdaLR");
    assert_false(cd_schedule_text_usage("x", NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
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
    bool done = false;
    int refused = 0;
    cd_optimizer *o = an_optimizer();
    for (int at = 0; !done; at++) {
        CD_SCOPE();
        until_refused = at;
        cd_memory_fault_hook = refuse_once;
        done = FROM("warmup 5, cosine", o) != NULL;
        cd_memory_fault_hook = NULL;
        if (done) continue;
        assert_failed_with(CD_ERR_MEMORY, "memory");
        assert_close(cd_lr(o), 0.1, 0, 0);
        refused++;
    }
    assert_in_range(refused, 10, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_are_the_constructors),
        TEST(every_option_has_a_key),
        TEST(lists_are_sequences),
        TEST(the_length_of_the_run_counts_where_no_number_says_it),
        TEST(no_text_is_no_schedule),
        TEST(rates_are_those_of_pytorch),
        TEST(wrong_texts_are_refused),
        TEST(a_run_of_unknown_length_needs_numbers),
        TEST(a_refused_list_changes_nothing),
        TEST(wrong_arguments_are_refused),
        TEST(names_are_listed),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
