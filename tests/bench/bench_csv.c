/* Measures cd_read_csv on files of 100,000 x 30: numbers of 4 decimals, of 17 digits, whole ones,
 * and numbers beside texts. Prints a row's name and the processor time of one reading in seconds;
 * pandas_csv.py runs it in turn with pandas.read_csv on the same files.
 *
 *     build/tests/bench_csv FOLDER [ROW]     writes the files to FOLDER where they are not there */
#include <candela.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 100000, COLUMNS = 30 };

static uint64_t state = 88172645463325252U;
static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* A number from -100 to 100. */
static double number(void)
{
    return 200 * ((double)(next() >> 11) * 0x1p-53) - 100;
}

static void put_decimals(FILE *f, int c)
{
    (void)c;
    (void)fprintf(f, "%.4f", number());
}

static void put_digits(FILE *f, int c)
{
    (void)c;
    (void)fprintf(f, "%.17g", number());
}

static void put_whole(FILE *f, int c)
{
    (void)c;
    (void)fprintf(f, "%" PRIu64, next() % 100000);
}

static void put_mixed(FILE *f, int c)
{
    static const char *const towns[] = { "Ulm", "Bonn", "\"Bad Tölz, Bayern\"", "", "München" };
    if (c % 3 == 0) {
        (void)fputs(towns[next() % 5], f);
    } else {
        put_decimals(f, c);
    }
}

static const struct {
    const char *name;
    void (*put)(FILE *f, int c);
} rows[] = { { "decimals", put_decimals },
             { "digits17", put_digits },
             { "whole", put_whole },
             { "mixed", put_mixed } };

static bool write_table(const char *path, void (*put)(FILE *f, int c))
{
    FILE *f = fopen(path, "w");
    if (!f) return false;
    for (int c = 0; c < COLUMNS; c++) (void)fprintf(f, "%scolumn%d", c ? "," : "", c);
    for (int i = 0; i < ROWS; i++) {
        for (int c = 0; c < COLUMNS; c++) {
            (void)fputc(c ? ',' : '\n', f);
            put(f, c);
        }
    }
    (void)fputc('\n', f);
    return fclose(f) == 0;
}

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof rows / sizeof *rows; i++) {
        char path[4096];
        CD_SCOPE();
        if (argc > 2 && strcmp(argv[2], rows[i].name) != 0) continue;
        (void)snprintf(path, sizeof path, "%s/%s.csv", argv[1], rows[i].name);
        if (access(path, R_OK) != 0 && !write_table(path, rows[i].put)) return 1;
        const double start = seconds();
        if (cd_table_rows(cd_read_csv(path)) != ROWS) break;
        printf("%s %.4f\n", rows[i].name, seconds() - start);
    }
    return cd_report(stderr);
}
