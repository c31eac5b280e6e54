/* Times the elementwise, reduction and softmax kernels. Prints a line for each, with the median of
 * many runs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/iter_internal.h"
#include "core/cpu/optim_step_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/softmax_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

enum { RUNS = 31, SIDE = 4096 };
static const int64_t count = 10000000; /* elements of the large vectors */

static float *a, *b, *c;
static void *out; /* the result of a reduction */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *left, const void *right)
{
    double x = *(const double *)left, y = *(const double *)right;
    return (x > y) - (x < y);
}

static double median_of(void (*run)(void))
{
    double seconds[RUNS];
    run();
    for (int i = 0; i < RUNS; i++) {
        double start = now();
        run();
        seconds[i] = now() - start;
    }
    qsort(seconds, RUNS, sizeof *seconds, by_value);
    return seconds[RUNS / 2];
}

/* c = f(a) or c = f(a, b), on the first `n` elements. */
static void map(cd_map which, int operands, int64_t n)
{
    float *const operand[] = { c, a, b };
    cd_iter it;
    it.operands = operands;
    it.ndim = 1;
    it.element = sizeof *a;
    it.size[0] = n;
    for (int k = 0; k < operands; k++) {
        it.stride[k][0] = sizeof *a;
        it.data[k] = (char *)operand[k];
    }
    cd_cpu_iter_coalesce(&it);
    cd_cpu_map(&it, cd_cpu_loop(which, CD_F32), NULL);
}

static void add(void)
{
    map(CD_MAP_add, 3, count);
}

static void run_exp(void)
{
    map(CD_MAP_exp, 2, count);
}

static void run_log(void)
{
    map(CD_MAP_log, 2, count);
}

static void run_tanh(void)
{
    map(CD_MAP_tanh, 2, count);
}

static void run_sigmoid(void)
{
    map(CD_MAP_sigmoid, 2, count);
}

static void run_relu(void)
{
    map(CD_MAP_relu, 2, count);
}

static void copy_half(int64_t piece, void *context)
{
    (void)context;
    memcpy(c + piece * count / 2, a + piece * count / 2, (size_t)count / 2 * sizeof *a);
}

static void copy(void)
{
    cd_parallel(2, copy_half, NULL);
}

static void add_one_each(void)
{
    for (int i = 0; i < 100000; i++) map(CD_MAP_add, 3, 1);
}

static void sum_all(void)
{
    cd_reduce_shape shape = { .reduced = 1, .size = { count }, .stride = { 4 } };
    cd_cpu_sum(CD_F32, &shape, a, out);
}

static void sum_rows(void)
{
    cd_reduce_shape shape = {
        .kept = 1, .reduced = 1, .size = { SIDE, SIDE }, .stride = { 4 * SIDE, 4 }
    };
    cd_cpu_sum(CD_F32, &shape, a, out);
}

static void sum_columns(void)
{
    cd_reduce_shape shape = {
        .kept = 1, .reduced = 1, .size = { SIDE, SIDE }, .stride = { 4, 4 * SIDE }
    };
    cd_cpu_sum(CD_F32, &shape, a, out);
}

static void max_rows(void)
{
    cd_reduce_shape shape = {
        .kept = 1, .reduced = 1, .size = { SIDE, SIDE }, .stride = { 4 * SIDE, 4 }
    };
    cd_cpu_max(CD_F32, &shape, a, out, (int64_t *)out + SIDE);
}

static void softmax_last(void)
{
    cd_cpu_softmax(CD_F32, SIDE, SIDE, 1, a, c);
}

static void softmax_first(void)
{
    cd_cpu_softmax(CD_F32, 1, SIDE, SIDE, a, c);
}

static void sgd(void)
{
    const cd_step_task task = {
        .n = count,
        .w = a,
        .g = b,
        .state = { c },
        .numbers = { .lr = 1e-9, .keep = 1, .decay = 1e-4, .momentum = 0.9, .undamped = 1 }
    };
    cd_cpu_step(CD_STEP_sgd, CD_F32, &task, 1);
}

int main(void)
{
    const size_t bytes = (size_t)SIDE * SIDE * sizeof(float);
    a = cd_alloc(bytes);
    b = cd_alloc(bytes);
    c = cd_alloc(bytes);
    out = cd_alloc((size_t)2 * SIDE * sizeof(int64_t));
    if (!a || !b || !c || !out) return cd_report(stderr);
    for (int i = 0; i < SIDE * SIDE; i++) {
        a[i] = (float)(rand() % 2000 + 1) * 1e-3f;
        b[i] = (float)(rand() % 2000) * 1e-3f;
        c[i] = 0;
    }
    printf("%s, %d threads\n", cd_cpu_kernels()->name, cd_num_threads());
    printf("memcpy of 10M f32      %7.2f GB/s\n", 8e-9 * (double)count / median_of(copy));
    printf("add of 10M f32         %7.2f GB/s\n", 12e-9 * (double)count / median_of(add));
    static const struct {
        const char *name;
        void (*run)(void);
    } rows[] = { { "relu of 10M", run_relu },
                 { "exp of 10M", run_exp },
                 { "log of 10M", run_log },
                 { "tanh of 10M", run_tanh },
                 { "sigmoid of 10M", run_sigmoid },
                 { "sum of 10M", sum_all },
                 { "sum(1) of 4096x4096", sum_rows },
                 { "sum(0) of 4096x4096", sum_columns },
                 { "max(1) of 4096x4096", max_rows },
                 { "softmax(1) 4096x4096", softmax_last },
                 { "softmax(0) 4096x4096", softmax_first },
                 { "SGD step of 10M", sgd } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        printf("%-22s %7.2f ms\n", rows[i].name, 1e3 * median_of(rows[i].run));
    }
    printf("add of one element     %7.2f ns\n", 1e4 * median_of(add_one_each));
    cd_free(a);
    cd_free(b);
    cd_free(c);
    cd_free(out);
    return cd_report(stderr);
}
