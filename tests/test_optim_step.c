/* The kernel of SGD's step, core/cpu/optim_step.c. */
#include "kernels.h"

#include "core/cpu/optim_step_internal.h"

enum { N = 70001, STEPS = 3 };

/* The formula for one element in double precision: weight w, gradient g, momentum buffer b. */
static void reference(double *w, double g, double *b, const cd_sgd_params *p)
{
    if (p->maximize) g = -g;
    g += p->weight_decay * *w;
    if (p->momentum != 0) {
        *b = p->first ? g : p->momentum * *b + (1 - p->dampening) * g;
        g = p->nesterov ? g + p->momentum * *b : *b;
    }
    *w -= p->lr * g;
}

static void check(cd_dtype dtype, cd_sgd_params params)
{
    static double weights[N], gradients[N], velocities[N];
    static double w[N], g[N], b[N], first[N];
    for (int run = 0; run < BUILDS * THREAD_COUNTS; run++) {
        if (!cd_cpu_force(every_build[run % BUILDS])) continue;
        assert_true(cd_set_num_threads(thread_counts[run / BUILDS]));
        random_state = 7;
        for (int i = 0; i < N; i++) {
            weights[i] = (double)(float)random_real();
            set_element(w, dtype, i, weights[i]);
            set_element(b, dtype, i, NAN); /* the first step must not read it */
        }
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0; i < N; i++) {
                gradients[i] = (double)(float)random_real();
                set_element(g, dtype, i, gradients[i]);
            }
            params.first = step == 0;
            cd_cpu_sgd(dtype, N, w, g, params.momentum != 0 ? b : NULL, &params);
            for (int i = 0; i < N; i++)
                reference(&weights[i], gradients[i], &velocities[i], &params);
        }
        double tolerance = dtype == CD_F32 ? 1e-6 : 1e-14;
        for (int i = 0; i < N; i++) {
            assert_close(get_element(w, dtype, i), weights[i], tolerance, tolerance);
        }
        if (run == 0) memcpy(first, w, sizeof first);
        assert_memory_equal(w, first, N * cd_dtype_size(dtype));
    }
}

static void check_both(cd_sgd_params params)
{
    check(CD_F32, params);
    check(CD_F64, params);
}

static void plain_descent(void **state)
{
    (void)state;
    check_both((cd_sgd_params){ .lr = 0.1 });
}

static void decay_goes_into_the_gradient(void **state)
{
    (void)state;
    check_both((cd_sgd_params){ .lr = 0.1, .weight_decay = 0.01 });
    check_both((cd_sgd_params){ .lr = 0.1, .weight_decay = 0.01, .maximize = true });
}

static void momentum_starts_as_a_copy_of_the_gradient(void **state)
{
    (void)state;
    check_both((cd_sgd_params){ .lr = 0.1, .momentum = 0.9, .dampening = 0.5 });
}

static void nesterov_looks_ahead(void **state)
{
    (void)state;
    check_both(
        (cd_sgd_params){ .lr = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true });
}

static void an_infinite_weight_stays_without_decay(void **state)
{
    (void)state;
    float w[] = { INFINITY }, g[] = { 1 }, b[] = { 0 };
    cd_cpu_sgd(CD_F32, 1, w, g, NULL, &(cd_sgd_params){ .lr = 0.1 });
    assert_true(w[0] == INFINITY);
    cd_cpu_sgd(CD_F32, 1, w, g, b, &(cd_sgd_params){ .lr = 0.1, .momentum = 0.9, .first = true });
    assert_true(w[0] == INFINITY && b[0] == 1);
}

static void no_elements_is_no_work(void **state)
{
    (void)state;
    cd_cpu_sgd(CD_F32, 0, NULL, NULL, NULL, &(cd_sgd_params){ .lr = 0.1 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_descent),
        TEST(decay_goes_into_the_gradient),
        TEST(momentum_starts_as_a_copy_of_the_gradient),
        TEST(nesterov_looks_ahead),
        TEST(an_infinite_weight_stays_without_decay),
        TEST(no_elements_is_no_work),
    };
    return RUN(tests);
}
