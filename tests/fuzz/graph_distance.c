/* Ops that divide by a norm, or are one: distances, correlations and normalised tensors. */
#include <math.h>

#include "tests/fuzz/graph_forward.h"

/* --- distances -------------------------------------------------------------------------------- */

/* Makes the p-norm of `count` differences of elements a[k] of the first input and b[k] of the
 * last. */
static void distance_element(ref_call *c, int count, const int *a, const int *b)
{
    int last = c->inputs - 1;
    ref_norm norm = { .p = c->step->number, .count = count };
    for (int k = 0; k < count; k++) {
        norm.x[k] = ref_value(c, 0, a[k]) - ref_value(c, last, b[k]);
        norm.error[k] = ref_error(c, 0, a[k]) + ref_error(c, last, b[k]);
    }
    ref_find_norm(c, &norm);
    for (int k = 0; k < count && !c->bad; k++) {
        if (norm.slope[k] == 0) continue;
        ref_term(c, 0, a[k], norm.slope[k], norm.slope_error[k]);
        ref_term(c, last, b[k], -norm.slope[k], norm.slope_error[k]);
    }
    ref_put(c, norm.y, norm.y);
}

void ref_dist(ref_call *c)
{
    graph_shape shape;
    int a[GRAPH_ELEMENTS], b[GRAPH_ELEMENTS];
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape) ||
        graph_elements(shape) > GRAPH_ELEMENTS) {
        c->bad = true;
        return;
    }
    for (int e = 0; e < graph_elements(shape); e++) {
        a[e] = graph_broadcast_from(c->in[0]->shape, shape, e);
        b[e] = graph_broadcast_from(c->in[1]->shape, shape, e);
    }
    ref_begin_output(c, (graph_shape){ .ndim = 0 }, c->in[0]->f64);
    distance_element(c, graph_elements(shape), a, b);
}

/* Makes the distance of two rows of `size` elements. */
static void distance_of_rows(ref_call *c, int size, int row, int other)
{
    int a[GRAPH_ELEMENTS], b[GRAPH_ELEMENTS];
    for (int k = 0; k < size; k++) {
        a[k] = row * size + k;
        b[k] = other * size + k;
    }
    distance_element(c, size, a, b);
}

void ref_cdist(ref_call *c)
{
    const graph_shape *one = &c->in[0]->shape, *two = &c->in[1]->shape;
    ref_begin_output(c, (graph_shape){ 2, { one->size[0], two->size[0] } }, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        distance_of_rows(c, one->size[1], e / two->size[0], e % two->size[0]);
    }
}

void ref_pdist(ref_call *c)
{
    const graph_shape *x = &c->in[0]->shape;
    int rows = x->size[0];
    ref_begin_output(c, (graph_shape){ 1, { rows * (rows - 1) / 2 } }, c->in[0]->f64);
    for (int i = 0; i < rows && !c->bad; i++) {
        for (int j = i + 1; j < rows && !c->bad; j++) distance_of_rows(c, x->size[1], i, j);
    }
}

/* --- normalised ------------------------------------------------------------------------------- */

/* Elements that are normalised together: their numbers, what becomes of them, and bounds on the
 * sum of their errors. */
typedef struct group {
    int count, element[GRAPH_ELEMENTS];
    double size;                  /* the number that they are divided by */
    double value[GRAPH_ELEMENTS]; /* each, divided by it */
    double error;                 /* the sum of the errors of the elements */
} group;

static void add_element(const ref_call *c, group *g, int element)
{
    g->value[g->count] = ref_value(c, 0, element);
    g->error += ref_error(c, 0, element);
    g->element[g->count++] = element;
}

/* Takes the mean from the elements, and divides them by sqrt(sum of squares * factor + eps). */
static void standardise(ref_call *c, group *g, double factor, double eps)
{
    double mean = 0, squares = 0;
    for (int k = 0; k < g->count; k++) mean += g->value[k] / g->count;
    for (int k = 0; k < g->count; k++) squares += pow(g->value[k] - mean, 2);
    g->size = sqrt(squares * factor + eps);
    if (!(g->size >= 0.25)) c->bad = true;
    for (int k = 0; k < g->count; k++) g->value[k] = (g->value[k] - mean) / g->size;
}

/* How wrong a slope may be that is a sum of numbers of about 1 / size. */
static double slope_error(const ref_call *c, const group *g)
{
    return 8 * g->error / (g->size * g->size) +
           4 * ROUNDINGS * ref_epsilon(c->in[0]->f64) / g->size;
}

/* Makes element k: dy[k] / dx[m] = ((k == m) - 1 / n - y[k] y[m] / n) / size. */
static void instance_norm_element(ref_call *c, const group *g, int k)
{
    for (int m = 0; m < g->count; m++) {
        double slope = (k == m) - 1.0 / g->count - g->value[k] * g->value[m] / g->count;
        ref_term(c, 0, g->element[m], slope / g->size, slope_error(c, g));
    }
    ref_put(c, g->value[k], 1 + 4 / g->size);
}

void ref_instance_norm(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    int channels = shape.size[0] * shape.size[1];
    int size = channels > 0 ? c->in[0]->n / channels : 0;
    if (size < 2) {
        c->bad = true;
        return;
    }
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int n = 0; n < channels && !c->bad; n++) {
        group g = { .count = 0 };
        for (int k = 0; k < size; k++) add_element(c, &g, n * size + k);
        standardise(c, &g, 1.0 / size, 1e-5);
        for (int k = 0; k < size && !c->bad; k++) instance_norm_element(c, &g, k);
    }
}

/* Makes the correlation r of two rows: dr / da[k] = (b[k] - r a[k]) / |a|, for standardised rows a
 * and b. Where r is nearly 1, whether it is clamped depends on its rounding. */
static void correlation(ref_call *c, const group *a, const group *b)
{
    double r = 0;
    for (int k = 0; k < a->count; k++) r += a->value[k] * b->value[k];
    double apart = fabs(1 - fabs(r));
    if (apart > 1e-14 && apart < 1e-4) c->bad = true;
    if (apart <= 1e-14 && a->error + b->error > 0) c->bad = true;
    for (int k = 0; k < a->count && !c->bad; k++) {
        ref_term(c, 0, a->element[k], (b->value[k] - r * a->value[k]) / a->size,
                 slope_error(c, a) + slope_error(c, b));
        ref_term(c, 0, b->element[k], (a->value[k] - r * b->value[k]) / b->size,
                 slope_error(c, a) + slope_error(c, b));
    }
    ref_put(c, r, 1 + 4 / a->size + 4 / b->size);
}

void ref_corrcoef(ref_call *c)
{
    static group row[GRAPH_ELEMENTS];
    graph_shape shape = c->in[0]->shape, square = { 2, { shape.size[0], shape.size[0] } };
    int rows = shape.ndim == 2 ? shape.size[0] : 1, size = shape.size[shape.ndim - 1];
    if (c->in[0]->n == 0 || size < 2) c->bad = true;
    for (int i = 0; i < rows && !c->bad; i++) {
        row[i] = (group){ .count = 0 };
        for (int k = 0; k < size; k++) add_element(c, &row[i], i * size + k);
        standardise(c, &row[i], 1, 0);
    }
    if (c->bad) return;
    ref_begin_output(c, rows > 1 ? square : (graph_shape){ .ndim = 0 }, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        correlation(c, &row[e / rows], &row[e % rows]);
    }
}

/* --- renorm ----------------------------------------------------------------------------------- */

/* Makes element e, of the part with this norm: x itself, or y = x most / (norm + 1e-7), of which
 * the derivatives are (k == e) y / x - y slope[k] / (norm + 1e-7). */
static void renorm_element(ref_call *c, const ref_norm *norm, const int *part, int e)
{
    double most = c->step->second, x = ref_value(c, 0, e), total = norm->y + 1e-7, error = 0;
    double rounding = ROUNDINGS * ref_epsilon(c->in[0]->f64);
    for (int k = 0; k < norm->count; k++) error += norm->error[k];
    if (ref_compare(c, norm->y, error + rounding * norm->y, most, 0) <= 0) {
        ref_term(c, 0, e, 1, 0);
        ref_put_nearest(c, x, 0);
        return;
    }
    double scale = most / total;
    for (int k = 0; k < norm->count; k++) {
        double slope = (part[k] == e ? scale : 0) - x * scale / total * norm->slope[k];
        double bound =
            4 * scale / total * (error + fabs(x) * norm->slope_error[k] + fabs(x) * error / total) +
            rounding * scale * (1 + fabs(x) / total);
        ref_term(c, 0, part[k], slope, bound);
    }
    ref_put(c, x * scale, 0);
}

void ref_renorm(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) {
        int part[GRAPH_ELEMENTS], at[GRAPH_DIMS], own[GRAPH_DIMS];
        ref_norm norm = { .p = c->step->number, .count = 0 };
        graph_unravel(shape, e, own);
        for (int i = 0; i < c->in[0]->n; i++) {
            graph_unravel(shape, i, at);
            if (at[c->step->dim] != own[c->step->dim]) continue;
            norm.x[norm.count] = ref_value(c, 0, i);
            norm.error[norm.count] = ref_error(c, 0, i);
            part[norm.count++] = i;
        }
        ref_find_norm(c, &norm);
        if (!c->bad) renorm_element(c, &norm, part, e);
    }
}
