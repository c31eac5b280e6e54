/* The metrics that follow from three counts per class: how often it is true, how often it is
 * predicted, and how often both. Formulas: models/metric.h. */
#include <math.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "models/metric_internal.h"

typedef struct counts {
    cd_metric_seen seen;
    int64_t total; /* rows that were not ignored */
    int64_t exact; /* rows of which every decision is right */
    /* One number per class, of labels of the answer yes. One block, owned; NULL before the first
     * batch. */
    int64_t *both, *predicted, *truth;
    bool beyond; /* some output of one logit was not within 0 and 1 */
} counts;

enum { ENOUGH_TO_SUSPECT = 10 };

/* --- counting --------------------------------------------------------------------------------- */

static bool counts_begin(const cd_metric *m, void *state)
{
    (void)state;
    return cd_metric_check_options(m, CD_METRIC_TAKES_TASK | CD_METRIC_TAKES_THRESHOLD);
}

static bool averaged_begin(const cd_metric *m, void *state)
{
    (void)state;
    return cd_metric_check_options(m, CD_METRIC_TAKES_TASK | CD_METRIC_TAKES_THRESHOLD |
                                          CD_METRIC_TAKES_AVERAGE);
}

static bool f1_begin(const cd_metric *m, void *state)
{
    (void)state;
    return cd_metric_check_options(m, CD_METRIC_TAKES_TASK | CD_METRIC_TAKES_THRESHOLD |
                                          CD_METRIC_TAKES_AVERAGE | CD_METRIC_TAKES_BETA);
}

static void counts_end(const cd_metric *m, void *state)
{
    counts *c = state;
    (void)m;
    cd_metric_seen_end(&c->seen);
    cd_free(c->both);
}

static bool make_counts(counts *c, int64_t classes)
{
    if (c->both) return true;
    c->both = cd_alloc_zeroed((size_t)classes, 3 * sizeof *c->both);
    if (!c->both) return false;
    c->predicted = c->both + classes;
    c->truth = c->predicted + classes;
    return true;
}

static void add_labels(counts *c, const cd_metric_batch *b, int64_t i)
{
    const double *row = c->seen.row;
    bool exact = true;
    for (int64_t k = 0; k < b->width; k++) {
        bool predicted = row[k] > b->cut, truth = cd_metric_label(b, i, k);
        c->both[k] += predicted && truth;
        c->predicted[k] += predicted;
        c->truth[k] += truth;
        exact = exact && predicted == truth;
        c->beyond = c->beyond || row[k] < 0 || row[k] > 1;
    }
    c->total++;
    c->exact += exact;
}

static void add_class(counts *c, const cd_metric_batch *b, int64_t i)
{
    const double *row = c->seen.row;
    int64_t truth = cd_metric_truth(b, i);
    if (truth < 0) return;
    int64_t predicted = cd_metric_decision(b, row);
    c->both[truth] += predicted == truth;
    c->predicted[predicted]++;
    c->truth[truth]++;
    c->total++;
    c->exact += predicted == truth;
    c->beyond = c->beyond || b->width > 1 || row[0] < 0 || row[0] > 1;
}

/* Adds a batch; `labels` says whether the metric is defined for them. */
static bool add_batch(const cd_metric *m, counts *c, cd_tensor *output, cd_tensor *target,
                      bool labels)
{
    cd_metric_batch b;
    if (!cd_metric_batch_read(&b, m, &c->seen, output, target)) return false;
    if (b.task == CD_METRIC_LABELS && !labels) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: this metric is not defined for labels", m->name);
    }
    if (!make_counts(c, b.task == CD_METRIC_BINARY ? 2 : b.width)) return false;
    for (int64_t i = 0; i < b.rows; i++) {
        cd_metric_row(&b, i, c->seen.row);
        if (b.task == CD_METRIC_LABELS) {
            add_labels(c, &b, i);
        } else {
            add_class(c, &b, i);
        }
    }
    cd_metric_seen_add(&c->seen, &b);
    return true;
}

static bool counts_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    counts *c = state;
    int64_t rows[] = { c->total, c->exact, c->beyond };
    (void)m;
    if (!cd_metric_seen_visit(&c->seen, v) || !cd_metric_visit(v, "rows", CD_I64, rows, 3)) {
        return false;
    }
    c->total = rows[0];
    c->exact = rows[1];
    c->beyond = rows[2] != 0;
    const int64_t numbers = 3 * c->seen.classes;
    if (c->seen.task == CD_METRIC_AUTO) return true;
    if (cd_metric_visit_count(v, "classes", numbers) != numbers) {
        return cd_metric_refuse_state(v, "\"classes\" has not three counts for each class");
    }
    return make_counts(c, c->seen.classes) &&
           cd_metric_visit(v, "classes", CD_I64, c->both, numbers);
}

static bool counts_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    return add_batch(m, state, output, target, true);
}

static bool classes_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    return add_batch(m, state, output, target, false);
}

/* A model that ends in a sigmoid gives no logit below 0, so that every answer would be yes. */
static void warn_of_probabilities(const cd_metric *m, counts *c)
{
    if (c->beyond || m->options.probabilities || c->total < ENOUGH_TO_SUSPECT) return;
    cd_metric_warn(&c->seen,
                   "%s: all outputs are from 0 to 1: if they are probabilities and not logits, "
                   "cd_metric_of(..., .probabilities = true) says so",
                   m->name);
}

/* --- shares of right decisions ---------------------------------------------------------------- */

/* Answers that are right are both yes or both no. */
static double accuracy_value(const cd_metric *m, void *state)
{
    counts *c = state;
    warn_of_probabilities(m, c);
    if (c->seen.task != CD_METRIC_LABELS)
        return cd_metric_share((double)c->exact, (double)c->total);
    int64_t right = 0;
    for (int64_t k = 0; k < c->seen.classes; k++) {
        right += c->total - c->predicted[k] - c->truth[k] + 2 * c->both[k];
    }
    return cd_metric_share((double)right, (double)c->total * (double)c->seen.classes);
}

static double exact_value(const cd_metric *m, void *state)
{
    counts *c = state;
    warn_of_probabilities(m, c);
    return cd_metric_share((double)c->exact, (double)c->total);
}

/* --- precision, recall, F --------------------------------------------------------------------- */

/* The three counts of a class, or of all classes together. */
typedef struct triple {
    double both, predicted, truth;
} triple;

typedef double share_of(const cd_metric *m, triple t);

static double precision_of(const cd_metric *m, triple t)
{
    (void)m;
    return cd_metric_share(t.both, t.predicted);
}

static double recall_of(const cd_metric *m, triple t)
{
    (void)m;
    return cd_metric_share(t.both, t.truth);
}

/* (1 + beta^2) P R / (beta^2 P + R), with P = both / predicted and R = both / truth put in. */
static double f_of(const cd_metric *m, triple t)
{
    double beta = m->options.beta, square = beta == 0 && !signbit(beta) ? 1 : beta * beta;
    return cd_metric_share((1 + square) * t.both, square * t.truth + t.predicted);
}

static triple triple_of(const counts *c, int64_t k)
{
    return (triple){ (double)c->both[k], (double)c->predicted[k], (double)c->truth[k] };
}

/* The share, or 0 with a warning for a share of nothing. */
static double share_or_zero(const cd_metric *m, counts *c, share_of *share, triple t)
{
    double value = share(m, t);
    if (!isnan(value)) return value;
    cd_metric_warn(&c->seen, "%s: a class that is never %s has no such number: it counts as 0 here",
                   m->name,
                   share == precision_of ? "predicted"
                   : share == recall_of  ? "true"
                                         : "true and never predicted");
    return 0;
}

static double micro(const cd_metric *m, counts *c, share_of *share)
{
    triple sum = { 0, 0, 0 };
    for (int64_t k = 0; k < c->seen.classes; k++) {
        triple t = triple_of(c, k);
        sum = (triple){ sum.both + t.both, sum.predicted + t.predicted, sum.truth + t.truth };
    }
    return share_or_zero(m, c, share, sum);
}

/* The mean over the classes, each with the weight 1 or with the number of its samples. */
static double mean(const cd_metric *m, counts *c, share_of *share, bool weighted)
{
    double sum = 0, weights = 0;
    for (int64_t k = 0; k < c->seen.classes; k++) {
        triple t = triple_of(c, k);
        bool absent = t.truth == 0 && t.predicted == 0 && c->seen.task != CD_METRIC_LABELS;
        double weight = weighted ? t.truth : 1;
        if (absent || weight == 0) continue;
        sum += weight * share_or_zero(m, c, share, t);
        weights += weight;
    }
    if (weights == 0) return share_or_zero(m, c, share, (triple){ 0, 0, 0 });
    return sum / weights;
}

static double averaged(const cd_metric *m, counts *c, share_of *share)
{
    warn_of_probabilities(m, c);
    if (c->total == 0) return (double)NAN;
    switch (m->options.average) {
    case CD_AVERAGE_MICRO:
        return micro(m, c, share);
    case CD_AVERAGE_WEIGHTED:
        return mean(m, c, share, true);
    case CD_AVERAGE_MACRO:
        return mean(m, c, share, false);
    default:
        break;
    }
    return c->seen.task == CD_METRIC_BINARY ? share_or_zero(m, c, share, triple_of(c, 1))
                                            : mean(m, c, share, false);
}

static double precision_value(const cd_metric *m, void *state)
{
    return averaged(m, state, precision_of);
}

static double recall_value(const cd_metric *m, void *state)
{
    return averaged(m, state, recall_of);
}

static double f1_value(const cd_metric *m, void *state)
{
    return averaged(m, state, f_of);
}

/* --- numbers that allow for unequal classes --------------------------------------------------- */

static double balanced_value(const cd_metric *m, void *state)
{
    counts *c = state;
    double sum = 0;
    int64_t classes = 0;
    warn_of_probabilities(m, c);
    for (int64_t k = 0; k < c->seen.classes; k++) {
        if (c->truth[k] == 0) continue;
        sum += recall_of(m, triple_of(c, k));
        classes++;
    }
    return cd_metric_share(sum, (double)classes);
}

/* With s samples, c right ones, and t(k) and p(k) the counts of the classes:
 * (c s - sum t p) / sqrt((s^2 - sum p^2) (s^2 - sum t^2)). */
static double mcc_value(const cd_metric *m, void *state)
{
    counts *c = state;
    double s = (double)c->total, both = 0, predicted = 0, truth = 0;
    warn_of_probabilities(m, c);
    if (c->total == 0) return (double)NAN;
    for (int64_t k = 0; k < c->seen.classes; k++) {
        triple t = triple_of(c, k);
        both += t.predicted * t.truth;
        predicted += t.predicted * t.predicted;
        truth += t.truth * t.truth;
    }
    double below = sqrt(s * s - predicted) * sqrt(s * s - truth);
    return below > 0 ? ((double)c->exact * s - both) / below : 0;
}

/* --- the metrics ------------------------------------------------------------------------------ */

#define COUNTS(name_, begin_, update_, value_)                                                     \
    {                                                                                              \
        .name = name_, .state_bytes = sizeof(counts), .begin = begin_, .update = update_,          \
        .value = value_, .end = counts_end, .visit = counts_visit                                  \
    }

const cd_metric cd_accuracy = COUNTS("accuracy", counts_begin, counts_update, accuracy_value);
const cd_metric cd_exact_match = COUNTS("exact_match", counts_begin, counts_update, exact_value);
const cd_metric cd_precision = COUNTS("precision", averaged_begin, counts_update, precision_value);
const cd_metric cd_recall = COUNTS("recall", averaged_begin, counts_update, recall_value);
const cd_metric cd_f1 = COUNTS("f1", f1_begin, counts_update, f1_value);
const cd_metric cd_balanced_accuracy =
    COUNTS("balanced_accuracy", counts_begin, classes_update, balanced_value);
const cd_metric cd_mcc = COUNTS("mcc", counts_begin, classes_update, mcc_value);
