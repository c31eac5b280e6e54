/* Values and derivatives of reductions, softmax and topk. */
#include <math.h>

#include "tests/fuzz/graph_forward.h"

/* Whether elements i and j of input k are one element in memory, as in an expanded tensor. */
static bool same_memory(const ref_call *c, int k, int i, int j)
{
    return c->in[k]->offset[i] == c->in[k]->offset[j];
}

/* --- reductions ------------------------------------------------------------------------------- */

/* A shape as outer x size x inner around one dimension: element (o, k, i) has the number
 * (o size + k) inner + i. A line is the elements of one o and i. */
typedef struct lines {
    int outer, size, inner;
} lines;

static lines lines_of(graph_shape shape, int dim)
{
    lines l = { 1, 1, 1 };
    for (int i = 0; i < shape.ndim; i++) {
        int *size = i < dim ? &l.outer : i == dim ? &l.size : &l.inner;
        *size *= shape.size[i];
    }
    return l;
}

/* The elements that one element of the result is computed from. */
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
    for (int k = 0; k < l.size; k++) g.element[g.count++] = (o * l.size + k) * l.inner + i;
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
        ref_put(c, sum / g->count, c->magnitude);
    } else {
        ref_put_sum(c, sum);
    }
}

static double maybe_abs(double x, bool absolute)
{
    return absolute ? fabs(x) : x;
}

/* The first of the largest (sign 1) or smallest (sign -1) elements of the group, by absolute value
 * with `absolute`. */
static int min_max_index(ref_call *c, const group *g, int sign, bool absolute)
{
    int best = g->element[0];
    for (int k = 1; k < g->count; k++) {
        int i = g->element[k];
        if (same_memory(c, 0, i, best)) continue;
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

/* max, min or the infinity-norm. Of equal elements the first gets the gradient, or with `shared`
 * all of them get an even share. */
static void min_max_element(ref_call *c, const group *g, int sign, bool shared, bool absolute)
{
    if (g->count == 0) c->bad = true;
    if (c->bad) return;
    int best = min_max_index(c, g, sign, absolute), equal = 0;
    double x = ref_value(c, 0, best);
    for (int k = 0; k < g->count; k++) equal += ties(c, g->element[k], best, absolute);
    for (int k = 0; k < g->count; k++) {
        int i = g->element[k];
        bool one_of = shared ? ties(c, i, best, absolute) : i == best;
        double slope = 1.0 / (shared ? equal : 1);
        if (absolute) slope *= ref_compare_number(c, 0, i, 0);
        if (one_of) ref_term(c, 0, i, slope, 0);
    }
    c->input_error = ref_error(c, 0, best);
    ref_put_nearest(c, maybe_abs(x, absolute), 0);
}

static double largest_error(const ref_call *c, const group *g)
{
    double largest = 0;
    for (int k = 0; k < g->count; k++) largest = fmax(largest, ref_error(c, 0, g->element[k]));
    return largest;
}

/* Returns log(sum(exp(x))), and stores the softmax of the group. */
static double log_sum(const ref_call *c, const group *g, double *softmax)
{
    double top = -INFINITY, sum = 0;
    for (int k = 0; k < g->count; k++) top = fmax(top, ref_value(c, 0, g->element[k]));
    for (int k = 0; k < g->count; k++) sum += exp(ref_value(c, 0, g->element[k]) - top);
    double y = top + log(sum);
    for (int k = 0; k < g->count; k++) softmax[k] = exp(ref_value(c, 0, g->element[k]) - y);
    return y;
}

/* 1 + sum(|x|), in proportion to which rounding makes logsumexp wrong. */
static double sum_of_magnitudes(const ref_call *c, const group *g)
{
    double size = 1;
    for (int k = 0; k < g->count; k++) size += fabs(ref_value(c, 0, g->element[k]));
    return size;
}

static void logsumexp_element(ref_call *c, const group *g)
{
    double softmax[GRAPH_ELEMENTS], epsilon = ref_epsilon(c->in[0]->f64);
    if (g->count == 0) c->bad = true;
    if (c->bad) return;
    double y = log_sum(c, g, softmax), size = sum_of_magnitudes(c, g);
    double relative = 2 * largest_error(c, g) + ROUNDINGS * epsilon * size;
    for (int k = 0; k < g->count; k++)
        ref_term(c, 0, g->element[k], softmax[k], softmax[k] * relative);
    ref_put(c, y, size);
}

void ref_find_norm(ref_call *c, ref_norm *n)
{
    double p = n->p, sum = 0, error = 0;
    for (int k = 0; k < n->count; k++) {
        sum += pow(fabs(n->x[k]), p);
        error += n->error[k];
    }
    n->y = pow(sum, 1 / p);
    n->zero = sum == 0 && error == 0;
    if (!n->zero && n->y < 0.25) c->bad = true;
    for (int k = 0; k < n->count; k++) {
        double x = n->x[k], e = n->error[k];
        int sign = p == 1 ? ref_compare(c, x, e, 0, 0) : (x > 0) - (x < 0);
        n->slope[k] = n->zero ? 0 : p == 1 ? sign : sign * pow(fabs(x) / n->y, p - 1);
        /* |d slope / dx| <= 2 (p - 1) / y */
        double bent = n->zero || p == 1 ? 0 : 2 * (p - 1) * (e + error) / n->y;
        n->slope_error[k] = bent + ROUNDINGS * ref_epsilon(c->in[0]->f64);
    }
}

static void norm_element(ref_call *c, const group *g)
{
    ref_norm n = { .p = c->step->number, .count = g->count };
    for (int k = 0; k < g->count; k++) {
        n.x[k] = ref_value(c, 0, g->element[k]);
        n.error[k] = ref_error(c, 0, g->element[k]);
    }
    ref_find_norm(c, &n);
    for (int k = 0; k < g->count && !c->bad && !n.zero; k++) {
        ref_term(c, 0, g->element[k], n.slope[k], n.slope_error[k]);
    }
    if (n.zero) {
        ref_put_nearest(c, 0, 0);
    } else {
        ref_put(c, n.y, n.y);
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
        min_max_element(c, g, 1, !c->step->by_dim, false);
        break;
    case GRAPH_MIN:
    case GRAPH_MIN_DIM:
        min_max_element(c, g, -1, !c->step->by_dim, false);
        break;
    case GRAPH_LOGSUMEXP:
        logsumexp_element(c, g);
        break;
    default:
        if (isinf(c->step->number)) {
            min_max_element(c, g, 1, true, true);
        } else {
            norm_element(c, g);
        }
        break;
    }
}

static bool is_min_max(const graph_step *s)
{
    return s->op == GRAPH_MAX_DIM || s->op == GRAPH_MIN_DIM || s->op == GRAPH_ARGMAX_DIM ||
           (s->op == GRAPH_NORM && isinf(s->number));
}

void ref_reduce(ref_call *c)
{
    begin_reduced(c);
    bool nothing = c->step->by_dim && lines_of(c->in[0]->shape, c->step->dim).size == 0;
    if (nothing && is_min_max(c->step))
        c->bad = true; /* an error even if the result has no elements */
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        group g = group_of(c, e);
        reduce_element(c, &g);
    }
}

void ref_argmax(ref_call *c)
{
    begin_reduced(c);
    ref_last_output(c)->f64 = false;
    ref_last_output(c)->constant = true;
    lines l = lines_of(c->in[0]->shape, c->step->dim);
    if (l.size == 0) c->bad = true;
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        group g = group_of(c, e);
        ref_put_nearest(c, min_max_index(c, &g, 1, false) / l.inner % l.size, 0);
    }
}

/* softmax or log_softmax. Element (o, k, i) of the result is element k of the softmax of line (o,
 * i). */
void ref_softmax(ref_call *c)
{
    bool logarithms = c->step->op == GRAPH_LOG_SOFTMAX;
    graph_shape shape = c->in[0]->shape;
    double epsilon = ref_epsilon(c->in[0]->f64);
    lines l = lines_of(shape, c->step->dim);
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        double softmax[GRAPH_ELEMENTS];
        int own = e / l.inner % l.size;
        group g = group_of(c, e / (l.size * l.inner) * l.inner + e % l.inner);
        double y = log_sum(c, &g, softmax), slope_error = 2 * largest_error(c, &g),
               size = sum_of_magnitudes(c, &g);
        double scale = logarithms ? 1 : softmax[own];
        slope_error += ROUNDINGS * epsilon * size;
        for (int k = 0; k < g.count; k++) {
            double slope = scale * ((k == own) - softmax[k]);
            ref_term(c, 0, g.element[k], slope,
                     2 * scale * ((k == own) + softmax[k]) * slope_error);
        }
        ref_put(c, logarithms ? ref_value(c, 0, e) - y : softmax[own],
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

/* --- counts ----------------------------------------------------------------------------------- */

/* The bin of element i, of the `to` equal parts from `number` to `second`; -1: outside. */
static int bin_of(ref_call *c, int i)
{
    const graph_step *s = c->step;
    double width = (s->second - s->number) / s->to;
    int bin = -1;
    for (int k = 0; k <= s->to; k++) {
        int order = ref_compare_number(c, 0, i, s->number + k * width);
        if (order > 0 || (order == 0 && k < s->to)) bin = k;
        if (order == 0 && k == s->to) bin = k - 1;
    }
    return bin < s->to ? bin : -1;
}

void ref_histc(ref_call *c)
{
    int count[GRAPH_ELEMENTS] = { 0 };
    for (int i = 0; i < c->in[0]->n; i++) {
        int bin = bin_of(c, i);
        if (bin >= 0) count[bin]++;
    }
    ref_begin_output(c, (graph_shape){ 1, { c->step->to } }, c->in[0]->f64);
    ref_last_output(c)->constant = true;
    for (int k = 0; k < c->step->to && !c->bad; k++) ref_put_nearest(c, count[k], 0);
}
