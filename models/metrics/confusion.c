/* The confusion matrix, and what follows from it for each class: models/metric.h. */
#include <math.h>

#include "autograd/create.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "models/metric_internal.h"

enum { MOST_CLASSES = 16384 };

typedef struct confusion {
    cd_metric_seen seen;
    /* K x K, rows true, columns predicted; of labels L x 2 x 2. Owned; NULL before the first
     * batch. */
    int64_t *count;
} confusion;

static bool confusion_begin(const cd_metric *m, void *state)
{
    (void)state;
    return cd_metric_check_options(m, CD_METRIC_TAKES_TASK | CD_METRIC_TAKES_THRESHOLD);
}

static void confusion_end(const cd_metric *m, void *state)
{
    confusion *c = state;
    (void)m;
    cd_metric_seen_end(&c->seen);
    cd_free(c->count);
}

static bool make_matrix(const cd_metric *m, confusion *c, const cd_metric_batch *b)
{
    const bool labels = b->task == CD_METRIC_LABELS;
    int64_t classes = b->task == CD_METRIC_BINARY ? 2 : b->width;
    if (c->count) return true;
    if (classes > MOST_CLASSES && !labels) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: a matrix of %lld classes is too large; there may be up to %d", m->name,
                       (long long)classes, MOST_CLASSES);
    }
    c->count = cd_alloc_zeroed((size_t)classes, (labels ? 4 : (size_t)classes) * sizeof *c->count);
    return c->count != NULL;
}

static void add_row(confusion *c, const cd_metric_batch *b, int64_t i)
{
    const double *row = c->seen.row;
    if (b->task == CD_METRIC_LABELS) {
        for (int64_t k = 0; k < b->width; k++) {
            c->count[4 * k + 2 * cd_metric_label(b, i, k) + (row[k] > b->cut)]++;
        }
        return;
    }
    int64_t classes = b->task == CD_METRIC_BINARY ? 2 : b->width, truth = cd_metric_truth(b, i);
    if (truth >= 0) c->count[truth * classes + cd_metric_decision(b, row)]++;
}

static bool confusion_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    confusion *c = state;
    cd_metric_batch b;
    if (!cd_metric_batch_read(&b, m, &c->seen, output, target) || !make_matrix(m, c, &b)) {
        return false;
    }
    for (int64_t i = 0; i < b.rows; i++) {
        cd_metric_row(&b, i, c->seen.row);
        add_row(c, &b, i);
    }
    cd_metric_seen_add(&c->seen, &b);
    return true;
}

static double confusion_value(const cd_metric *m, void *state)
{
    const confusion *c = state;
    const int64_t n = c->seen.task == CD_METRIC_LABELS ? 2 : c->seen.classes;
    const int64_t matrices = c->seen.task == CD_METRIC_LABELS ? c->seen.classes : 1;
    double right = 0, all = 0;
    (void)m;
    for (int64_t i = 0; i < matrices * n * n; i++) {
        all += (double)c->count[i];
        if (i / n % n == i % n) right += (double)c->count[i];
    }
    return cd_metric_share(right, all);
}

static bool confusion_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    confusion *c = state;
    (void)m;
    if (!cd_metric_seen_visit(&c->seen, v)) return false;
    const bool labels = c->seen.task == CD_METRIC_LABELS;
    const int64_t classes = c->seen.classes;
    if (c->seen.task == CD_METRIC_AUTO) return true;
    if (!labels && classes > MOST_CLASSES) {
        return cd_metric_refuse_state(v, "a matrix of so many classes is too large");
    }
    const int64_t counts = classes * (labels ? 4 : classes);
    if (cd_metric_visit_count(v, "count", counts) != counts) {
        return cd_metric_refuse_state(v, "\"count\" is not the matrix of its classes");
    }
    if (!c->count) c->count = cd_alloc_zeroed((size_t)counts, sizeof *c->count);
    return c->count && cd_metric_visit(v, "count", CD_I64, c->count, counts);
}

const cd_metric cd_confusion = { .name = "confusion",
                                 .state_bytes = sizeof(confusion),
                                 .begin = confusion_begin,
                                 .update = confusion_update,
                                 .value = confusion_value,
                                 .end = confusion_end,
                                 .visit = confusion_visit };

/* --- what a meter has ------------------------------------------------------------------------- */

static const confusion *state_of(const cd_meter *m, const char *function)
{
    const confusion *c = cd_meter_state(m, confusion_update, function, "cd_confusion");
    if (!c || c->count) return c;
    (void)cd_fail(CD_ERR_STATE, "%s: the meter has not had a batch", function);
    return NULL;
}

cd_tensor *cd_confusion_matrix(const cd_meter *m)
{
    const confusion *c = state_of(m, "confusion_matrix");
    if (!c) return NULL;
    int64_t n = c->seen.classes;
    return c->seen.task == CD_METRIC_LABELS
               ? cd_from_array(c->count, CD_SHAPE(n, 2, 2), .dtype = CD_I64)
               : cd_from_array(c->count, CD_SHAPE(n, n), .dtype = CD_I64);
}

cd_class_score cd_confusion_class(const cd_meter *m, int64_t k)
{
    const confusion *c = state_of(m, "confusion_class");
    cd_class_score s = { .support = 0 };
    if (!c) return s;
    if (k < 0 || k >= c->seen.classes) {
        (void)cd_fail(CD_ERR_ARGUMENT, "confusion_class: there are %lld classes, and no class %lld",
                      (long long)c->seen.classes, (long long)k);
        return s;
    }
    const bool labels = c->seen.task == CD_METRIC_LABELS;
    const int64_t n = labels ? 2 : c->seen.classes, at = labels ? 1 : k;
    const int64_t *count = c->count + (labels ? 4 * k : 0);
    for (int64_t i = 0; i < n; i++) {
        s.support += count[at * n + i];
        s.predicted += count[i * n + at];
    }
    s.right = count[at * n + at];
    s.precision = cd_metric_share((double)s.right, (double)s.predicted);
    s.recall = cd_metric_share((double)s.right, (double)s.support);
    s.f1 = cd_metric_share(2 * (double)s.right, (double)(s.support + s.predicted));
    return s;
}
