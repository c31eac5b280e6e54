/* GFLOP/s of both engines, on the shapes of the networks the project trains. Run by hand:
 * build/tests/bench_gemm [threads] [f64] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/cpu/gemm_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/threads.h"

typedef struct {
    const char *what;
    int64_t m, n, k;
    bool transpose_a, transpose_b;
} product;

static const product products[] = {
    { "mlp fc1", 128, 256, 784, false, true },
    { "mlp fc2", 128, 128, 256, false, true },
    { "mlp fc3", 128, 10, 128, false, true },
    { "mlp fc1 dW", 256, 784, 128, true, false },
    { "mlp fc2 dW", 128, 256, 128, true, false },
    { "mlp fc3 dW", 10, 128, 128, true, false },
    { "mlp fc2 dx", 128, 256, 128, false, false },
    { "mlp fc3 dx", 128, 128, 10, false, false },
    { "two-layer 1", 64, 100, 1000, false, false },
    { "two-layer 2", 64, 10, 100, false, false },
    { "two-layer 1 dW", 1000, 100, 64, true, false },
    { "two-layer 2 dW", 100, 10, 64, true, false },
    { "two-layer 2 dx", 64, 100, 10, false, true },
    { "one row, fc", 1, 1000, 512, false, true },
    { "resnet fc", 32, 1000, 512, false, true },
    { "resnet conv1", 64, 12544, 147, false, false },
    { "resnet layer1", 64, 3136, 576, false, false },
    { "resnet layer2", 128, 784, 1152, false, false },
    { "resnet layer3", 256, 196, 2304, false, false },
    { "resnet layer4", 512, 49, 4608, false, false },
    { "resnet layer1 dW", 64, 576, 3136, false, true },
    { "resnet layer4 dW", 512, 4608, 49, false, true },
    { "resnet layer1 dx", 576, 3136, 64, true, false },
    { "resnet layer4 dx", 4608, 49, 512, true, false },
    { "square 64", 64, 64, 64, false, false },
    { "square 256", 256, 256, 256, false, false },
    { "square 1024", 1024, 1024, 1024, false, false },
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The least over runs of at least 0.1 ms each, some 60 ms in all: other programs only add to it. */
static double least_seconds(cd_gemm_engine engine, cd_dtype dtype, const cd_gemm_call *call)
{
    enum { RUNS = 31 };
    double least = INFINITY;
    double flops = 2.0 * (double)call->m * (double)call->n * (double)call->k;
    int repeats = 1 + (int)(1e7 / flops);
    for (int i = 0; i < 3; i++) cd_gemm_with(engine, dtype, call);
    for (int i = 0; i < RUNS; i++) {
        double start = seconds();
        for (int j = 0; j < repeats; j++) cd_gemm_with(engine, dtype, call);
        least = fmin(least, (seconds() - start) / repeats);
    }
    return least;
}

static void *ones(cd_dtype dtype, int64_t count)
{
    void *array = cd_alloc((size_t)count * cd_dtype_size(dtype));
    for (int64_t i = 0; array && i < count; i++) {
        if (dtype == CD_F32) {
            ((float *)array)[i] = 1;
        } else {
            ((double *)array)[i] = 1;
        }
    }
    return array;
}

static void measure(cd_dtype dtype, const product *p)
{
    void *a = ones(dtype, p->m * p->k), *b = ones(dtype, p->k * p->n),
         *c = ones(dtype, p->m * p->n);
    if (!a || !b || !c) exit(1);
    cd_gemm_call call = {
        .m = p->m,
        .n = p->n,
        .k = p->k,
        .alpha = 1,
        .a = a,
        .b = b,
        .c = c,
        .transpose_a = p->transpose_a,
        .lda = p->transpose_a ? p->m : p->k,
        .transpose_b = p->transpose_b,
        .ldb = p->transpose_b ? p->k : p->n,
        .ldc = p->n,
    };
    double giga = 2e-9 * (double)p->m * (double)p->n * (double)p->k;
    double own = giga / least_seconds(CD_GEMM_OWN, dtype, &call), blas = 0;
    if (cd_gemm_openblas_takes(&call)) {
        blas = giga / least_seconds(CD_GEMM_OPENBLAS, dtype, &call);
    }
    printf("%-18s %5lld x %5lld x %5lld %s%s %9.1f %9.1f  picks %s\n", p->what, (long long)p->m,
           (long long)p->n, (long long)p->k, p->transpose_a ? "t" : "n", p->transpose_b ? "t" : "n",
           own, blas, cd_gemm_pick(dtype, &call) == CD_GEMM_OWN ? "own" : "openblas");
    cd_free(a);
    cd_free(b);
    cd_free(c);
}

int main(int count, char **arguments)
{
    cd_dtype dtype = CD_F32;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "f64") == 0) {
            dtype = CD_F64;
        } else {
            cd_set_num_threads(atoi(arguments[i]));
        }
    }
    printf("%s, %d threads: GFLOP/s of our own engine and of OpenBLAS\n", cd_dtype_name(dtype),
           cd_num_threads());
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) measure(dtype, &products[i]);
    return cd_report(stderr);
}
