/* Compares the matrix products of Candela and OpenBLAS, on one thread, for the shapes of the
 * networks that the project trains. Prints GFLOP/s, and the ratio of the times.
 *
 *     build/tests/bench_gemm [f64] [few]     in float64; products with few rows instead
 *
 * OpenBLAS is loaded if it is installed; nothing else in the project uses it. The two libraries run
 * in turns of some tens of microseconds, so that both run under the same conditions. The shortest
 * run of each is compared, since other programs can only make a run longer. The environment
 * variables CANDELA_CPU=avx2 and OPENBLAS_CORETYPE=Haswell choose older kernels. */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/gemm_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/threads.h"

/* A product C = A B, where A is m x k and B is k x n; each may be stored transposed. */
typedef struct {
    const char *name;
    int64_t m, n, k;
    bool transpose_a, transpose_b;
} product;

static const product networks[] = {
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
    { "one row, fc dx", 1, 512, 1000, false, false },
    { "one column", 1000, 1, 512, false, false },
    { "column, transposed", 512, 1, 1000, true, false },
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
    { "encoder ff1", 2048, 1024, 256, false, true },
    { "encoder ff1 dx", 2048, 256, 1024, false, false },
    { "encoder ff1 dW", 1024, 256, 2048, true, false },
    { "encoder ff2 dW", 256, 1024, 2048, true, false },
    { "square 64", 64, 64, 64, false, false },
    { "square 256", 256, 256, 256, false, false },
    { "square 1024", 1024, 1024, 1024, false, false },
};

/* Processor time of this thread, on which both libraries compute: it does not run on while another
 * program has the processor. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- OpenBLAS --------------------------------------------------------------------------------- */

/* Constants of cblas.h. */
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };

static struct {
    void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int,
                  float, float *, int);
    void (*dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int,
                  double, double *, int);
} openblas;

/* Loads OpenBLAS and prints its version. It reads OPENBLAS_NUM_THREADS when it is loaded, and then
 * starts no threads. */
static void open_openblas(void)
{
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    char *(*config)(void) = NULL;
    if (library) {
        *(void **)&openblas.sgemm = dlsym(library, "cblas_sgemm");
        *(void **)&openblas.dgemm = dlsym(library, "cblas_dgemm");
        *(void **)&config = dlsym(library, "openblas_get_config");
    }
    if (!openblas.sgemm || !openblas.dgemm) openblas.sgemm = NULL;
    printf("OpenBLAS: %s\n", openblas.sgemm && config ? config() : "not installed");
}

static void multiply_by_openblas(cd_dtype dtype, const cd_gemm_call *call)
{
    int op_a = call->transpose_a ? TRANSPOSE : NO_TRANSPOSE;
    int op_b = call->transpose_b ? TRANSPOSE : NO_TRANSPOSE;
    int m = (int)call->m, n = (int)call->n, k = (int)call->k;
    int lda = (int)call->lda, ldb = (int)call->ldb, ldc = (int)call->ldc;
    if (dtype == CD_F32) {
        openblas.sgemm(ROW_MAJOR, op_a, op_b, m, n, k, (float)call->alpha, call->a, lda, call->b,
                       ldb, (float)call->beta, call->c, ldc);
    } else {
        openblas.dgemm(ROW_MAJOR, op_a, op_b, m, n, k, call->alpha, call->a, lda, call->b, ldb,
                       call->beta, call->c, ldc);
    }
}

/* --- measuring -------------------------------------------------------------------------------- */

typedef void multiplier(cd_dtype dtype, const cd_gemm_call *call);

enum { RUNS = 200 };

typedef struct {
    double least, median;
} timing;

static double time_once(multiplier *multiply, cd_dtype dtype, const cd_gemm_call *call, int repeats)
{
    double start = seconds();
    for (int i = 0; i < repeats; i++) multiply(dtype, call);
    return (seconds() - start) / repeats;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static timing summary(double *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, by_value);
    return (timing){ times[0], times[count / 2] };
}

/* Times both libraries in turn. A run repeats the product for some 50 us, or is one product if that
 * takes longer. */
static void time_in_turn(cd_dtype dtype, const cd_gemm_call *call, timing *own, timing *other)
{
    double own_times[RUNS], other_times[RUNS];
    double products = (double)call->m * (double)call->n * (double)call->k;
    int repeats = 1 + (int)(2e6 / products), runs = products > 1e8 ? RUNS / 8 : RUNS;
    for (int i = -3; i < runs; i++) {
        int at = i < 0 ? 0 : i;
        own_times[at] = time_once(cd_cpu_gemm, dtype, call, repeats);
        if (openblas.sgemm) {
            other_times[at] = time_once(multiply_by_openblas, dtype, call, repeats);
        }
    }
    *own = summary(own_times, runs);
    if (openblas.sgemm) *other = summary(other_times, runs);
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
    timing own = { 0 }, other = { 0 };
    time_in_turn(dtype, &call, &own, &other);
    double gflop = 2e-9 * (double)p->m * (double)p->n * (double)p->k;
    printf("%-18s %5lld x %5lld x %5lld %s%s %9.1f", p->name, (long long)p->m, (long long)p->n,
           (long long)p->k, p->transpose_a ? "t" : "n", p->transpose_b ? "t" : "n",
           gflop / own.least);
    if (openblas.sgemm) {
        double ratio = own.least / other.least;
        printf(" %9.1f %7.2f %7.2f%s", gflop / other.least, ratio, own.median / other.median,
               ratio > 1.05 ? "  behind" : "");
    }
    printf("\n");
    cd_free(a);
    cd_free(b);
    cd_free(c);
}

static void measure_few_rows(cd_dtype dtype)
{
    static const int64_t rows[] = { 1, 2, 3, 4, 6, 8, 12, 16 }, sides[] = { 64, 256, 1024, 4096 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < sizeof sides / sizeof *sides * 8; j++) {
            product p = { "few rows", rows[i], sides[j / 2 % 4], sides[j / 8], false, j % 2 };
            measure(dtype, &p);
        }
    }
}

int main(int count, char **arguments)
{
    cd_dtype dtype = CD_F32;
    bool few = false;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "f64") == 0) dtype = CD_F64;
        if (strcmp(arguments[i], "few") == 0) few = true;
    }
    if (!cd_set_num_threads(1)) return cd_report(stderr);
    open_openblas();
    printf("%s, kernels %s: GFLOP/s of Candela and OpenBLAS; ratio of the times, shortest and "
           "median\n",
           cd_dtype_name(dtype), cd_cpu_kernels()->name);
    if (few) {
        measure_few_rows(dtype);
    } else {
        for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
            measure(dtype, &networks[i]);
        }
    }
    return cd_report(stderr);
}
