/* Values and derivatives of ops that bring several elements together, or along a dimension to what
 * they are among each other. */
#include <math.h>

#include "tests/fuzz/graph_forward.h"

static bool same_place(const ref_call *c, int k, int i, int j)
{
    return c->in[k]->place[i] == c->in[k]->place[j];
}

/* --- reductions ------------------------------------------------------------------------------- */

/* Lines along a dimension: element (o, k, i) is number (o n + k) inner + i. */
typedef struct lines {
    int outer, n, inner;
} lines;

static lines lines_of(graph_shape shape, int dim)
{
    lines l = { 1, 1, 1 };
    for (int i = 0; i < shape.ndim; i++) {
        int *size = i < dim ? &l.outer : i == dim ? &l.n : &l.inner;
        *size *= shape.size[i];
    }
    return l;
}

/* The elements that one element of the result is made of. */
typedef struct group {
    int count, element[GRAPH_ELEMENTS];
} group;

static group group_of(const ref_call *c, int result)
{
    const graph_step *s = c->step;
    group g = { .count = 0 };
    if (!s->by_dim) {
        for (int i = 0; i < c->in[0]->n; i++) g.element[g.count++] = i;
        return g;
    }
    lines l = lines_of(c->in[0]->shape, s->dim);
    int o = result / l.inner, i = result % l.inner;
    for (int k = 0; k < l.n; k++) g.element[g.count++] = (o * l.n + k) * l.inner + i;
    return g;
}

static void begin_reduced(ref_call *c)
{
    const graph_step *s = c->step;
    graph_shape shape = { .ndim = 0 };
    if (s->by_dim) shape = ref_without(c->in[0]->shape, s->dim, s->keepdim);
    ref_begin_output(c, shape, c->in[0]->f64);
}

static void sum_element(ref_call *c, const group *g, bool mean)
{
    double sum = 0;
    if (mean && g->count == 0) c->bad = true;
    for (int k = 0; k < g->count && !c->bad; k++) {
        sum += ref_value(c, 0, g->element[k]);
        ref_term(c, 0, g->element[k], mean ? 1.0 / g->count : 1, 0);
    }
    if (mean) {
        ref_put(c, sum / g->count, c->scale);
    } else {
        ref_put_sum(c, sum);
    }
}

static double maybe_abs(double x, bool absolute)
{
    return absolute ? fabs(x) : x;
}

/* The first of the largest (sign 1) or smallest (-1) of the group. */
static int extreme_of(ref_call *c, const group *g, int sign, bool absolute)
{
    int best = g->element[0];
    for (int k = 1; k < g->count; k++) {
        int i = g->element[k];
        if (same_place(c, 0, i, best)) continue;
        double x = maybe_abs(ref_value(c, 0, i), absolute);
        double y = maybe_abs(ref_value(c, 0, best), absolute);
        if (ref_compare(c, x, ref_error(c, 0, i), y, ref_error(c, 0, best)) == sign) best = i;
    }
    return best;
}

static bool ties(ref_call *c, int i, int best, bool absolute)
{
    return maybe_abs(ref_value(c, 0, i), absolute) == maybe_abs(ref_value(c, 0, best), absolute);
}

/* Of equal ones the first has the gradient, or all evenly. */
static void extreme_element(ref_call *c, const group *g, int sign, bool shared, bool absolute)
{
    if (g->count == 0) c->bad = true;
    if (c->bad) return;
    int best = extreme_of(c, g, sign, absolute), equal = 0;
    double x = ref_value(c, 0, best);
    for (int k = 0; k < g->count; k++) equal += ties(c, g->element[k], best, absolute);
    for (int k = 0; k < g->count; k++) {
        int i = g->element[k];
        bool one_of = shared ? ties(c, i, best, absolute) : i == best;
        double slope = 1.0 / (shared ? equal : 1);
        if (absolute) slope *= ref_compare_number(c, 0, i, 0);
        if (one_of) ref_term(c, 0, i, slope, 0);
    }
    c->carried = ref_error(c, 0, best);
    ref_put_nearest(c, maybe_abs(x, absolute), 0);
}

static double largest_error(const ref_call *c, const group *g)
{
    double largest = 0;
    for (int k = 0; k < g->count; k++) largest = fmax(largest, ref_error(c, 0, g->element[k]));
    return largest;
}

/* log(sum(exp(x))) and, in part, the share of each. */
static double log_sum(const ref_call *c, const group *g, double *part)
{
    double top = -INFINITY, sum = 0;
    for (int k = 0; k < g->count; k++) top = fmax(top, ref_value(c, 0, g->element[k]));
    for (int k = 0; k < g->count; k++) sum += exp(ref_value(c, 0, g->element[k]) - top);
    double y = top + log(sum);
    for (int k = 0; k < g->count; k++) part[k] = exp(ref_value(c, 0, g->element[k]) - y);
    return y;
}

static double size_of(const ref_call *c, const group *g)
{
    double size = 1;
    for (int k = 0; k < g->count; k++) size += fabs(ref_value(c, 0, g->element[k]));
    return size;
}

static void logsumexp_element(ref_call *c, const group *g)
{
    double part[GRAPH_ELEMENTS], epsilon = ref_epsilon(c->in[0]->f64);
    if (g->count == 0) c->bad = true;
    if (c->bad) return;
    double y = log_sum(c, g, part), size = size_of(c, g);
    double relative = 2 * largest_error(c, g) + ROUNDINGS * epsilon * size;
    for (int k = 0; k < g->count; k++) ref_term(c, 0, g->element[k], part[k], part[k] * relative);
    ref_put(c, y, size);
}

static void norm_element(ref_call *c, const group *g)
{
    double p = c->step->number, sum = 0, error = 0;
    for (int k = 0; k < g->count; k++) {
        sum += pow(fabs(ref_value(c, 0, g->element[k])), p);
        error += ref_error(c, 0, g->element[k]);
    }
    double y = pow(sum, 1 / p);
    bool zero = sum == 0 && error == 0;
    if (!zero && y < 0.25) c->bad = true;
    for (int k = 0; k < g->count && !c->bad && !zero; k++) {
        int i = g->element[k];
        double x = ref_value(c, 0, i), e = ref_error(c, 0, i);
        int sign = p == 1 ? ref_compare_number(c, 0, i, 0) : (x > 0) - (x < 0);
        double slope = p == 1 ? sign : sign * pow(fabs(x) / y, p - 1);
        /* d slope / dx is at most (p - 1) 2 / y */
        double known = p == 1 ? 0 : 2 * (p - 1) * (e + error) / y;
        ref_term(c, 0, i, slope, known + ROUNDINGS * ref_epsilon(c->in[0]->f64));
    }
    if (zero) {
        ref_put_nearest(c, 0, 0);
    } else {
        ref_put(c, y, y);
    }
}

static void reduce_element(ref_call *c, const group *g)
{
    switch (c->step->op) {
    case GRAPH_SUM:
    case GRAPH_SUM_DIM:
        sum_element(c, g, false);
        break;
    case GRAPH_MEAN:
    case GRAPH_MEAN_DIM:
        sum_element(c, g, true);
        break;
    case GRAPH_MAX:
    case GRAPH_MAX_DIM:
        extreme_element(c, g, 1, !c->step->by_dim, false);
        break;
    case GRAPH_MIN:
    case GRAPH_MIN_DIM:
        extreme_element(c, g, -1, !c->step->by_dim, false);
        break;
    case GRAPH_LOGSUMEXP:
        logsumexp_element(c, g);
        break;
    default:
        if (isinf(c->step->number)) {
            extreme_element(c, g, 1, true, true);
        } else {
            norm_element(c, g);
        }
        break;
    }
}

static bool is_extreme(const graph_step *s)
{
    return s->op == GRAPH_MAX_DIM || s->op == GRAPH_MIN_DIM || s->op == GRAPH_ARGMAX_DIM ||
           (s->op == GRAPH_NORM && isinf(s->number));
}

void ref_reduce(ref_call *c)
{
    begin_reduced(c);
    bool nothing = c->step->by_dim && lines_of(c->in[0]->shape, c->step->dim).n == 0;
    if (nothing && is_extreme(c->step)) c->bad = true; /* also where there is no line */
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        group g = group_of(c, e);
        reduce_element(c, &g);
    }
}

void ref_index_of_largest(ref_call *c)
{
    begin_reduced(c);
    ref_last_output(c)->f64 = false;
    ref_last_output(c)->constant = true;
    lines l = lines_of(c->in[0]->shape, c->step->dim);
    if (l.n == 0) c->bad = true;
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        group g = group_of(c, e);
        ref_put_nearest(c, extreme_of(c, &g, 1, false) / l.inner % l.n, 0);
    }
}

/* Elements come row by row: (o, k, i) of the softmax along dim is share k of line (o, i). */
void ref_softmax(ref_call *c)
{
    bool logarithms = c->step->op == GRAPH_LOG_SOFTMAX;
    graph_shape shape = c->in[0]->shape;
    double epsilon = ref_epsilon(c->in[0]->f64);
    lines l = lines_of(shape, c->step->dim);
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        double part[GRAPH_ELEMENTS];
        int own = e / l.inner % l.n;
        group g = group_of(c, e / (l.n * l.inner) * l.inner + e % l.inner);
        double y = log_sum(c, &g, part), known = 2 * largest_error(c, &g), size = size_of(c, &g);
        double scale = logarithms ? 1 : part[own];
        known += ROUNDINGS * epsilon * size;
        for (int k = 0; k < g.count; k++) {
            double slope = scale * ((k == own) - part[k]);
            ref_term(c, 0, g.element[k], slope, 2 * scale * ((k == own) + part[k]) * known);
        }
        ref_put(c, logarithms ? ref_value(c, 0, e) - y : part[own],
                logarithms ? size : size * scale);
    }
}

void ref_sum_to_shape(ref_call *c)
{
    graph_shape shape = c->step->shape;
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        double sum = 0;
        for (int i = 0; i < c->in[0]->n; i++) {
            if (graph_broadcast_from(shape, c->in[0]->shape, i) != e) continue;
            sum += ref_value(c, 0, i);
            ref_term(c, 0, i, 1, 0);
        }
        ref_put_sum(c, sum);
    }
}

void ref_topk(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    lines l = lines_of(shape, c->step->dim);
    if (shape.ndim > 0) shape.size[c->step->dim] = c->step->to;
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        int rank = shape.ndim > 0 ? e / l.inner % c->step->to : 0, count = c->step->to;
        group g = group_of(c, shape.ndim > 0 ? e / (count * l.inner) * l.inner + e % l.inner : 0);
        for (int k = 0; k < g.count; k++) {
            int before = 0;
            for (int m = 0; m < g.count; m++) {
                if (m == k) continue;
                int order =
                    ref_compare(c, ref_value(c, 0, g.element[m]), ref_error(c, 0, g.element[m]),
                                ref_value(c, 0, g.element[k]), ref_error(c, 0, g.element[k]));
                if (order == 0) c->bad = true;
                before += order > 0;
            }
            if (before != rank || c->bad) continue;
            ref_term(c, 0, g.element[k], 1, 0);
            ref_put_nearest(c, ref_value(c, 0, g.element[k]), 0);
            break;
        }
    }
}
