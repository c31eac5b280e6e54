/* Every schedule against PyTorch over 50 steps (golden/make_optim.py), and what is refused. */
#define GOLDEN_FILE "golden/optim.safetensors"
#include "goldens.h"

#include <candela.h>

#include "core/memory_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

/* The optimizer of golden/make_optim.py: two groups, the second with a quarter of the rate. */
static cd_optimizer *optimizer(void)
{
    cd_module *m =
        cd_nn_sequential(cd_nn_linear(1, 1, .no_bias = true), cd_nn_linear(1, 1, .no_bias = true));
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.3, .momentum = 0.5);
    assert_int_equal(cd_optimizer_group(o, "1.*", .lr = 0.3 / 4), 1);
    return o;
}

static double fading(int64_t t, void *user)
{
    return pow(*(const double *)user, (double)t) + 0.1;
}

static double shrinking(int64_t t, void *user)
{
    (void)user;
    return 1 - 0.5 / ((double)t + 1);
}

static double constant(int64_t t, void *user)
{
    (void)t, (void)user;
    return 0.9;
}

static cd_scheduler *make(const char *name, cd_optimizer *o)
{
#define IS(name_) if (strcmp(name, name_) == 0)
    static const int64_t milestones[] = { 4, 9, 9, 30 };
    static double fade = 0.95;
    IS("step") return cd_schedule_step(o, 7);
    IS("step_gamma") return cd_schedule_step(o, 3, .gamma = 0.7);
    IS("multi_step") return cd_schedule_multi_step(o, milestones, 4, .gamma = 0.5);
    IS("exponential") return cd_schedule_exponential(o, 0.9);
    IS("constant") return cd_schedule_constant(o);
    IS("constant_options") return cd_schedule_constant(o, .factor = 0.5, .steps = 12);
    IS("linear") return cd_schedule_linear(o);
    IS("linear_options")
    return cd_schedule_linear(o, .start_factor = 0.1, .end_factor = 0.6, .steps = 20);
    IS("polynomial") return cd_schedule_polynomial(o);
    IS("polynomial_options") return cd_schedule_polynomial(o, .steps = 30, .power = 2.5);
    IS("cosine") return cd_schedule_cosine(o, 12, .min_lr = 0.01);
    IS("cosine_above") return cd_schedule_cosine(o, 9, .min_lr = 0.5);
    IS("cosine_one") return cd_schedule_cosine(o, 1);
    IS("cosine_restarts") return cd_schedule_cosine_restarts(o, 7, .min_lr = 0.01);
    IS("cosine_restarts_longer") return cd_schedule_cosine_restarts(o, 3, .longer = 2);
    IS("one_cycle") return cd_schedule_one_cycle(o, 0.4, 51);
    IS("one_cycle_linear")
    return cd_schedule_one_cycle(o, 0.4, 60, .pct_start = 0.4, .linear = true, .three_phase = true,
                                 .base_momentum = 0.6, .max_momentum = 0.7, .div_factor = 10,
                                 .final_div_factor = 100);
    IS("one_cycle_still") return cd_schedule_one_cycle(o, 0.4, 51, .no_cycle_momentum = true);
    IS("cyclic") return cd_schedule_cyclic(o, 0.1, 0.4, .size_up = 6);
    IS("cyclic_halving")
    return cd_schedule_cyclic(o, 0.1, 0.4, .size_up = 5, .size_down = 8, .mode = CD_TRIANGULAR2,
                              .base_momentum = 0.5, .max_momentum = 0.8);
    IS("cyclic_range")
    return cd_schedule_cyclic(o, 0.1, 0.4, .size_up = 6, .mode = CD_EXP_RANGE, .gamma = 0.97,
                              .no_cycle_momentum = true);
    IS("plateau") return cd_schedule_plateau(o);
    IS("plateau_options")
    return cd_schedule_plateau(o, .factor = 0.5, .patience = 2, .threshold = 0.1, .absolute = true,
                               .cooldown = 3, .min_lr = 0.05);
    IS("plateau_max")
    return cd_schedule_plateau(o, .maximum = true, .patience = 1, .factor = 0.9, .threshold = 0.2);
    IS("plateau_impatient")
    return cd_schedule_plateau(o, .patience = CD_ZERO, .factor = 0.8, .eps = 0.01);
    IS("lambda") return cd_schedule_lambda(o, fading, .user = &fade);
    IS("multiplicative") return cd_schedule_multiplicative(o, shrinking);
    IS("sequential")
    {
        cd_scheduler *parts[] = { cd_schedule_linear(o, .start_factor = 0.1, .steps = 5),
                                  cd_schedule_cosine(o, 20),
                                  cd_schedule_constant(o, .factor = 0.5, .steps = 4) };
        return cd_schedule_sequential(o, parts, 3, .milestones = (int64_t[]){ 5, 30 });
    }
    IS("sequential_multiplicative")
    {
        cd_scheduler *parts[] = { cd_schedule_multiplicative(o, constant),
                                  cd_schedule_linear(o, .start_factor = 0.1, .end_factor = 0.6,
                                                     .steps = 5),
                                  cd_schedule_multiplicative(o, shrinking) };
        return cd_schedule_sequential(o, parts, 3, .milestones = (int64_t[]){ 4, 11 });
    }
    IS("swa") return cd_schedule_swa(o, 0.05);
    IS("swa_linear") return cd_schedule_swa(o, 0.4, .steps = 7, .linear = true);
    IS("swa_at_once") return cd_schedule_swa(o, 0.05, .steps = CD_ZERO);
    IS("chained")
    {
        cd_scheduler *parts[] = { cd_schedule_constant(o, .factor = 0.5, .steps = 10),
                                  cd_schedule_exponential(o, 0.9),
                                  cd_schedule_step(o, 8, .gamma = 0.5) };
        return cd_schedule_chained(o, parts, 3);
    }
    fail_msg("%s is no case", name);
    return NULL;
#undef IS
}

static const struct {
    const char *name;
    bool momentum, metric;
} cases[] = {
    { .name = "step" },
    { .name = "step_gamma" },
    { .name = "multi_step" },
    { .name = "exponential" },
    { .name = "constant" },
    { .name = "constant_options" },
    { .name = "linear" },
    { .name = "linear_options" },
    { .name = "polynomial" },
    { .name = "polynomial_options" },
    { .name = "cosine" },
    { .name = "cosine_above" },
    { .name = "cosine_one" },
    { .name = "cosine_restarts" },
    { .name = "cosine_restarts_longer" },
    { .name = "one_cycle", .momentum = true },
    { .name = "one_cycle_linear", .momentum = true },
    { .name = "one_cycle_still", .momentum = true },
    { .name = "cyclic", .momentum = true },
    { .name = "cyclic_halving", .momentum = true },
    { .name = "cyclic_range", .momentum = true },
    { .name = "plateau", .metric = true },
    { .name = "plateau_options", .metric = true },
    { .name = "plateau_max", .metric = true },
    { .name = "plateau_impatient", .metric = true },
    { .name = "lambda" },
    { .name = "multiplicative" },
    { .name = "sequential" },
    { .name = "sequential_multiplicative" },
    { .name = "swa" },
    { .name = "swa_linear" },
    { .name = "swa_at_once" },
    { .name = "chained" },
};
enum { CASES = sizeof cases / sizeof *cases, STEPS = 50 };

static bool step(cd_scheduler *s, bool by_metric, int64_t t)
{
    return by_metric ? cd_scheduler_step_by(s, element(golden("metric"), t)) : cd_scheduler_step(s);
}

static void check_rates(int i, const cd_optimizer *o, int64_t t)
{
    char text[80];
    cd_tensor *rates = golden("schedule/%s", cases[i].name);
    for (int g = 0; g < 2; g++) {
        (void)snprintf(text, sizeof text, "%s, step %lld, group %d", cases[i].name, (long long)t,
                       g);
        test_close(cd_group_lr(o, g), element(rates, 2 * t + g), 1e-12, 1e-15, text, __FILE__,
                   __LINE__);
    }
    if (!cases[i].momentum) return;
    (void)snprintf(text, sizeof text, "%s, step %lld, momentum", cases[i].name, (long long)t);
    test_close(cd_optimizer_momentum(o, 0), element(golden("momentum/%s", cases[i].name), t), 1e-12,
               0, text, __FILE__, __LINE__);
}

static void every_schedule_follows_pytorch(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        CD_SCOPE();
        cd_optimizer *o = optimizer();
        cd_scheduler *s = make(cases[i].name, o);
        assert_that(s, "%s: %s", cases[i].name, cd_error_message());
        check_rates(i, o, 0);
        for (int64_t t = 0; t < STEPS; t++) {
            CD_SCOPE();
            assert_true(step(s, cases[i].metric, t));
            check_rates(i, o, t + 1);
        }
    }
}

static void every_class_is_tested(void **state)
{
    (void)state;
    for (int k = 0; cd_scheduler_classes[k]; k++) {
        const char *name = cd_scheduler_classes[k]->function + strlen("schedule_");
        int i = 0;
        while (i < CASES && strcmp(cases[i].name, name) != 0) i++;
        assert_that(i < CASES, "%s has no row in `cases`", name);
    }
}

/* --- resuming --------------------------------------------------------------------------------- */

enum { STATES = 64, STATE_BYTES = 64 };

/* The state that a visitor saw, or writes back. */
typedef struct saved {
    unsigned char bytes[STATES][STATE_BYTES];
    int count;
    bool restores;
} saved;

static bool visit(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    saved *all = user;
    const size_t bytes = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    assert_true(all->count < STATES && bytes <= STATE_BYTES);
    unsigned char *at = all->bytes[all->count++];
    return all->restores ? cd_write(t, at, bytes) : cd_read(t, at, bytes);
}

/* A schedule whose state is written into a new one goes on as if nothing had happened. */
static void every_schedule_is_resumed(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        for (int64_t stop = 4; stop <= 34; stop += 15) {
            CD_SCOPE();
            saved rates = { .count = 0 }, own = { .count = 0 };
            cd_optimizer *o = optimizer();
            cd_scheduler *s = make(cases[i].name, o);
            for (int64_t t = 0; t < stop; t++) assert_true(step(s, cases[i].metric, t));
            assert_true(cd_visit_state(o, visit, &rates) && cd_visit_state(s, visit, &own));
            cd_optimizer *next = optimizer();
            cd_scheduler *resumed = make(cases[i].name, next);
            rates.count = own.count = 0;
            rates.restores = own.restores = true;
            assert_true(cd_visit_state(next, visit, &rates) &&
                        cd_visit_state(resumed, visit, &own));
            check_rates(i, next, stop);
            for (int64_t t = stop; t < STEPS; t++) {
                CD_SCOPE();
                assert_true(step(resumed, cases[i].metric, t));
                check_rates(i, next, t + 1);
            }
        }
    }
}

static bool write_minus_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    const int64_t count = -1;
    const double number = -1;
    if (strcmp(name, user) != 0) return true;
    return cd_dtype_of(t) == CD_I64 ? cd_write(t, &count, sizeof count)
                                    : cd_write(t, &number, sizeof number);
}

static void hostile_state_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_optimizer *o = cd_optim_adam(NULL, .tensors = &w, .count = 1);
    cd_scheduler *s = cd_schedule_step(o, 3);
    assert_false(cd_visit_state(s, write_minus_one, (void *)(uintptr_t) "step"));
    assert_failed_with(CD_ERR_FORMAT, "step -1");
    assert_false(cd_visit_state(s, write_minus_one, (void *)(uintptr_t) "base"));
    assert_failed_with(CD_ERR_FORMAT, "rate of -1");
    assert_false(cd_visit_state(o, write_minus_one, (void *)(uintptr_t) "0.step"));
    assert_failed_with(CD_ERR_FORMAT, "0.step is -1, and must be from 0 to 2^53");
    assert_false(cd_visit_state(o, write_minus_one, (void *)(uintptr_t) "momentum"));
    assert_failed_with(CD_ERR_FORMAT, "an optimizer's momentum of -1");
    assert_true(cd_scheduler_step(s) && cd_lr(o) == 1e-3);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void wrong_options_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    assert_null(cd_schedule_step(o, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_step: size is 0");
    assert_null(cd_schedule_step(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_step: the optimizer is NULL");
    assert_null(cd_schedule_multi_step(o, NULL, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "milestones is NULL, or there are 2 of them");
    assert_null(cd_schedule_multi_step(o, (int64_t[]){ 3, -1 }, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_multi_step");
    assert_null(cd_schedule_linear(o, .start_factor = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_linear: .start_factor is 2");
    assert_null(cd_schedule_linear(o, .start_factor = CD_ZERO));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_linear: .start_factor");
    assert_null(cd_schedule_plateau(o, .factor = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_plateau: .factor is 1");
    assert_null(cd_schedule_cyclic(o, 0.1, 0.2, .mode = 3));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_cyclic: .mode is 3");
    assert_null(cd_schedule_lambda(o, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the function is NULL");
    assert_null(cd_schedule_cyclic(cd_optim_adagrad(cd_nn_linear(1, 1)), 0.1, 0.2));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_cyclic: Adagrad has no momentum to change");
    assert_null(cd_schedule_one_cycle(cd_optim_rprop(cd_nn_linear(1, 1)), 0.1, 10));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_one_cycle: Rprop has no momentum to change");
    assert_null(cd_schedule_one_cycle(cd_optim_sgd(cd_nn_linear(1, 1)), 0.1, 10));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_one_cycle: SGD has no momentum to change");
    assert_close(cd_lr(o), 0.3, 0, 0);
}

/* As PyTorch's ReduceLROnPlateau(o, patience=0, min_lr=[0.1, 0.05]), whose rates are then 0.1 and
 * 0.05. */
static void a_plateau_has_a_lowest_rate_for_each_group(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    double least[] = { 0.1, 0.05 };
    cd_scheduler *s =
        cd_schedule_plateau(o, .patience = CD_ZERO, .min_lrs = least, .min_lr_count = 2);
    least[0] = least[1] = 9; /* they were copied */
    assert_true(cd_scheduler_step_by(s, 1) && cd_scheduler_step_by(s, 1));
    assert_close(cd_group_lr(o, 0), 0.1, 0, 0);
    assert_close(cd_group_lr(o, 1), 0.05, 0, 0);
    assert_null(cd_schedule_plateau(o, .min_lrs = least, .min_lr_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "schedule_plateau: .min_lrs has 1 numbers, and must have one for each of 2");
    assert_null(cd_schedule_plateau(o, .min_lr = 0.1, .min_lrs = least, .min_lr_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "without .min_lr");
    least[1] = NAN;
    assert_null(cd_schedule_plateau(o, .min_lrs = least, .min_lr_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_plateau: .min_lrs[1] is nan");
}

static void wrong_lists_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *a = cd_schedule_step(o, 2), *b = cd_schedule_step(optimizer(), 2);
    cd_scheduler *c = cd_schedule_plateau(o);
    assert_null(cd_schedule_chained(o, NULL, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "at least one schedule");
    assert_null(cd_schedule_chained(o, ((cd_scheduler *[]){ a, b }), 2));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule 1 is of another optimizer");
    assert_null(cd_schedule_chained(o, ((cd_scheduler *[]){ a, a }), 2));
    assert_failed_with(CD_ERR_ARGUMENT, "schedules 0 and 1 are the same one");
    assert_null(cd_schedule_chained(o, ((cd_scheduler *[]){ c }), 1));
    assert_failed_with(CD_ERR_ARGUMENT, "decides by a metric");
    cd_scheduler *two[] = { a, cd_schedule_exponential(o, 0.5) };
    assert_null(cd_schedule_sequential(o, two, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "milestones are NULL");
    cd_scheduler *three[] = { two[0], two[1], cd_schedule_constant(o) };
    assert_null(cd_schedule_sequential(o, three, 3, .milestones = (int64_t[]){ 5, 5 }));
    assert_failed_with(CD_ERR_ARGUMENT, "milestone 1 is 5, and must be above the one before");
    assert_false(cd_scheduler_step(c));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "ReduceLROnPlateau decides by a metric: use cd_scheduler_step_by");
    assert_false(cd_scheduler_step_by(a, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "StepLR takes no metric: use cd_scheduler_step");
}

/* Rates of torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 4, 2, 0.01) for step(epoch). */
static void restarts_go_to_a_part_of_an_epoch(void **state)
{
    (void)state;
    CD_SCOPE();
    static const struct {
        double epoch, rate;
    } to[] = { { 0.5, 0.0965745789630079 },
               { 1.25, 0.0800006604858821 },
               { 3.9, 0.010138719982009242 },
               { 4, 0.1 },
               { 4.1, 0.09996530663083254 },
               { 11.5, 0.01086466238185463 },
               { 12, 0.1 },
               { 13.5, 0.0980623151079494 },
               { 0.25, 0.09913533761814537 } };
    cd_optimizer *o = cd_optim_sgd(cd_nn_linear(1, 1), .lr = 0.1);
    cd_scheduler *s = cd_schedule_cosine_restarts(o, 4, .longer = 2, .min_lr = 0.01);
    for (size_t i = 0; i < sizeof to / sizeof to[0]; i++) {
        assert_true(cd_scheduler_step_to(s, to[i].epoch));
        assert_close(cd_lr(o), to[i].rate, 1e-12, 0);
    }
    assert_true(cd_scheduler_step(s));
    assert_close(cd_lr(o), to[1].rate, 1e-12, 0);

    static const double bad[] = { -1, 0x1p53, (double)NAN };
    for (int i = 0; i < 3; i++) {
        assert_false(cd_scheduler_step_to(s, bad[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "and must be 0 or more");
    }
    assert_close(cd_lr(o), to[1].rate, 1e-12, 0);
    assert_false(cd_scheduler_step_to(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "scheduler_step_to");
    assert_false(cd_scheduler_step_to(cd_schedule_plateau(o), 1));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "ReduceLROnPlateau goes step by step: use cd_scheduler_step_by");
}

/* A step beyond the last one changes nothing. */
static void one_cycle_ends(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *s = cd_schedule_one_cycle(o, 0.5, 3);
    assert_true(cd_scheduler_step(s) && cd_scheduler_step(s));
    const double last = cd_lr(o);
    assert_close(last, 0.5 / 25 / 1e4, 1e-12, 0);
    assert_true(cd_scheduler_step(s) && cd_set_lr(o, last));
    assert_false(cd_scheduler_step(s));
    assert_failed_with(CD_ERR_STATE, "schedule_one_cycle: step 4 of a schedule of 3 steps");
    assert_close(cd_lr(o), last, 0, 0);
}

/* A factor that is not finite fails the step, and no group's rate changes. */
static double not_finite(int64_t t, void *user)
{
    (void)user;
    return t == 0 ? 1 : (double)NAN;
}

static void a_failing_step_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *s = cd_schedule_lambda(o, not_finite);
    assert_false(cd_scheduler_step(s));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_lambda: the rate is");
    assert_close(cd_group_lr(o, 0), 0.3, 0, 0);
    assert_close(cd_group_lr(o, 1), 0.3 / 4, 0, 0);
    assert_int_equal(s->step, 0);
}

/* The second schedule begins with the rate that the first one found, as in PyTorch. */
static void schedules_share_the_first_rate(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    assert_non_null(cd_schedule_linear(o, .start_factor = 0.5));
    assert_close(cd_lr(o), 0.15, 1e-15, 0);
    cd_scheduler *second = cd_schedule_lambda(o, shrinking);
    assert_close(cd_lr(o), 0.15, 1e-15, 0);
    assert_true(cd_scheduler_step(second));
    assert_close(cd_lr(o), 0.3 * 0.75, 1e-15, 0);
}

/* In a linear cycle too, which would go on below 0. */
static void a_linear_cycle_ends_at_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *s = cd_schedule_one_cycle(o, 0.4, 8, .linear = true);
    for (int t = 0; t < 7; t++) assert_true(cd_scheduler_step(s));
    assert_close(cd_lr(o), 0.4 / 25 / 1e4, 1e-9, 0);
    assert_true(cd_scheduler_step(s));
    assert_close(cd_lr(o), 0, 0, 0);
}

/* Steps the schedule and compares the rates with those that are expected, from step 0 on. */
static void expect_rates(cd_scheduler *s, const cd_optimizer *o, const double *expected, int count)
{
    assert_ok();
    for (int t = 0; t < count; t++) {
        if (t > 0) assert_true(cd_scheduler_step(s));
        assert_close(cd_lr(o), expected[t], 1e-12, 0);
    }
}

/* The rates of PyTorch, but for the last one, which rounding takes to -2.22e-18 there. */
static void a_line_may_end_at_zero(void **state)
{
    (void)state;
    static const double wanted[] = { 0.05, 0.04, 0.03, 0.02, 0.01, 0, 0, 0 };
    cd_optimizer *o = cd_optim_sgd(cd_nn_linear(1, 1), .lr = 0.5);
    cd_scheduler *s = cd_schedule_linear(o, .start_factor = 0.1, .end_factor = CD_ZERO, .steps = 5);
    for (int t = 0; t < 8; t++) {
        assert_close(cd_lr(o), wanted[t], 1e-12, 0);
        assert_true(cd_scheduler_step(s));
    }
}

static void a_cosine_may_be_as_long_as_it_likes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *s = cd_schedule_cosine(o, INT64_MAX);
    assert_true(cd_scheduler_step(s) && cd_scheduler_step(s));
    assert_close(cd_lr(o), 0.3, 1e-15, 0);
}

/* As PyTorch, whose MultiStepLR(o, [0, 2]) begins with gamma times the rate. */
static void a_milestone_may_be_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    static const double expected[] = { 0.03, 0.03, 0.003, 0.003 };
    expect_rates(cd_schedule_multi_step(o, (int64_t[]){ 0, 2 }, 2), o, expected, 4);
}

static cd_scheduler *chain(cd_optimizer *o)
{
    cd_scheduler *parts[] = { cd_schedule_constant(o, .factor = 0.5, .steps = 2),
                              cd_schedule_exponential(o, 0.9) };
    return cd_schedule_chained(o, parts, 2);
}

/* A chain in a sequence begins with all of its schedules, and a sequence with its first one. */
static void schedules_in_a_sequence_begin_whole(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *first[] = { chain(o), cd_schedule_exponential(o, 0.5) };
    static const double of_first[] = { 0.15, 0.135, 0.243, 0.3, 0.15 };
    expect_rates(cd_schedule_sequential(o, first, 2, .milestones = (int64_t[]){ 3 }), o, of_first,
                 5);
    o = optimizer();
    cd_scheduler *second[] = { cd_schedule_exponential(o, 0.5), chain(o) };
    static const double of_second[] = { 0.3, 0.15, 0.15, 0.135, 0.243 };
    expect_rates(cd_schedule_sequential(o, second, 2, .milestones = (int64_t[]){ 2 }), o, of_second,
                 5);
    o = optimizer();
    cd_scheduler *within[] = { cd_schedule_constant(o, .factor = 0.5),
                               cd_schedule_exponential(o, 0.9) };
    cd_scheduler *nested[] = { cd_schedule_sequential(o, within, 2, .milestones = (int64_t[]){ 2 }),
                               cd_schedule_exponential(o, 0.5) };
    static const double of_nested[] = { 0.15, 0.15, 0.3, 0.27, 0.3, 0.15 };
    expect_rates(cd_schedule_sequential(o, nested, 2, .milestones = (int64_t[]){ 4 }), o, of_nested,
                 6);
}

/* SWALR begins from the rate that the schedule before it left, as in PyTorch, not from lr(0). */
static void swa_follows_the_rate_before_it(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *line[] = { cd_schedule_exponential(o, 0.5),
                             cd_schedule_swa(o, 0.05, .steps = 4, .linear = true) };
    static const double of_line[] = { 0.3, 0.15, 0.15, 0.125, 0.1, 0.075, 0.05, 0.05 };
    expect_rates(cd_schedule_sequential(o, line, 2, .milestones = (int64_t[]){ 2 }), o, of_line, 8);
    assert_null(cd_schedule_swa(o, 0.05, .steps = 2.5));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_swa: .steps is 2.5, and must be a whole number");
    o = optimizer();
    cd_scheduler *at_once[] = { cd_schedule_exponential(o, 0.5),
                                cd_schedule_swa(o, 0.05, .steps = CD_ZERO) };
    static const double of_at_once[] = { 0.3, 0.15, 0.05, 0.05 };
    expect_rates(cd_schedule_sequential(o, at_once, 2, .milestones = (int64_t[]){ 2 }), o,
                 of_at_once, 4);
}

/* OneCycleLR's first rate becomes that of the schedules behind it, as in PyTorch. */
static void one_cycle_changes_the_first_rate(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *parts[] = { cd_schedule_linear(o, .start_factor = 0.1),
                              cd_schedule_one_cycle(o, 0.4, 20) };
    static const double expected[] = { 0.0016, 0.00448, 0.00736, 0.016 };
    expect_rates(cd_schedule_sequential(o, parts, 2, .milestones = (int64_t[]){ 3 }), o, expected,
                 4);
}

/* What the first schedule of a chain has done is taken back when the second one fails. */
static void a_chain_that_fails_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *parts[] = { cd_schedule_one_cycle(o, 0.5, 9), cd_schedule_exponential(o, 0.5),
                              cd_schedule_lambda(o, not_finite) };
    const double lr = cd_lr(o), momentum = cd_optimizer_momentum(o, 1);
    cd_scheduler *s = cd_schedule_chained(o, parts, 3);
    assert_false(cd_scheduler_step(s));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_lambda: the rate is");
    assert_close(cd_lr(o), lr, 0, 0);
    assert_close(cd_optimizer_momentum(o, 1), momentum, 0, 0);
    assert_int_equal(s->step + parts[0]->step + parts[1]->step + parts[2]->step, 0);
}

static double counting(int64_t t, void *user)
{
    (void)t;
    ++*(int *)user;
    return 1;
}

static void functions_are_called_once_for_each_group(void **state)
{
    (void)state;
    CD_SCOPE();
    int calls = 0;
    cd_scheduler *s = cd_schedule_lambda(optimizer(), counting, .user = &calls);
    assert_int_equal(calls, 2);
    assert_true(cd_scheduler_step(s));
    assert_int_equal(calls, 4);
}

/* What schedules do is recursive, so their depth is bounded. */
static void schedules_are_not_deep(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *s = cd_schedule_exponential(o, 0.5);
    for (int i = 0; i < CD_SCHEDULES_DEEP; i++) s = cd_schedule_chained(o, &s, 1);
    assert_true(cd_scheduler_step(s));
    assert_null(cd_schedule_chained(o, &s, 1));
    assert_failed_with(CD_ERR_UNSUPPORTED, "more than 16 deep in each other");
}

static int left; /* allocations until one fails */

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return left-- == 0;
}

/* Makes schedule i in a scope that has `others` objects too. Each allocation fails once. */
static void make_without_memory(int i, int others)
{
    for (int at = 0, failed = 1; failed; at++) {
        CD_SCOPE();
        cd_optimizer *o = optimizer();
        for (int k = 0; k < others; k++) assert_non_null(cd_zeros(CD_SCALAR));
        left = at;
        cd_memory_fault_hook = fail_once;
        const cd_scheduler *s = make(cases[i].name, o);
        cd_memory_fault_hook = NULL;
        failed = s == NULL;
        assert_true(at < 100);
        if (!failed) continue;
        assert_failed_with(CD_ERR_MEMORY, "");
        assert_close(cd_lr(o), 0.3, 0, 0);
        assert_close(cd_optimizer_momentum(o, 0), 0.5, 0, 0);
    }
}

/* A schedule that cannot be made leaves the rates as they were, also where it is the scope that has
 * no room for it. */
static void without_memory_no_rate_changes(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        /* The schedules within these are made before, and change the rates. */
        if (strncmp(cases[i].name, "sequential", 10) == 0) continue;
        if (strcmp(cases[i].name, "chained") == 0) continue;
        const int most = strcmp(cases[i].name, "linear") == 0 ? 300 : 1;
        for (int others = 0; others < most; others++) make_without_memory(i, others);
    }
}

static void a_part_is_stepped_by_its_whole_alone(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    cd_scheduler *parts[] = { cd_schedule_constant(o), cd_schedule_cosine_restarts(o, 5) };
    cd_scope whole = cd_scope_begin();
    cd_scheduler *s = cd_schedule_sequential(o, parts, 2, .milestones = (int64_t[]){ 5 });
    const double before = cd_lr(o);
    assert_false(cd_scheduler_step(parts[0]));
    assert_failed_with(CD_ERR_STATE, "scheduler_step: this ConstantLR is part of a SequentialLR, "
                                     "which steps it: step that one");
    assert_false(cd_scheduler_step_to(parts[1], 2));
    assert_failed_with(CD_ERR_STATE, "this CosineAnnealingWarmRestarts is part of a SequentialLR");
    assert_true(cd_lr(o) == before);
    assert_true(cd_scheduler_step(s));
    assert_true(cd_scope_end(whole)); /* the sequence is gone, and its parts are free again */
    assert_true(cd_scheduler_step(parts[0]));
    assert_null(cd_schedule_sequential(o, parts, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "milestones are NULL");
    assert_true(cd_scheduler_step(parts[0]));
}

static void bounds_are_said_as_they_are(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = optimizer();
    assert_null(cd_schedule_linear(o, .start_factor = CD_ZERO));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "schedule_linear: .start_factor is 0, and must be above 0 and at most 1");
    assert_null(cd_schedule_linear(o, .start_factor = 2));
    assert_failed_with(CD_ERR_ARGUMENT, ".start_factor is 2, and must be above 0 and at most 1");
    assert_null(cd_schedule_linear(o, .end_factor = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".end_factor is -1, and must be from 0 to 1");
    assert_null(cd_schedule_plateau(o, .factor = 1));
    assert_failed_with(CD_ERR_ARGUMENT, ".factor is 1, and must be 0 or more and below 1");
    assert_null(cd_schedule_one_cycle(o, 0, 10, .no_cycle_momentum = true));
    assert_failed_with(CD_ERR_ARGUMENT, "max_lr is 0, and must be finite and above 0");
    assert_null(cd_optim_rprop(cd_nn_linear(1, 1), .etaplus = 1));
    assert_failed_with(CD_ERR_ARGUMENT, ".etaplus is 1, and must be finite and above 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_schedule_follows_pytorch),
        TEST(every_class_is_tested),
        TEST(every_schedule_is_resumed),
        TEST(hostile_state_is_refused),
        TEST(wrong_options_are_refused),
        TEST(a_plateau_has_a_lowest_rate_for_each_group),
        TEST(wrong_lists_are_refused),
        TEST(one_cycle_ends),
        TEST(a_failing_step_changes_nothing),
        TEST(schedules_share_the_first_rate),
        TEST(a_linear_cycle_ends_at_zero),
        TEST(a_line_may_end_at_zero),
        TEST(a_cosine_may_be_as_long_as_it_likes),
        TEST(a_milestone_may_be_zero),
        TEST(schedules_in_a_sequence_begin_whole),
        TEST(swa_follows_the_rate_before_it),
        TEST(restarts_go_to_a_part_of_an_epoch),
        TEST(one_cycle_changes_the_first_rate),
        TEST(a_chain_that_fails_changes_nothing),
        TEST(functions_are_called_once_for_each_group),
        TEST(schedules_are_not_deep),
        TEST(without_memory_no_rate_changes),
        TEST(a_part_is_stepped_by_its_whole_alone),
        TEST(bounds_are_said_as_they_are),
    };
    return test_run(tests, sizeof tests / sizeof *tests);
}
