/* Areas under curves: all scores are kept, and put in order when a value is asked for. Formulas:
 * models/metric.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/create.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope.h"
#include "models/metric_internal.h"

typedef struct scores {
    cd_metric_seen seen;
    int64_t count, room; /* samples */
    int64_t columns;     /* 1 for binary, otherwise classes or labels */
    double *score;       /* samples x columns; owned */
    uint8_t *truth;      /* samples x columns: whether it is true; owned */
} scores;

/* --- keeping ---------------------------------------------------------------------------------- */

static bool scores_begin(const cd_metric *m, void *state)
{
    (void)state;
    return cd_metric_check_options(m, CD_METRIC_TAKES_TASK | CD_METRIC_TAKES_AVERAGE);
}

static void scores_end(const cd_metric *m, void *state)
{
    scores *s = state;
    (void)m;
    cd_metric_seen_end(&s->seen);
    cd_free(s->score);
    cd_free(s->truth);
}

/* Room for `more` samples beside those that there are. */
static bool make_room(scores *s, int64_t more, int64_t columns)
{
    int64_t room = s->room * 2, elements;
    size_t bytes;
    if (more <= s->room - s->count && s->score) return true;
    if (room < s->count + more) room = s->count + more;
    if (!cd_checked_mul_i64(room, columns, &elements) ||
        !cd_checked_bytes(elements, sizeof *s->score, &bytes)) {
        bytes = SIZE_MAX;
        elements = 0;
    }
    double *score = cd_realloc(s->score, bytes);
    if (!score) return false;
    s->score = score;
    uint8_t *truth = cd_realloc(s->truth, (size_t)elements);
    if (!truth) return false;
    s->truth = truth;
    s->room = room;
    return true;
}

/* The logarithm of the sum of exp of all numbers but number `without`. */
static double log_sum_exp(const double *row, int64_t count, int64_t without)
{
    double most = -(double)INFINITY, sum = 0;
    for (int64_t k = 0; k < count; k++) {
        if (k != without && row[k] > most) most = row[k];
    }
    if (isinf(most)) return most;
    for (int64_t k = 0; k < count; k++) {
        if (k != without) sum += exp(row[k] - most);
    }
    return most + log(sum);
}

/* The scores of K classes: the logits of their softmax, log(p / (1 - p)). They have the order of
 * the probabilities, and stay apart where those are rounded to 1. The largest output gets a sum of
 * its own, as hardly anything is left of the sum of all without it. */
static void score_classes(double *out, const double *row, int64_t count)
{
    int64_t best = cd_metric_largest(row, count);
    double sum = 0;
    for (int64_t k = 0; k < count; k++) sum += exp(row[k] - row[best]);
    for (int64_t k = 0; k < count; k++) {
        double others =
            k == best ? log_sum_exp(row, count, k) : row[best] + log(sum - exp(row[k] - row[best]));
        out[k] = row[k] - others;
    }
}

/* Writes the scores of a sample; false with an error where infinities leave no order. */
static bool score_row(const cd_metric_batch *b, const scores *s, int64_t i, double *out)
{
    const double *row = s->seen.row;
    cd_metric_row(b, i, s->seen.row);
    if (b->metric->options.probabilities || b->task == CD_METRIC_LABELS || b->width == 1) {
        const int64_t skip = b->task == CD_METRIC_BINARY && b->width == 2;
        memcpy(out, row + skip, (size_t)(b->width - skip) * sizeof *row);
    } else if (b->task == CD_METRIC_BINARY) {
        out[0] = row[1] - row[0];
    } else {
        score_classes(out, row, b->width);
    }
    for (int64_t k = 0; k < (b->task == CD_METRIC_BINARY ? 1 : b->width); k++) {
        if (isnan(out[k])) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "%s: the outputs of sample %lld have no softmax: they are infinite",
                           b->metric->name,
                           (long long)(s->seen.samples + i / (b->rows / b->samples)));
        }
    }
    return true;
}

static void note_truth(const cd_metric_batch *b, int64_t i, int64_t truth, uint8_t *out)
{
    if (b->task == CD_METRIC_BINARY) {
        out[0] = truth == 1;
        return;
    }
    for (int64_t k = 0; k < b->width; k++) {
        out[k] = b->task == CD_METRIC_LABELS ? cd_metric_label(b, i, k) : k == truth;
    }
}

static bool scores_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    scores *s = state;
    cd_metric_batch b;
    if (!cd_metric_batch_read(&b, m, &s->seen, output, target)) return false;
    const int64_t columns = b.task == CD_METRIC_BINARY ? 1 : b.width;
    /* A first batch that was refused may have left room for another number of columns. */
    if (s->seen.task == CD_METRIC_AUTO) s->room = 0;
    if (!make_room(s, b.rows, columns)) return false;
    int64_t count = s->count;
    for (int64_t i = 0; i < b.rows; i++) {
        int64_t truth = b.task == CD_METRIC_LABELS ? 0 : cd_metric_truth(&b, i);
        if (truth < 0) continue;
        if (!score_row(&b, s, i, s->score + count * columns)) return false;
        note_truth(&b, i, truth, s->truth + count * columns);
        count++;
    }
    s->columns = columns;
    s->count = count;
    cd_metric_seen_add(&s->seen, &b);
    return true;
}

/* Whether the scores have an order, and each truth is 0 or 1. */
static bool can_be_ordered(const scores *s)
{
    for (int64_t i = 0; i < s->count * s->columns; i++) {
        if (isnan(s->score[i]) || s->truth[i] > 1) return false;
    }
    return true;
}

static bool scores_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    scores *s = state;
    (void)m;
    if (!cd_metric_seen_visit(&s->seen, v)) return false;
    const int64_t columns = s->seen.task == CD_METRIC_BINARY ? 1 : s->seen.width;
    if (s->seen.task == CD_METRIC_AUTO) return true;
    const int64_t numbers = cd_metric_visit_count(v, "score", s->count * columns);
    if (numbers < 0 || numbers != cd_metric_visit_count(v, "truth", numbers) ||
        (columns > 0 ? numbers % columns : numbers) != 0) {
        return cd_metric_refuse_state(v, "\"score\" and \"truth\" are not of the same samples");
    }
    const int64_t count = columns > 0 ? numbers / columns : s->count;
    if (!make_room(s, count - s->count, columns)) return false;
    s->columns = columns;
    s->count = count;
    return cd_metric_visit(v, "score", CD_F64, s->score, numbers) &&
           cd_metric_visit(v, "truth", CD_U8, s->truth, numbers) &&
           (can_be_ordered(s) ||
            cd_metric_refuse_state(v, "a score is NaN, or a truth neither 0 nor 1"));
}

/* --- in order --------------------------------------------------------------------------------- */

/* A score and whether it is that of a positive sample. */
typedef struct scored {
    double score;
    int64_t positive;
} scored;

static int largest_first(const void *a, const void *b)
{
    double x = ((const scored *)a)->score, y = ((const scored *)b)->score;
    return (x < y) - (x > y);
}

/* How many samples have a score of at least this. */
typedef struct step {
    double score;
    int64_t positive, negative;
} step;

/* Samples of one question, the largest score first. */
typedef struct ordered {
    scored *item; /* owned */
    int64_t count, positive;
} ordered;

/* Puts `columns` columns from `first` on in order, as one question. False without memory. */
static bool put_in_order(ordered *o, const scores *s, int64_t first, int64_t columns)
{
    size_t bytes;
    *o = (ordered){ .count = s->count * columns };
    if (!cd_checked_bytes(o->count, sizeof *o->item, &bytes)) bytes = SIZE_MAX;
    o->item = cd_alloc(bytes);
    if (!o->item) return false;
    for (int64_t i = 0; i < o->count; i++) {
        int64_t at = i / columns * s->columns + first + i % columns;
        o->item[i] = (scored){ s->score[at], s->truth[at] };
        o->positive += s->truth[at];
    }
    qsort(o->item, (size_t)o->count, sizeof *o->item, largest_first);
    return true;
}

/* Goes over all samples whose score equals that of sample *i, and adds them to the step. False at
 * the end. */
static bool next_step(const ordered *o, int64_t *i, step *now)
{
    if (*i >= o->count) return false;
    now->score = o->item[*i].score;
    for (; *i < o->count && o->item[*i].score == now->score; ++*i) {
        now->positive += o->item[*i].positive;
        now->negative += !o->item[*i].positive;
    }
    return true;
}

/* --- values ----------------------------------------------------------------------------------- */

typedef double area_of(const ordered *o);

/* The negative samples of a step are beaten by all positive ones before it, and half beaten by
 * those of the step. Pairs are counted twice, so that all numbers are whole, and exact up to
 * 2^53. */
static double auc_of(const ordered *o)
{
    step now = { 0, 0, 0 }, before = now;
    double pairs = 2 * (double)o->positive * (double)(o->count - o->positive), won = 0;
    for (int64_t i = 0; next_step(o, &i, &now); before = now) {
        won += (double)(now.negative - before.negative) * (double)(now.positive + before.positive);
    }
    return cd_metric_share(won, pairs);
}

static double precision_area_of(const ordered *o)
{
    step now = { 0, 0, 0 }, before = now;
    double sum = 0;
    for (int64_t i = 0; next_step(o, &i, &now); before = now) {
        sum += (double)(now.positive - before.positive) * (double)now.positive /
               (double)(now.positive + now.negative);
    }
    return cd_metric_share(sum, (double)o->positive);
}

/* The area of some columns as one question; NaN where there is none. *positive gets their positive
 * samples. False without memory. */
static bool area_in(const scores *s, area_of *area, int64_t first, int64_t columns, double *value,
                    double *positive)
{
    ordered o;
    if (!put_in_order(&o, s, first, columns)) return false;
    *value = area(&o);
    *positive = (double)o.positive;
    cd_free(o.item);
    return true;
}

static double area_value(const cd_metric *m, scores *s, area_of *area)
{
    const cd_average average = m->options.average;
    const bool micro = average == CD_AVERAGE_MICRO;
    double sum = 0, weights = 0, value, positive;
    int64_t without = 0;
    if (s->count == 0) return (double)NAN;
    for (int64_t k = 0; k < (micro ? 1 : s->columns); k++) {
        if (!area_in(s, area, k, micro ? s->columns : 1, &value, &positive)) return (double)NAN;
        double weight = average == CD_AVERAGE_WEIGHTED ? positive : 1;
        if (isnan(value)) {
            without++;
        } else {
            sum += weight * value;
            weights += weight;
        }
    }
    if (without > 0) {
        cd_metric_warn(&s->seen,
                       "%s: %lld of %lld classes are left out, as %s of their samples are positive",
                       m->name, (long long)without, (long long)(micro ? 1 : s->columns),
                       area == auc_of ? "all or none" : "none");
    }
    return cd_metric_share(sum, weights);
}

static double auc_value(const cd_metric *m, void *state)
{
    return area_value(m, state, auc_of);
}

static double average_precision_value(const cd_metric *m, void *state)
{
    return area_value(m, state, precision_area_of);
}

#define SCORES(name_, value_)                                                                      \
    {                                                                                              \
        .name = name_, .state_bytes = sizeof(scores), .begin = scores_begin,                       \
        .update = scores_update, .value = value_, .end = scores_end, .visit = scores_visit         \
    }

const cd_metric cd_auc = SCORES("auc", auc_value);
const cd_metric cd_average_precision = SCORES("average_precision", average_precision_value);

/* --- curves ----------------------------------------------------------------------------------- */

/* The samples of a curve's question in order; the caller frees o->item. */
static bool begin_curve(ordered *o, const cd_curve_options *c, const char *function)
{
    const scores *s =
        cd_meter_state(c->meter, scores_update, function, "cd_auc or cd_average_precision");
    if (!s) return false;
    if (s->count == 0) return cd_fail(CD_ERR_STATE, "%s: the meter has no samples", function);
    if (c->column < 0 || c->column >= s->columns) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: there are %lld columns, and .column is %lld", function,
                       (long long)s->columns, (long long)c->column);
    }
    return put_in_order(o, s, c->column, 1);
}

/* The points of a curve: three tensors of float64 in the open scope. */
typedef struct points {
    cd_tensor *x, *y, *score;
    double *x_at, *y_at, *score_at;
} points;

static bool make_points(points *p, int64_t count, int64_t thresholds)
{
    p->x = cd_zeros(CD_SHAPE(count), .dtype = CD_F64);
    p->y = cd_zeros(CD_SHAPE(count), .dtype = CD_F64);
    p->score = cd_zeros(CD_SHAPE(thresholds), .dtype = CD_F64);
    p->x_at = cd_data_mut(p->x);
    p->y_at = cd_data_mut(p->y);
    p->score_at = cd_data_mut(p->score);
    return cd_ok();
}

/* Hands the points out of the function's scope. */
static cd_tensor *end_points(const points *p, const cd_curve_options *c)
{
    if (!cd_escape(p->x) || (c->y && !cd_escape(p->y)) || (c->thresholds && !cd_escape(p->score))) {
        return NULL;
    }
    if (c->y) *c->y = p->y;
    if (c->thresholds) *c->thresholds = p->score;
    return p->x;
}

static int64_t steps_of(const ordered *o)
{
    step now = { 0, 0, 0 };
    int64_t steps = 0;
    for (int64_t i = 0; next_step(o, &i, &now);) steps++;
    return steps;
}

static bool roc_points(points *p, const ordered *o)
{
    const double negative = (double)(o->count - o->positive), positive = (double)o->positive;
    step now = { 0, 0, 0 };
    int64_t steps = steps_of(o), at = 1;
    if (negative == 0 || positive == 0) {
        return cd_fail(CD_ERR_STATE, "roc_curve: %s samples are positive",
                       negative == 0 ? "all" : "no");
    }
    if (!make_points(p, steps + 1, steps + 1)) return false;
    p->score_at[0] = (double)INFINITY;
    for (int64_t i = 0; next_step(o, &i, &now); at++) {
        p->x_at[at] = (double)now.negative / negative;
        p->y_at[at] = (double)now.positive / positive;
        p->score_at[at] = now.score;
    }
    return true;
}

static bool pr_points(points *p, const ordered *o)
{
    step now = { 0, 0, 0 };
    int64_t steps = steps_of(o), at = steps - 1;
    if (o->positive == 0) return cd_fail(CD_ERR_STATE, "pr_curve: no samples are positive");
    if (!make_points(p, steps + 1, steps)) return false;
    p->x_at[steps] = 1;
    for (int64_t i = 0; next_step(o, &i, &now); at--) {
        p->x_at[at] = (double)now.positive / (double)(now.positive + now.negative);
        p->y_at[at] = (double)now.positive / (double)o->positive;
        p->score_at[at] = now.score;
    }
    return true;
}

cd_tensor *cd_roc_curve_with(cd_curve_options options)
{
    ordered o;
    points p;
    CD_SCOPE();
    if (!cd_ok() || !begin_curve(&o, &options, "roc_curve")) return NULL;
    bool done = roc_points(&p, &o);
    cd_free(o.item);
    return done ? end_points(&p, &options) : NULL;
}

cd_tensor *cd_pr_curve_with(cd_curve_options options)
{
    ordered o;
    points p;
    CD_SCOPE();
    if (!cd_ok() || !begin_curve(&o, &options, "pr_curve")) return NULL;
    bool done = pr_points(&p, &o);
    cd_free(o.item);
    return done ? end_points(&p, &options) : NULL;
}
