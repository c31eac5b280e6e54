/* How the programs bench_ops and bench_steps time their rows. */
#ifndef CANDELA_TESTS_BENCH_MEASURE_H
#define CANDELA_TESTS_BENCH_MEASURE_H

#include <candela.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A row runs LEAST times at least and MOST times at most, and no more once it has run for `enough`
 * seconds. */
enum { WARM_UP = 3, LEAST = 7, MOST = 200 };
static const double enough = 0.15;

struct row {
    const char *name;
    void (*run)(void);
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

/* Prints the row's name and suffix, and its median and minimum in milliseconds. */
static void measure(const struct row *r, const char *suffix)
{
    double seconds[MOST], all = 0;
    int runs = 0;
    for (int i = 0; i < WARM_UP; i++) (void)seconds_of(r);
    while (runs < MOST && (runs < LEAST || all < enough)) {
        seconds[runs] = seconds_of(r);
        all += seconds[runs++];
    }
    qsort(seconds, (size_t)runs, sizeof *seconds, by_value);
    printf("%s%s_ms %.4f %.4f\n", r->name, suffix, 1e3 * seconds[runs / 2], 1e3 * seconds[0]);
}

/* Whether the row's name begins with one of the program's arguments, or there are none. */
static bool is_chosen(const struct row *r, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(r->name, argv[i], strlen(argv[i])) == 0) return true;
    }
    return argc < 2;
}

#endif
