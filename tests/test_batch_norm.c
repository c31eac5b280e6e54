/* Batch norm: values, statistics and gradients in training and in inference. */
#include "kernels.h"

#include "core/cpu/batch_norm_internal.h"
#include "core/memory_internal.h"

enum { N = 3, C = 4, S = 21, COUNT = N * C * S };

/* All arrays of a call. Both dtypes have the same numbers; the mean of channel c is near 10 c. */
typedef struct {
    cd_batch_norm_call norm;
    void *x, *dy, *y, *dx; /* COUNT each */
    void *gamma, *beta, *mean, *invstd, *running_mean, *running_var, *dgamma, *dbeta; /* C each */
} problem;

static problem make(cd_dtype dtype)
{
    problem p;
    void **large[] = { &p.x, &p.dy, &p.y, &p.dx };
    void **small[] = { &p.gamma,        &p.beta,        &p.mean,   &p.invstd,
                       &p.running_mean, &p.running_var, &p.dgamma, &p.dbeta };
    for (int i = 0; i < 4; i++) *large[i] = cd_alloc_zeroed(COUNT, sizeof(double));
    for (int i = 0; i < 8; i++) *small[i] = cd_alloc_zeroed(C, sizeof(double));
    for (int i = 0; i < COUNT; i++) {
        set_element(p.x, dtype, i, sin(i * 1.7) * 2 + 10 * (i / S % C));
        set_element(p.dy, dtype, i, cos(i * i * 0.3));
    }
    for (int c = 0; c < C; c++) {
        set_element(p.gamma, dtype, c, 0.5 + c);
        set_element(p.beta, dtype, c, 1 - c);
        set_element(p.running_mean, dtype, c, 7 + c);
        set_element(p.running_var, dtype, c, 2 + c);
    }
    p.norm = (cd_batch_norm_call){ .dtype = dtype,
                                   .images = N,
                                   .channels = C,
                                   .pixels = S,
                                   .gamma = p.gamma,
                                   .beta = p.beta,
                                   .eps = 1e-5 };
    return p;
}

static void end(const problem *p)
{
    void *all[] = { p->x,      p->dy,   p->y,      p->dx,           p->gamma,
                    p->beta,   p->mean, p->invstd, p->running_mean, p->running_var,
                    p->dgamma, p->dbeta };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) cd_free(all[i]);
}

static void train(problem *p)
{
    cd_cpu_batch_norm_train(&p->norm, p->x, p->y, p->mean, p->invstd, p->running_mean,
                            p->running_var, 0.1);
}

/* Mean and biased variance of a channel of x, by the plain formula. */
static void statistics(const problem *p, int c, double *mean, double *var)
{
    *mean = *var = 0;
    for (int i = 0; i < COUNT; i++) {
        if (i / S % C == c) *mean += get_element(p->x, p->norm.dtype, i) / (N * S);
    }
    for (int i = 0; i < COUNT; i++) {
        double off = get_element(p->x, p->norm.dtype, i) - *mean;
        if (i / S % C == c) *var += off * off / (N * S);
    }
}

static const cd_dtype dtypes[] = { CD_F32, CD_F64 };

static double tolerance(cd_dtype dtype)
{
    return dtype == CD_F32 ? 2e-6 : 1e-13;
}

static void training_normalises(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        cd_dtype dtype = dtypes[d];
        problem p = make(dtype);
        train(&p);
        for (int i = 0; i < COUNT; i++) {
            int c = i / S % C;
            double mean, var;
            statistics(&p, c, &mean, &var);
            double expected =
                (get_element(p.x, dtype, i) - mean) / sqrt(var + 1e-5) * (0.5 + c) + (1 - c);
            assert_close(get_element(p.y, dtype, i), expected, tolerance(dtype),
                         10 * tolerance(dtype));
        }
        end(&p);
    }
}

static void training_saves_and_moves_statistics(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        cd_dtype dtype = dtypes[d];
        problem p = make(dtype);
        train(&p);
        for (int c = 0; c < C; c++) {
            double mean, var, unbiased, rtol = tolerance(dtype);
            statistics(&p, c, &mean, &var);
            unbiased = var * (N * S) / (N * S - 1);
            assert_close(get_element(p.mean, dtype, c), mean, rtol, rtol);
            assert_close(get_element(p.invstd, dtype, c), 1 / sqrt(var + 1e-5), rtol, 0);
            assert_close(get_element(p.running_mean, dtype, c), 0.9 * (7 + c) + 0.1 * mean, rtol,
                         0);
            assert_close(get_element(p.running_var, dtype, c), 0.9 * (2 + c) + 0.1 * unbiased, rtol,
                         0);
        }
        end(&p);
    }
}

static void running_statistics_may_be_left_out(void **state)
{
    (void)state;
    problem p = make(CD_F64);
    p.norm.gamma = p.norm.beta = NULL;
    cd_cpu_batch_norm_train(&p.norm, p.x, p.y, p.mean, p.invstd, NULL, NULL, 0.1);
    double mean, var;
    statistics(&p, 1, &mean, &var);
    assert_close(get_element(p.y, CD_F64, S),
                 (get_element(p.x, CD_F64, S) - mean) / sqrt(var + 1e-5), 1e-12, 0);
    assert_close(get_element(p.running_mean, CD_F64, 1), 8, 0, 0);
    end(&p);
}

static void inference_uses_what_is_given(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        cd_dtype dtype = dtypes[d];
        problem p = make(dtype);
        cd_cpu_batch_norm_eval(&p.norm, p.x, p.running_mean, p.running_var, p.y);
        for (int i = 0; i < COUNT; i++) {
            int c = i / S % C;
            double expected =
                (get_element(p.x, dtype, i) - (7 + c)) / sqrt(2 + c + 1e-5) * (0.5 + c) + (1 - c);
            assert_close(get_element(p.y, dtype, i), expected, tolerance(dtype),
                         20 * tolerance(dtype));
        }
        end(&p);
    }
}

/* sum(dy * y): the backward pass computes the gradient of this function. */
static double objective(problem *p, bool training)
{
    if (training) {
        cd_cpu_batch_norm_train(&p->norm, p->x, p->y, p->mean, p->invstd, NULL, NULL, 0);
    } else {
        cd_cpu_batch_norm_eval(&p->norm, p->x, p->running_mean, p->running_var, p->y);
    }
    double sum = 0;
    for (int i = 0; i < COUNT; i++)
        sum += get_element(p->dy, CD_F64, i) * get_element(p->y, CD_F64, i);
    return sum;
}

static double difference(problem *p, bool training, void *array, int i)
{
    const double step = 1e-5;
    double old = get_element(array, CD_F64, i), above, below;
    set_element(array, CD_F64, i, old + step);
    above = objective(p, training);
    set_element(array, CD_F64, i, old - step);
    below = objective(p, training);
    set_element(array, CD_F64, i, old);
    return (above - below) / (2 * step);
}

static void check_gradients(bool training)
{
    problem p = make(CD_F64);
    (void)objective(&p, training);
    if (training) {
        cd_cpu_batch_norm_train_backward(&p.norm, p.dy, p.x, p.mean, p.invstd, p.dx, p.dgamma,
                                         p.dbeta);
    } else {
        cd_cpu_batch_norm_eval_backward(&p.norm, p.dy, p.x, p.running_mean, p.running_var, p.dx,
                                        p.dgamma, p.dbeta);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_close(get_element(p.dx, CD_F64, i), difference(&p, training, p.x, i), 1e-6, 1e-7);
    }
    for (int c = 0; c < C; c++) {
        assert_close(get_element(p.dgamma, CD_F64, c), difference(&p, training, p.gamma, c), 1e-7,
                     1e-8);
        assert_close(get_element(p.dbeta, CD_F64, c), difference(&p, training, p.beta, c), 1e-7,
                     1e-8);
    }
    end(&p);
}

static void training_gradients_are_differences(void **state)
{
    (void)state;
    check_gradients(true);
}

static void inference_gradients_are_differences(void **state)
{
    (void)state;
    check_gradients(false);
}

static void f32_gradients_are_those_of_f64(void **state)
{
    (void)state;
    problem single = make(CD_F32), wide = make(CD_F64);
    for (int i = 0; i < COUNT; i++) { /* the same inputs, rounded */
        set_element(wide.x, CD_F64, i, get_element(single.x, CD_F32, i));
        set_element(wide.dy, CD_F64, i, get_element(single.dy, CD_F32, i));
    }
    problem *both[] = { &single, &wide };
    for (int i = 0; i < 2; i++) {
        problem *p = both[i];
        train(p);
        cd_cpu_batch_norm_train_backward(&p->norm, p->dy, p->x, p->mean, p->invstd, p->dx,
                                         p->dgamma, p->dbeta);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_close(get_element(single.dx, CD_F32, i), get_element(wide.dx, CD_F64, i), 1e-5,
                     1e-5);
    }
    for (int c = 0; c < C; c++) {
        assert_close(get_element(single.dgamma, CD_F32, c), get_element(wide.dgamma, CD_F64, c),
                     1e-5, 1e-5);
        assert_close(get_element(single.dbeta, CD_F32, c), get_element(wide.dbeta, CD_F64, c), 1e-6,
                     1e-6);
    }
    end(&single);
    end(&wide);
}

static void gradients_may_be_left_out(void **state)
{
    (void)state;
    problem p = make(CD_F64);
    train(&p);
    set_element(p.dx, CD_F64, 5, 123);
    cd_cpu_batch_norm_train_backward(&p.norm, p.dy, p.x, p.mean, p.invstd, NULL, NULL, p.dbeta);
    cd_cpu_batch_norm_eval_backward(&p.norm, p.dy, p.x, p.running_mean, p.running_var, NULL, NULL,
                                    NULL);
    assert_close(get_element(p.dx, CD_F64, 5), 123, 0, 0);
    double sum = 0;
    for (int i = 0; i < S * N; i++) sum += get_element(p.dy, CD_F64, i / S * C * S + i % S);
    assert_close(get_element(p.dbeta, CD_F64, 0), sum, 1e-13, 1e-13);
    end(&p);
}

/* A mean far from 0 does not cost the variance its digits. */
static void a_large_mean_does_no_harm(void **state)
{
    (void)state;
    enum { VALUES = 1000 };
    static float x[VALUES], y[VALUES];
    for (int i = 0; i < VALUES; i++) x[i] = 10000 + (float)(i % 2);
    float mean, invstd;
    cd_batch_norm_call norm = { .dtype = CD_F32, .images = VALUES, .channels = 1, .pixels = 1 };
    cd_cpu_batch_norm_train(&norm, x, y, &mean, &invstd, NULL, NULL, 0);
    assert_close((double)invstd, 2, 1e-6, 0);
    assert_close((double)y[0], -1, 1e-2, 0); /* the mean itself is rounded to f32 */
}

static void a_constant_becomes_beta(void **state)
{
    (void)state;
    float x[4] = { 3, 3, 3, 3 }, y[4], mean, invstd, beta = 0.25f;
    cd_batch_norm_call norm = {
        .dtype = CD_F32, .images = 4, .channels = 1, .pixels = 1, .beta = &beta, .eps = 1e-5
    };
    cd_cpu_batch_norm_train(&norm, x, y, &mean, &invstd, NULL, NULL, 0);
    for (int i = 0; i < 4; i++) assert_close((double)y[i], 0.25, 0, 1e-4);
}

static void nan_spoils_its_channel_only(void **state)
{
    (void)state;
    problem p = make(CD_F32);
    set_element(p.x, CD_F32, 2 * S + 3, NAN);
    train(&p);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(isnan(get_element(p.y, CD_F32, i)), i / S % C == 2);
    }
    end(&p);
}

static void without_pixels_columns_are_channels(void **state)
{
    (void)state;
    float x[6] = { 1, 10, 2, 20, 3, 60 }, y[6], mean[2], invstd[2];
    cd_batch_norm_call norm = { .dtype = CD_F32, .images = 3, .channels = 2, .pixels = 1 };
    cd_cpu_batch_norm_train(&norm, x, y, mean, invstd, NULL, NULL, 0);
    assert_close((double)mean[0], 2, 1e-6, 0);
    assert_close((double)mean[1], 30, 1e-6, 0);
    assert_close((double)y[0], -sqrt(1.5), 1e-6, 0);
    assert_close((double)y[3], -10 / sqrt(1400.0 / 3), 1e-6, 0);
}

static void empty_batches_are_left_alone(void **state)
{
    (void)state;
    float given = 1, dgamma = 9, dbeta = 9;
    cd_batch_norm_call norm = { .dtype = CD_F32, .images = 0, .channels = 1, .pixels = 5 };
    cd_cpu_batch_norm_eval(&norm, NULL, &given, &given, NULL);
    cd_cpu_batch_norm_eval_backward(&norm, NULL, NULL, &given, &given, NULL, &dgamma, &dbeta);
    assert_close((double)dgamma, 0, 0, 0);
    assert_close((double)dbeta, 0, 0, 0);
}

/* The same bits for any number of threads and in both builds of the kernels. */
static void threads_and_builds_do_not_change_bits(void **state)
{
    (void)state;
    enum { IMAGES = 5, CHANNELS = 37, PIXELS = 777, VALUES = IMAGES * CHANNELS * PIXELS };
    float *x = cd_alloc(sizeof(float) * VALUES), *y = cd_alloc(sizeof(float) * VALUES);
    float *dx = cd_alloc(sizeof(float) * VALUES), *first = cd_alloc(2 * sizeof(float) * VALUES);
    float mean[CHANNELS], invstd[CHANNELS];
    for (int i = 0; i < VALUES; i++) x[i] = sinf((float)i) + (float)(i % 91);
    cd_batch_norm_call norm = {
        .dtype = CD_F32, .images = IMAGES, .channels = CHANNELS, .pixels = PIXELS, .eps = 1e-5
    };
    int before = cd_num_threads();
    for (int t = 0; t < 6; t++) {
        cd_set_num_threads((int[]){ 1, 2, 3, 4, 8, 2 }[t]);
        if (t == 5) cd_cpu_force("portable");
        cd_cpu_batch_norm_train(&norm, x, y, mean, invstd, NULL, NULL, 0);
        cd_cpu_batch_norm_train_backward(&norm, x, y, mean, invstd, dx, NULL, NULL);
        if (t == 0) {
            memcpy(first, y, sizeof(float) * VALUES);
            memcpy(first + VALUES, dx, sizeof(float) * VALUES);
        }
        assert_memory_equal(y, first, sizeof(float) * VALUES);
        assert_memory_equal(dx, first + VALUES, sizeof(float) * VALUES);
    }
    cd_cpu_force(NULL);
    cd_set_num_threads(before);
    cd_free(x);
    cd_free(y);
    cd_free(dx);
    cd_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(training_normalises),
        TEST(training_saves_and_moves_statistics),
        TEST(running_statistics_may_be_left_out),
        TEST(inference_uses_what_is_given),
        TEST(training_gradients_are_differences),
        TEST(inference_gradients_are_differences),
        TEST(f32_gradients_are_those_of_f64),
        TEST(gradients_may_be_left_out),
        TEST(a_large_mean_does_no_harm),
        TEST(a_constant_becomes_beta),
        TEST(nan_spoils_its_channel_only),
        TEST(without_pixels_columns_are_channels),
        TEST(empty_batches_are_left_alone),
        TEST(threads_and_builds_do_not_change_bits),
    };
    return RUN(tests);
}
