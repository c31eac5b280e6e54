/* Times a training step of the two-layer network of apps/examples/two_layer_autograd.c (64 samples,
 * 1000 inputs, 100 hidden, 10 outputs), the parts of the step, and its matrix products, with one
 * thread and with two. Prints the shortest and the median time of many runs, in microseconds.
 *
 *     build/tests/bench_two_layer [SECONDS]     for the steps; 1 if not given */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <candela.h>

#include "core/cpu/gemm_internal.h"

enum { RUNS = 4000, N = 64, INPUTS = 1000, HIDDEN = 100, OUTPUTS = 10 };

typedef enum { FORWARD, BACKWARD, UPDATE, ZERO, STEP, PARTS } part;
static const char *const part_names[] = { "forward", "backward", "update", "zero", "step" };

/* Microseconds. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double times[PARTS][RUNS];

static void report(const char *name, double *values, int count, double flops)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    printf("  %-22s %8.1f %8.1f", name, values[0], values[count / 2]);
    if (flops > 0) printf(" %8.1f GFLOP/s", flops / values[0] * 1e-3);
    printf("\n");
}

/* One step; the times of its parts are stored as those of run number `run`. */
static void step(cd_tensor *x, cd_tensor *y, cd_tensor *w1, cd_tensor *w2, int run)
{
    const double lr = 1e-6;
    CD_SCOPE();
    double t[PARTS];
    t[FORWARD] = now();
    cd_tensor *h = cd_clamp_min(cd_mm(x, w1), 0);
    cd_tensor *loss = cd_sum(cd_pow(cd_sub(cd_mm(h, w2), y), 2));
    t[BACKWARD] = now();
    cd_backward(loss);
    t[UPDATE] = now();
    {
        CD_NO_GRAD();
        cd_sub_(w1, cd_mul(cd_grad(w1), lr));
        cd_sub_(w2, cd_mul(cd_grad(w2), lr));
    }
    t[ZERO] = now();
    cd_grad_zero_(w1);
    cd_grad_zero_(w2);
    t[STEP] = now();
    for (int i = 0; i < STEP; i++) times[i][run] = t[i + 1] - t[i];
    times[STEP][run] = t[STEP] - t[FORWARD];
}

static void measure_steps(double seconds)
{
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(N, INPUTS)), *y = cd_randn(CD_SHAPE(N, OUTPUTS));
    cd_tensor *w1 = cd_randn(CD_SHAPE(INPUTS, HIDDEN), .requires_grad = true);
    cd_tensor *w2 = cd_randn(CD_SHAPE(HIDDEN, OUTPUTS), .requires_grad = true);
    int count = 0;
    for (double end = now() + 1e6 * seconds; count < RUNS && now() < end; count++) {
        step(x, y, w1, w2, count);
    }
    for (int i = 0; i < PARTS; i++) report(part_names[i], times[i], count, 0);
}

static void measure_product(const char *name, int64_t m, int64_t n, int64_t k, bool transpose_a,
                            bool transpose_b)
{
    CD_SCOPE();
    cd_tensor *a = cd_randn(CD_SHAPE(m, k)), *b = cd_randn(CD_SHAPE(k, n));
    cd_tensor *c = cd_zeros(CD_SHAPE(m, n));
    cd_gemm_call call = { .m = m,
                          .n = n,
                          .k = k,
                          .alpha = 1,
                          .a = cd_data(a),
                          .transpose_a = transpose_a,
                          .lda = transpose_a ? m : k,
                          .b = cd_data(b),
                          .transpose_b = transpose_b,
                          .ldb = transpose_b ? k : n,
                          .c = cd_data_mut(c),
                          .ldc = n };
    for (int i = 0; i < RUNS / 8; i++) {
        double start = now();
        cd_cpu_gemm(CD_F32, &call);
        times[0][i] = now() - start;
    }
    report(name, times[0], RUNS / 8, 2.0 * (double)(m * n * k));
}

int main(int count, char **arguments)
{
    double seconds = count > 1 ? atof(arguments[1]) : 1;
    for (int threads = 1; threads <= 2; threads++) {
        (void)cd_set_num_threads(threads);
        printf("%d threads: shortest and median, us\n", threads);
        measure_steps(seconds);
        measure_product("x w1", N, HIDDEN, INPUTS, false, false);
        measure_product("h w2", N, OUTPUTS, HIDDEN, false, false);
        measure_product("dy w2^T", N, HIDDEN, OUTPUTS, false, true);
        measure_product("h^T dy", HIDDEN, OUTPUTS, N, true, false);
        measure_product("x^T dh", INPUTS, HIDDEN, N, true, false);
    }
    return cd_report(stderr);
}
