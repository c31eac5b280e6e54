/* What the tests of matrix products share: a problem with its arrays, and the check of its
 * result. */
#ifndef CANDELA_TESTS_GEMM_H
#define CANDELA_TESTS_GEMM_H

#include "kernels.h"

#include <float.h>

#include "core/cpu/gemm_internal.h"
#include "core/memory_internal.h"
#include "core/threads.h"

/* The builds of the kernel. Instead of a build that this machine cannot run, the tests run the
 * default one again (that of CANDELA_CPU, if it is set). */
typedef enum { PORTABLE, AVX2, AVX512, WAYS } way;
static const char *const way_names[] = { "portable", "avx2", "avx512" };

static inline void multiply(way by, cd_dtype dtype, const cd_gemm_call *call)
{
    (void)cd_cpu_force(way_names[by]);
    cd_cpu_gemm(dtype, call);
    (void)cd_cpu_force(NULL);
}

/* A product with its arrays. Gaps between the rows of C hold GUARD, which must not change. */
typedef struct {
    cd_dtype dtype;
    cd_gemm_call call;
    void *a, *b, *c;
    void *start;     /* C before the product */
    int64_t c_count; /* elements of C with its gaps */
} problem;

static const double GUARD = -77;

static uint32_t noise_state;
/* A random number in [-1, 1). */
static inline double noise(void)
{
    noise_state = noise_state * 1664525u + 1013904223u;
    return (double)(noise_state >> 8) / 8388608.0 - 1;
}

/* An array of random numbers: whole ones from -4 to 4, of which sums of a few thousand products are
 * exact in float32, or noise. */
static inline void *numbers(cd_dtype dtype, int64_t count, bool whole)
{
    void *array = cd_alloc((size_t)count * cd_dtype_size(dtype));
    for (int64_t i = 0; i < count; i++) {
        set_element(array, dtype, i, whole ? floor(noise() * 4.5 + 0.5) : noise());
    }
    return array;
}

typedef struct {
    int64_t m, n, k;
    bool transpose_a, transpose_b;
    double alpha, beta;
    bool whole, transpose_c;
    int64_t gap; /* elements between the end of a row and the next row */
} options;

static inline problem make(cd_dtype dtype, options o)
{
    noise_state = 1;
    problem p = { .dtype = dtype };
    p.call = (cd_gemm_call){ .m = o.m,
                             .n = o.n,
                             .k = o.k,
                             .alpha = o.alpha,
                             .beta = o.beta,
                             .transpose_a = o.transpose_a,
                             .transpose_b = o.transpose_b,
                             .lda = (o.transpose_a ? o.m : o.k) + o.gap,
                             .ldb = (o.transpose_b ? o.k : o.n) + o.gap,
                             .transpose_c = o.transpose_c,
                             .ldc = (o.transpose_c ? o.m : o.n) + o.gap };
    p.c_count = (o.transpose_c ? o.n : o.m) * p.call.ldc;
    p.call.a = p.a = numbers(dtype, (o.transpose_a ? o.k : o.m) * p.call.lda, o.whole);
    p.call.b = p.b = numbers(dtype, (o.transpose_b ? o.n : o.k) * p.call.ldb, o.whole);
    p.start = numbers(dtype, p.c_count, o.whole);
    for (int64_t i = 0; i < p.c_count; i++) {
        if (i % p.call.ldc >= p.call.ldc - o.gap) set_element(p.start, dtype, i, GUARD);
    }
    p.call.c = p.c = cd_alloc((size_t)p.c_count * cd_dtype_size(dtype));
    return p;
}

/* Gives C the values that it had before the product. */
static inline void restart(problem *p)
{
    memcpy(p->c, p->start, (size_t)p->c_count * cd_dtype_size(p->dtype));
}

static inline void end(problem *p)
{
    cd_free(p->a);
    cd_free(p->b);
    cd_free(p->c);
    cd_free(p->start);
}

/* A[i][q] of the product, after transposition. */
static inline double left(const problem *p, int64_t i, int64_t q)
{
    const cd_gemm_call *call = &p->call;
    return get_element(p->a, p->dtype, call->transpose_a ? q * call->lda + i : i * call->lda + q);
}

/* B[q][j] of the product, after transposition; or gathered by b_row and b_column. */
static inline double right(const problem *p, int64_t q, int64_t j)
{
    const cd_gemm_call *call = &p->call;
    if (call->b_row) return get_element(p->b, p->dtype, call->b_row[q] + call->b_column[j]);
    return get_element(p->b, p->dtype, call->transpose_b ? j * call->ldb + q : q * call->ldb + j);
}

/* The right value of C[i][j]. Stores the error that is allowed in *bound. */
static inline double expected_element(const problem *p, int64_t i, int64_t j, double *bound)
{
    const cd_gemm_call *call = &p->call;
    double eps = p->dtype == CD_F32 ? (double)FLT_EPSILON : DBL_EPSILON, sum = 0, size = 0;
    for (int64_t q = 0; q < call->k; q++) {
        double product = left(p, i, q) * right(p, q, j);
        sum += product;
        size = fmax(size, fabs(product));
    }
    int64_t at = call->transpose_c ? j * call->ldc + i : i * call->ldc + j;
    double old = call->beta == 0 ? 0 : call->beta * get_element(p->start, p->dtype, at);
    double scale = fabs(call->alpha) * size * sqrt((double)call->k) + fabs(old);
    *bound = 4 * sqrt((double)call->k + 1) * eps * scale;
    return call->alpha * sum + old;
}

/* Compares C with sums in double. For whole numbers they must be equal, otherwise the error may be
 * 4 sqrt(k) eps times the magnitude of the terms. The gaps between rows must still hold GUARD. */
static inline void check(const problem *p, const char *name, bool whole)
{
    const cd_gemm_call *call = &p->call;
    int64_t columns = call->transpose_c ? call->m : call->n;
    for (int64_t i = 0; i < p->c_count; i++) {
        int64_t row = i / call->ldc, column = i % call->ldc;
        double actual = get_element(p->c, p->dtype, i), expected = GUARD, bound = 0;
        if (column < columns) {
            expected = call->transpose_c ? expected_element(p, column, row, &bound)
                                         : expected_element(p, row, column, &bound);
        }
        assert_that(fabs(actual - expected) <= (whole ? 0 : bound),
                    "%s, %s %lldx%lldx%lld %d%d%d: row %lld, column %lld of C is %.9g, not %.9g",
                    name, cd_dtype_name(p->dtype), (long long)call->m, (long long)call->n,
                    (long long)call->k, call->transpose_a, call->transpose_b, call->transpose_c,
                    (long long)row, (long long)column, actual, expected);
    }
}

/* Checks a product in both dtypes, with every build of the kernel. */
static inline void try_all_ways(options o)
{
    for (int f64 = 0; f64 < 2; f64++) {
        problem p = make(f64 ? CD_F64 : CD_F32, o);
        for (way by = 0; by < WAYS; by++) {
            restart(&p);
            multiply(by, p.dtype, &p.call);
            check(&p, way_names[by], o.whole);
        }
        end(&p);
    }
}

#endif
