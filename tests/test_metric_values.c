/* The values of metrics, against scikit-learn's and torchmetrics': golden/make_metrics.py, which
 * makes the same outputs and targets by the same rule. */
#include "test.h"

#include <candela.h>

/* --- the numbers of make_metrics.py ----------------------------------------------------------- */

/* Writes `count` numbers from 0 to below - 1. */
static void draws(int64_t *out, int64_t count, int64_t below, int64_t seed)
{
    int64_t x = seed;
    for (int64_t i = 0; i < count; i++) {
        x = (x * 1103515245 + 12345) % ((int64_t)1 << 31);
        out[i] = (x >> 16) % below;
    }
}

enum { MOST = 2000 };

static cd_tensor *logits(int64_t rows, int64_t columns, int64_t seed)
{
    int64_t drawn[MOST];
    float x[MOST];
    draws(drawn, rows * columns, 41, seed);
    for (int64_t i = 0; i < rows * columns; i++) {
        x[i] = (float)(drawn[i] - 20) / 8 + (float)(i % columns) / 64;
    }
    return cd_from_array(x, CD_SHAPE(rows, columns));
}

static cd_tensor *labels(cd_shape shape, int64_t below, int64_t seed)
{
    int64_t drawn[MOST], count = 1;
    for (int i = 0; i < shape.ndim; i++) count *= shape.dim[i];
    draws(drawn, count, below, seed);
    return cd_from_array(drawn, shape);
}

static cd_tensor *column(cd_tensor *x)
{
    return cd_contiguous(cd_select(x, 1, 0));
}

/* --- the cases -------------------------------------------------------------------------------- */

typedef struct test_case {
    cd_tensor *output, *target;
    double threshold;
} test_case;

static test_case absent(void)
{
    cd_tensor *x = logits(90, 5, 3);
    cd_sub_(cd_select(x, 1, 3), 100);
    return (test_case){ x, labels(CD_SHAPE(90), 3, 4), 0 };
}

static test_case some_labels(void)
{
    cd_tensor *y = cd_to(labels(CD_SHAPE(80, 4), 2, 15), CD_F32);
    cd_mul_(cd_select(y, 1, 3), 0);
    return (test_case){ logits(80, 4, 14), y, 0 };
}

static test_case numbers(const char *name)
{
    cd_tensor *x = logits(100, 3, 16), *y = logits(100, 3, 17);
    if (strcmp(name, "column") == 0) {
        return (test_case){ column(x), cd_slice(cd_add(y, 1000), 1, 0, 1, 1), 0 };
    }
    if (strcmp(name, "constant") == 0) {
        return (test_case){ column(x), cd_full(CD_SHAPE(100), 2.5), 0 };
    }
    if (strcmp(name, "perfect") == 0) {
        return (test_case){ cd_full(CD_SHAPE(100), 2.5), cd_full(CD_SHAPE(100), 2.5), 0 };
    }
    return (test_case){ x, y, 0 };
}

static test_case binary(const char *name)
{
    if (strcmp(name, "few") == 0) {
        return (test_case){ column(logits(12, 1, 9)), labels(CD_SHAPE(12), 2, 10), 0 };
    }
    if (strcmp(name, "one") == 0) {
        return (test_case){ logits(1, 1, 11), cd_ones(CD_SHAPE(1)), 0 };
    }
    if (strcmp(name, "equal") == 0) {
        return (test_case){ cd_full(CD_SHAPE(20), 0.25), labels(CD_SHAPE(20), 2, 12), 0 };
    }
    if (strcmp(name, "no_positive") == 0) {
        return (test_case){ logits(20, 1, 13), cd_zeros(CD_SHAPE(20)), 0 };
    }
    cd_tensor *y = cd_to(labels(CD_SHAPE(150), 2, 8), CD_F32);
    return (test_case){ logits(150, 1, 7), y, strcmp(name, "binary") == 0 ? 0 : 0.75 };
}

static test_case case_named(const char *name)
{
    if (strcmp(name, "classes") == 0) {
        return (test_case){ logits(200, 5, 1), labels(CD_SHAPE(200), 5, 2), 0 };
    }
    if (strcmp(name, "absent") == 0) return absent();
    if (strcmp(name, "labels") == 0) return some_labels();
    if (strcmp(name, "two") == 0) {
        return (test_case){ logits(70, 2, 5), labels(CD_SHAPE(70), 2, 6), 0 };
    }
    if (strcmp(name, "numbers") == 0 || strcmp(name, "column") == 0 ||
        strcmp(name, "constant") == 0 || strcmp(name, "perfect") == 0) {
        return numbers(name);
    }
    return binary(name);
}

static const cd_metric *const metrics[] = {
    &cd_accuracy,
    &cd_exact_match,
    &cd_balanced_accuracy,
    &cd_mcc,
    &cd_precision,
    &cd_recall,
    &cd_f1,
    &cd_top5,
    &cd_auc,
    &cd_average_precision,
    &cd_mae,
    &cd_mse,
    &cd_rmse,
    &cd_mape,
    &cd_r2,
};

/* The metric of a line, with its options. */
static cd_metric metric_of(const char *name, const char *options, double threshold)
{
    const cd_metric *found = NULL;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        if (strcmp(metrics[i]->name, name) == 0) found = metrics[i];
    }
    assert_that(found, "no metric is called %s", name);
    cd_metric m = *found;
    if (found != &cd_auc && found != &cd_average_precision) m.options.threshold = threshold;
    if (strcmp(options, "macro") == 0) m.options.average = CD_AVERAGE_MACRO;
    if (strcmp(options, "micro") == 0) m.options.average = CD_AVERAGE_MICRO;
    if (strcmp(options, "weighted") == 0) m.options.average = CD_AVERAGE_WEIGHTED;
    if (strcmp(options, "beta2") == 0) m.options.beta = 2;
    if (options[0] == 'k') m.options.k = options[1] - '0';
    return m;
}

/* The value over batches of `rows` samples. */
static double in_batches(const cd_metric *m, const test_case *c, int64_t rows)
{
    CD_SCOPE();
    cd_meter *meter = cd_meter_new(m);
    int64_t all = cd_size(c->output, 0);
    for (int64_t i = 0; i < all; i += rows) {
        int64_t end = i + rows < all ? i + rows : all;
        cd_meter_update(meter, cd_slice(c->output, 0, i, end, 1),
                        cd_slice(c->target, 0, i, end, 1));
    }
    return cd_meter_value(meter);
}

/* --- the values that a curve or matrix has ---------------------------------------------------- */

static double in_matrix(const test_case *c, int64_t i)
{
    cd_meter *m = cd_meter_new(&cd_confusion);
    cd_meter_update(m, c->output, c->target);
    return cd_item(cd_select(cd_reshape(cd_confusion_matrix(m), CD_SHAPE(-1)), 0, i));
}

static double in_curve(const char *name, const test_case *c, int64_t i)
{
    cd_meter *m = cd_meter_new(&cd_auc);
    cd_meter_update(m, c->output, c->target);
    cd_tensor *tpr, *roc_threshold, *recall, *pr_threshold;
    cd_tensor *fpr = cd_roc_curve(m, .y = &tpr, .thresholds = &roc_threshold);
    cd_tensor *precision = cd_pr_curve(m, .y = &recall, .thresholds = &pr_threshold);
    const struct {
        const char *name;
        cd_tensor *values;
    } curves[] = { { "fpr", fpr },
                   { "tpr", tpr },
                   { "roc_threshold", roc_threshold },
                   { "precision_at", precision },
                   { "recall_at", recall },
                   { "pr_threshold", pr_threshold } };
    for (size_t k = 0; k < sizeof curves / sizeof *curves; k++) {
        if (strcmp(curves[k].name, name) == 0) return cd_item(cd_select(curves[k].values, 0, i));
    }
    return NAN;
}

static double value_of(const char *name, const char *metric, const char *options, int64_t rows)
{
    CD_SCOPE();
    test_case c = case_named(name);
    if (strcmp(metric, "confusion") == 0) return in_matrix(&c, atol(options));
    if (strcmp(name, "few") == 0) return in_curve(metric, &c, atol(options));
    cd_metric m = metric_of(metric, options, c.threshold);
    return rows ? in_batches(&m, &c, rows) : cd_measure(&m, c.output, c.target);
}

/* Calls check for each line of the file. */
static int each_line(void (*check)(const char *line_case, const char *metric, const char *options,
                                   double expected))
{
    char name[64], metric[64], options[64];
    double expected;
    int lines = 0;
    FILE *file = fopen(test_path("golden/metrics.txt"), "r");
    assert_non_null(file);
    while (fscanf(file, "%63s %63s %63s %lf", name, metric, options, &expected) == 4) {
        check(name, metric, options, expected);
        lines++;
    }
    (void)fclose(file);
    return lines;
}

static void check_line(const char *name, const char *metric, const char *options, double expected)
{
    double value = value_of(name, metric, options, 0);
    assert_ok();
    bool close = value == expected || (isnan(value) && isnan(expected)) ||
                 fabs(value - expected) <= 1e-13 * fmax(1, fabs(expected));
    assert_that(close, "%s %s %s is %.17g, expected %.17g", name, metric, options, value, expected);
}

static void values_are_those_of_scikit_learn(void **state)
{
    (void)state;
    assert_true(each_line(check_line) > 290);
}

static void check_batches(const char *name, const char *metric, const char *options,
                          double expected)
{
    (void)expected;
    if (strcmp(metric, "confusion") == 0 || strcmp(name, "few") == 0) return;
    double whole = value_of(name, metric, options, 0);
    for (int64_t rows = 1; rows < 40; rows += 18) {
        double value = value_of(name, metric, options, rows);
        assert_ok();
        assert_that(memcmp(&whole, &value, sizeof value) == 0, "%s %s %s: %.17g, in %d: %.17g",
                    name, metric, options, whole, (int)rows, value);
    }
}

static void values_do_not_depend_on_batches(void **state)
{
    (void)state;
    (void)each_line(check_batches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_those_of_scikit_learn),
        TEST(values_do_not_depend_on_batches),
    };
    return RUN(tests);
}
