/* Times the elementwise ops, reductions, norms and other memory-bound ops on matrices of 1024 x
 * 1024 and of 4096 x 4096. op_rows.def lists them. Prints a row's name, and the median and minimum
 * time; pytorch_ops.py prints the same rows for PyTorch, and compare.sh makes a table of both.
 *
 *     build/tests/bench_ops [PREFIX...]     only rows whose names begin with a PREFIX */
#include <candela.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WARM_UP = 3, LEAST = 7, MOST = 200 };
static const double enough = 0.15; /* seconds for a row, if it has run LEAST times by then */

static int64_t side;
static cd_tensor *x, *z, *p, *u, *t;

#define ROW(name_, candela_, pytorch_)                                                             \
    static void row_##name_(void)                                                                  \
    {                                                                                              \
        (void)(candela_);                                                                          \
    }
#include "op_rows.def"
#undef ROW

static const struct row {
    const char *name;
    void (*run)(void);
} rows[] = {
#define ROW(name_, candela_, pytorch_) { #name_, row_##name_ },
#include "op_rows.def"
#undef ROW
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double seconds_of(const struct row *r)
{
    CD_SCOPE();
    const double start = now();
    r->run();
    return now() - start;
}

static void measure(const struct row *r)
{
    double seconds[MOST], all = 0;
    int runs = 0;
    for (int i = 0; i < WARM_UP; i++) (void)seconds_of(r);
    while (runs < MOST && (runs < LEAST || all < enough)) {
        seconds[runs] = seconds_of(r);
        all += seconds[runs++];
    }
    qsort(seconds, (size_t)runs, sizeof *seconds, by_value);
    printf("%s_%lld_ms %.4f %.4f\n", r->name, (long long)side, 1e3 * seconds[runs / 2],
           1e3 * seconds[0]);
}

static bool is_chosen(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(name, argv[i], strlen(argv[i])) == 0) return true;
    }
    return argc < 2;
}

static void run_all(int argc, char **argv)
{
    CD_SCOPE();
    x = cd_randn(CD_SHAPE(side, side));
    z = cd_randn(CD_SHAPE(side, side));
    p = cd_add(cd_rand(CD_SHAPE(side, side)), 0.5);
    u = cd_sub(cd_mul(cd_rand(CD_SHAPE(side, side)), 1.8), 0.9);
    t = cd_gt(x, z);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && cd_ok(); i++) {
        if (is_chosen(rows[i].name, argc, argv)) measure(&rows[i]);
    }
}

int main(int argc, char **argv)
{
    static const int64_t sides[] = { 1024, 4096 };
    if (!cd_set_num_threads(2)) return cd_report(stderr);
    cd_manual_seed(1);
    printf("version Candela %s, %s\n", cd_about().version, cd_about().compiler);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        side = sides[i];
        run_all(argc, argv);
    }
    return cd_report(stderr);
}
