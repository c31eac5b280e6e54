/* Times ops as a program calls them. Prints rows of a name and the median and minimum time of many
 * runs, or of a name and a count. pytorch_autograd.py prints the same rows for PyTorch, and
 * compare.sh makes a table of both.
 *
 *     build/tests/bench_autograd [PREFIX...]     only rows whose names begin with a PREFIX */
#include <candela.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/threads_internal.h"

enum { SIDE = 4096, CHAIN = 1000, WARM_UP = 5 };
static const int64_t count = 10000000; /* elements of the large vectors */
static const double lr = 1e-6;

static cd_tensor *a, *b;           /* count elements each */
static cd_tensor *square;          /* SIDE x SIDE */
static cd_tensor *one, *step;      /* one element each; `one` is a leaf with a gradient */
static cd_tensor *x, *y, *w1, *w2; /* the two-layer network */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *left, const void *right)
{
    double p = *(const double *)left, q = *(const double *)right;
    return (p > q) - (p < q);
}

static long page_faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* --- the rows --------------------------------------------------------------------------------- */

static float *copied_to;
static const float *copied_from;

/* Copies one half of a vector: memcpy with two threads, for comparison. */
static void copy_half(int64_t piece, void *context)
{
    (void)context;
    const int64_t half = count / 2;
    memcpy(copied_to + piece * half, copied_from + piece * half, (size_t)half * sizeof(float));
}

static void copy(void)
{
    cd_parallel(2, copy_half, NULL);
}

static void add(void)
{
    (void)cd_add(a, b);
}

static void sum(void)
{
    (void)cd_sum(square);
}

static void softmax(void)
{
    (void)cd_softmax(square, -1);
}

static void transpose_copy(void)
{
    (void)cd_contiguous(cd_t(square));
}

static void chain_of_tensors(void)
{
    cd_tensor *z = one;
    for (int i = 0; i < CHAIN; i++) z = cd_add(z, step);
    cd_backward(z);
    cd_grad_zero_(one);
}

static void chain_of_numbers(void)
{
    cd_tensor *z = one;
    for (int i = 0; i < CHAIN; i++) z = cd_add(z, 1);
    cd_backward(z);
    cd_grad_zero_(one);
}

static void two_layer_step(void)
{
    cd_tensor *h = cd_clamp_min(cd_mm(x, w1), 0);
    cd_tensor *loss = cd_sum(cd_pow(cd_sub(cd_mm(h, w2), y), 2));
    cd_backward(loss);
    {
        CD_NO_GRAD();
        cd_sub_(w1, cd_mul(cd_grad(w1), lr));
        cd_sub_(w2, cd_mul(cd_grad(w2), lr));
    }
    cd_grad_zero_(w1);
    cd_grad_zero_(w2);
}

typedef struct row {
    const char *name, *unit;
    void (*run)(void);
    double scale; /* from seconds per run to the unit */
    int runs;
} row;

static const row rows[] = {
    { "memcpy_10m", "ms", copy, 1e3, 60 },
    { "add_10m", "ms", add, 1e3, 60 },
    { "sum_4096", "ms", sum, 1e3, 200 },
    { "softmax_4096", "ms", softmax, 1e3, 40 },
    { "transpose_copy_4096", "ms", transpose_copy, 1e3, 40 },
    { "chain_add_tensor", "us", chain_of_tensors, 1e6 / CHAIN, 100 },
    { "chain_add_number", "us", chain_of_numbers, 1e6 / CHAIN, 100 },
    { "two_layer_step", "us", two_layer_step, 1e6, 500 },
};

static void make_operands(void)
{
    cd_manual_seed(1);
    a = cd_rand(CD_SHAPE(count));
    b = cd_rand(CD_SHAPE(count));
    copied_to = cd_data_mut(a);
    copied_from = cd_data(b);
    square = cd_rand(CD_SHAPE(SIDE, SIDE));
    one = cd_ones(CD_SHAPE(1), .requires_grad = true);
    step = cd_ones(CD_SHAPE(1));
    x = cd_randn(CD_SHAPE(64, 1000));
    y = cd_randn(CD_SHAPE(64, 10));
    w1 = cd_randn(CD_SHAPE(1000, 100), .requires_grad = true);
    w2 = cd_randn(CD_SHAPE(100, 10), .requires_grad = true);
}

static void run_in_scope(const row *r)
{
    CD_SCOPE();
    r->run();
}

/* Prints the times of a row, and per run, after some runs to warm up, how often it asked the system
 * for memory, and its page faults. */
static void measure(const row *r)
{
    enum { MOST = 500 };
    double seconds[MOST];
    for (int i = 0; i < WARM_UP; i++) run_in_scope(r);
    const int64_t calls = cd_memory_stats().system_calls;
    const long faults = page_faults();
    for (int i = 0; i < r->runs; i++) {
        double start = now();
        run_in_scope(r);
        seconds[i] = now() - start;
    }
    const double runs = r->runs;
    const double more_calls = (double)(cd_memory_stats().system_calls - calls);
    const double more_faults = (double)(page_faults() - faults);
    qsort(seconds, (size_t)r->runs, sizeof *seconds, by_value);
    printf("%s_%s %.4f %.4f\n", r->name, r->unit, r->scale * seconds[r->runs / 2],
           r->scale * seconds[0]);
    printf("%s_mallocs %.2f\n%s_faults %.2f\n", r->name, more_calls / runs, r->name,
           more_faults / runs);
}

static bool is_chosen(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(name, argv[i], strlen(argv[i])) == 0) return true;
    }
    return argc < 2;
}

int main(int argc, char **argv)
{
    if (!cd_set_num_threads(2)) return cd_report(stderr);
    make_operands();
    printf("version Candela %s, %s\n", cd_about().version, cd_about().compiler);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && cd_ok(); i++) {
        if (is_chosen(rows[i].name, argc, argv)) measure(&rows[i]);
    }
    return cd_report(stderr);
}
