/* The kernels of optimizers' steps, core/cpu/optim_step.c, against the formulas of
 * core/cpu/optim_step_internal.h in double precision, element by element. */
#include "kernels.h"

#include "core/cpu/optim_step_internal.h"

enum { TASKS = 5, MOST = 70001, STEPS = 3 };

/* The sizes of the parameters, one behind the other in the arrays below. */
static const int64_t sizes[TASKS] = { 3, MOST, 0, 1, 40000 };
enum { N = 3 + MOST + 1 + 40000 };

/* The element of a parameter, of its gradient and of the state. */
typedef struct element {
    double w, g, s[CD_STEP_STATES];
} element;

typedef void reference(element *e, const cd_step_numbers *o);

/* m and v of the optimizers in the manner of Adam. */
static void moments(element *e, const cd_step_numbers *o)
{
    e->s[0] += (1 - o->beta1) * (e->g - e->s[0]);
    e->s[1] = o->beta2 * e->s[1] + (1 - o->beta2) * e->g * e->g;
}

static void sgd(element *e, const cd_step_numbers *o)
{
    double d = e->g;
    if (o->momentum != 0) {
        e->s[0] = o->first ? d : o->momentum * e->s[0] + o->undamped * d;
        d = o->nesterov ? d + o->momentum * e->s[0] : e->s[0];
    }
    e->w -= o->lr * d;
}

static void adam(element *e, const cd_step_numbers *o)
{
    moments(e, o);
    e->w -= o->lr * e->s[0] / (o->scale * sqrt(e->s[1]) + o->eps);
}

static void amsgrad(element *e, const cd_step_numbers *o)
{
    moments(e, o);
    e->s[2] = fmax(e->s[2], e->s[1]);
    e->w -= o->lr * e->s[0] / (o->scale * sqrt(e->s[2]) + o->eps);
}

static void adamax(element *e, const cd_step_numbers *o)
{
    e->s[0] += (1 - o->beta1) * (e->g - e->s[0]);
    e->s[1] = fmax(o->beta2 * e->s[1], fabs(e->g) + o->eps);
    e->w -= o->lr * e->s[0] / e->s[1];
}

static void nadam(element *e, const cd_step_numbers *o)
{
    moments(e, o);
    e->w -= (o->undamped * e->g + o->momentum * e->s[0]) / (o->scale * sqrt(e->s[1]) + o->eps);
}

static void adagrad(element *e, const cd_step_numbers *o)
{
    e->s[0] += e->g * e->g;
    e->w -= o->lr * e->g / (sqrt(e->s[0]) + o->eps);
}

static void adadelta(element *e, const cd_step_numbers *o)
{
    e->s[0] = o->beta2 * e->s[0] + (1 - o->beta2) * e->g * e->g;
    const double d = e->g * sqrt(e->s[1] + o->eps) / sqrt(e->s[0] + o->eps);
    e->s[1] = o->beta2 * e->s[1] + (1 - o->beta2) * d * d;
    e->w -= o->lr * d;
}

static void rmsprop(element *e, const cd_step_numbers *o)
{
    e->s[0] = o->beta2 * e->s[0] + (1 - o->beta2) * e->g * e->g;
    e->w -= o->lr * e->g / (sqrt(e->s[0]) + o->eps);
}

static void rmsprop_centered(element *e, const cd_step_numbers *o)
{
    e->s[0] = o->beta2 * e->s[0] + (1 - o->beta2) * e->g * e->g;
    e->s[2] += (1 - o->beta2) * (e->g - e->s[2]);
    e->s[1] = o->momentum * e->s[1] + e->g / (sqrt(e->s[0] - e->s[2] * e->s[2]) + o->eps);
    e->w -= o->lr * e->s[1];
}

static void rprop(element *e, const cd_step_numbers *o)
{
    const double product = o->first ? 0 : e->g * e->s[1];
    double step = o->first ? o->lr : e->s[0], g = e->g;
    if (product > 0) step *= o->beta2;
    if (product < 0) step *= o->beta1, g = 0;
    e->s[0] = fmin(fmax(step, o->least), o->most);
    e->s[1] = g;
    e->w -= g > 0 ? e->s[0] : g < 0 ? -e->s[0] : 0;
}

static void lion(element *e, const cd_step_numbers *o)
{
    const double mixed = o->beta1 * e->s[0] + (1 - o->beta1) * e->g;
    e->s[0] = o->beta2 * e->s[0] + (1 - o->beta2) * e->g;
    e->w -= mixed > 0 ? o->lr : mixed < 0 ? -o->lr : 0;
}

static double weights[N], gradients[N], states[CD_STEP_STATES][N], first_weights[N];
static element expected[N];

static void draw(cd_dtype dtype)
{
    random_state = 7;
    for (int i = 0; i < N; i++) {
        expected[i] = (element){ .w = (double)(float)random_real() };
        set_element(weights, dtype, i, expected[i].w);
        for (int k = 0; k < CD_STEP_STATES; k++) {
            expected[i].s[k] = (double)(float)fabs(random_real());
            set_element(states[k], dtype, i, expected[i].s[k]);
        }
    }
}

/* One step of all elements by the kernel, and by the reference. */
static void step(cd_step_kind kind, cd_dtype dtype, const cd_step_numbers *numbers, unsigned arrays,
                 reference *formula)
{
    cd_step_task tasks[TASKS];
    const int64_t bytes = (int64_t)cd_dtype_size(dtype);
    for (int i = 0; i < N; i++) {
        element *e = &expected[i];
        const double g = (double)(float)random_real();
        set_element(gradients, dtype, i, g);
        e->w *= numbers->keep;
        e->g = (numbers->maximize ? -g : g) + numbers->decay * e->w;
        formula(e, numbers);
    }
    int64_t at = 0;
    for (int t = 0; t < TASKS; t++) {
        tasks[t] = (cd_step_task){ .n = sizes[t],
                                   .w = (char *)weights + at * bytes,
                                   .g = (char *)gradients + at * bytes,
                                   .numbers = *numbers };
        for (int k = 0; k < CD_STEP_STATES; k++) {
            if (arrays >> k & 1) tasks[t].state[k] = (char *)states[k] + at * bytes;
        }
        at += sizes[t];
    }
    cd_cpu_step(kind, dtype, tasks, TASKS);
}

static void check(cd_step_kind kind, cd_dtype dtype, cd_step_numbers numbers, unsigned arrays,
                  reference *formula)
{
    const double tolerance = dtype == CD_F32 ? 2e-5 : 1e-12;
    for (int run = 0; run < BUILDS * THREAD_COUNTS; run++) {
        if (!cd_cpu_force(every_build[run % BUILDS])) continue;
        assert_true(cd_set_num_threads(thread_counts[run / BUILDS]));
        draw(dtype);
        const bool begins = numbers.first;
        for (int s = 0; s < STEPS; s++) {
            step(kind, dtype, &numbers, arrays, formula);
            numbers.first = false;
        }
        numbers.first = begins;
        int wrong = 0; /* of Rprop and Lion: a sign may differ where a sum is almost zero */
        for (int i = 0; i < N; i++) {
            const double w = get_element(weights, dtype, i);
            const bool close = fabs(w - expected[i].w) <= tolerance * (1 + fabs(expected[i].w));
            if (!close && (kind == CD_STEP_lion || kind == CD_STEP_rprop)) {
                wrong++;
                continue;
            }
            assert_close(w, expected[i].w, tolerance, tolerance);
            for (int k = 0; k < CD_STEP_STATES; k++) {
                if (!(arrays >> k & 1)) continue;
                assert_close(get_element(states[k], dtype, i), expected[i].s[k], tolerance,
                             tolerance);
            }
        }
        assert_true(wrong <= N / 10000);
        if (run == 0) memcpy(first_weights, weights, sizeof weights);
        assert_memory_equal(weights, first_weights, (size_t)N * cd_dtype_size(dtype));
    }
}

static const struct {
    cd_step_kind kind;
    unsigned arrays; /* the set of the state arrays */
    reference *formula;
    cd_step_numbers numbers;
} cases[] = {
    { CD_STEP_sgd, 0, sgd, { .lr = 0.1, .keep = 1 } },
    { CD_STEP_sgd, 0, sgd, { .lr = 0.1, .keep = 0.9, .decay = 0.01, .maximize = true } },
    { CD_STEP_sgd,
      1,
      sgd,
      { .lr = 0.1, .keep = 1, .momentum = 0.9, .undamped = 0.5, .first = true } },
    { CD_STEP_sgd,
      1,
      sgd,
      { .lr = 0.1, .keep = 1, .decay = 0.1, .momentum = 0.9, .undamped = 1, .nesterov = true } },
    { CD_STEP_adam,
      3,
      adam,
      { .lr = 0.1, .keep = 0.95, .beta1 = 0.8, .beta2 = 0.7, .eps = 0.01, .scale = 1.5 } },
    { CD_STEP_adam,
      7,
      amsgrad,
      { .lr = 0.1, .keep = 1, .decay = 0.1, .beta1 = 0.8, .beta2 = 0.7, .eps = 0.1, .scale = 1 } },
    { CD_STEP_radam,
      3,
      adam,
      { .lr = 0.1, .keep = 1, .decay = 0.1, .beta1 = 0.8, .beta2 = 0.7, .eps = 1, .scale = 0 } },
    { CD_STEP_adamax,
      3,
      adamax,
      { .lr = 0.1, .keep = 1, .beta1 = 0.8, .beta2 = 0.7, .eps = 0.01 } },
    { CD_STEP_nadam,
      3,
      nadam,
      { .undamped = 0.03,
        .momentum = 0.07,
        .keep = 1,
        .beta1 = 0.8,
        .beta2 = 0.7,
        .eps = 0.01,
        .scale = 1.5 } },
    { CD_STEP_adagrad, 1, adagrad, { .lr = 0.1, .keep = 1, .decay = 0.1, .eps = 0.01 } },
    { CD_STEP_adadelta, 3, adadelta, { .lr = 0.1, .keep = 1, .beta2 = 0.7, .eps = 0.01 } },
    { CD_STEP_rmsprop, 1, rmsprop, { .lr = 0.1, .keep = 1, .beta2 = 0.7, .eps = 0.01 } },
    { CD_STEP_rprop,
      3,
      rprop,
      { .lr = 0.1,
        .keep = 1,
        .beta1 = 0.5,
        .beta2 = 1.5,
        .least = 0.06,
        .most = 0.2,
        .first = true } },
    { CD_STEP_lion, 1, lion, { .lr = 0.1, .keep = 0.95, .beta1 = 0.8, .beta2 = 0.7 } },
};
enum { CASES = sizeof cases / sizeof *cases };

static void kernels_follow_their_formulas(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        check(cases[i].kind, CD_F32, cases[i].numbers, cases[i].arrays, cases[i].formula);
        check(cases[i].kind, CD_F64, cases[i].numbers, cases[i].arrays, cases[i].formula);
    }
}

/* The mean of the gradients begins at zero here: its square must not be above v. */
static void centered_rmsprop_follows_its_formula(void **state)
{
    (void)state;
    const cd_step_numbers numbers = {
        .lr = 0.1, .keep = 1, .momentum = 0.5, .beta2 = 0.7, .eps = 0.1
    };
    element e = { .w = 0.5 };
    double w = 0.5, s[3] = { 0 };
    for (int t = 0; t < 5; t++) {
        const double g = e.g = t % 2 ? 0.25 : -1;
        const cd_step_task task = {
            .n = 1, .w = &w, .g = &g, .state = { &s[0], &s[1], &s[2] }, .numbers = numbers
        };
        cd_cpu_step(CD_STEP_rmsprop, CD_F64, &task, 1);
        rmsprop_centered(&e, &numbers);
        assert_close(w, e.w, 1e-14, 0);
        for (int k = 0; k < 3; k++) assert_close(s[k], e.s[k], 1e-14, 0);
    }
}

/* Without decay an infinite weight gives no NaN, and without parameters nothing is done. */
static void borders(void **state)
{
    (void)state;
    float w = INFINITY;
    const float g = 1;
    const cd_step_task task = { .n = 1, .w = &w, .g = &g, .numbers = { .lr = 1, .keep = 1 } };
    cd_cpu_step(CD_STEP_sgd, CD_F32, &task, 1);
    assert_true(isinf(w));
    cd_cpu_step(CD_STEP_sgd, CD_F32, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(kernels_follow_their_formulas),
        TEST(centered_rmsprop_follows_its_formula),
        TEST(borders),
    };
    return test_run(tests, sizeof tests / sizeof *tests);
}
