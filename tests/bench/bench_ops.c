/* Times the elementwise ops, reductions, norms and other memory-bound ops on matrices of 1024 x
 * 1024 and of 4096 x 4096. op_rows.def lists them. Prints a row's name, and the median and minimum
 * time; pytorch_ops.py prints the same rows for PyTorch, and compare.sh makes a table of both.
 *
 *     build/tests/bench_ops [PREFIX...]     only rows whose names begin with a PREFIX */
#include "measure.h"

static int64_t side;
static cd_tensor *x, *z, *p, *u, *t;

#define ROW(name_, candela_, pytorch_)                                                             \
    static void row_##name_(void)                                                                  \
    {                                                                                              \
        (void)(candela_);                                                                          \
    }
#include "op_rows.def"
#undef ROW

static const struct row rows[] = {
#define ROW(name_, candela_, pytorch_) { #name_, row_##name_ },
#include "op_rows.def"
#undef ROW
};

static void run_all(int argc, char **argv)
{
    CD_SCOPE();
    char suffix[32];
    snprintf(suffix, sizeof suffix, "_%lld", (long long)side);
    x = cd_randn(CD_SHAPE(side, side));
    z = cd_randn(CD_SHAPE(side, side));
    p = cd_add(cd_rand(CD_SHAPE(side, side)), 0.5);
    u = cd_sub(cd_mul(cd_rand(CD_SHAPE(side, side)), 1.8), 0.9);
    t = cd_gt(x, z);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && cd_ok(); i++) {
        if (is_chosen(&rows[i], argc, argv)) measure(&rows[i], suffix);
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
