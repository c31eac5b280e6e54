/* Ops whose results are sums of products of elements: products of vectors and matrices, integrals,
 * covariances, powers, and resampled signals. */
#include <math.h>

#include "tests/fuzz/graph_forward.h"

/* --- sums of products ------------------------------------------------------------------------- */

/* Element `element` of input `input`. */
typedef struct factor {
    int input, element;
} factor;

enum { FACTORS = 3 };

/* The product of all factors but number `left_out`, times `number`; *error bounds how wrong it is.
 */
static double product_without(const ref_call *c, double number, int count, const factor *f,
                              int left_out, double *error)
{
    double product = number, wrong = 0;
    for (int k = 0; k < count; k++) {
        if (k == left_out) continue;
        double x = ref_value(c, f[k].input, f[k].element);
        wrong = wrong * fabs(x) + fabs(product) * ref_error(c, f[k].input, f[k].element);
        product *= x;
    }
    *error = wrong;
    return product;
}

/* A summand of the element that is being made: `number` times the factors. */
static double summand(ref_call *c, double number, int count, const factor *f)
{
    double error;
    for (int k = 0; k < count; k++) {
        double weight = product_without(c, number, count, f, k, &error);
        ref_term(c, f[k].input, f[k].element, weight, error);
    }
    return product_without(c, number, count, f, -1, &error);
}

#define SUMMAND(number_, ...)                                                                      \
    summand(c, (number_), (int)(sizeof((factor[]){ __VA_ARGS__ }) / sizeof(factor)),               \
            (factor[]){ __VA_ARGS__ })

/* The sum that is the element of the output with these indices. */
typedef double sum_of(ref_call *c, const int at[GRAPH_DIMS]);

static void make(ref_call *c, graph_shape shape, bool f64, sum_of *f)
{
    if (c->bad) return;
    ref_begin_output(c, shape, f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        int at[GRAPH_DIMS] = { 0 };
        graph_unravel(shape, e, at);
        double sum = f(c, at);
        ref_put_sum(c, sum);
    }
}

static int size_of(const ref_call *c, int input, int dim)
{
    const graph_shape *shape = &c->in[input]->shape;
    return shape->size[dim < 0 ? shape->ndim + dim : dim];
}

/* --- products of two tensors ------------------------------------------------------------------ */

/* Dimension d of the input when it has sizes of 1 in front, up to `ndim` dimensions. */
static int aligned_size(const ref_call *c, int input, int ndim, int d)
{
    int own = d - (ndim - c->in[input]->shape.ndim);
    return own < 0 ? 1 : c->in[input]->shape.size[own];
}

static double kron_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int ndim = ref_last_output(c)->shape.ndim, a = 0, b = 0;
    for (int d = 0; d < ndim; d++) {
        int n = aligned_size(c, 1, ndim, d);
        a = a * aligned_size(c, 0, ndim, d) + at[d] / n;
        b = b * n + at[d] % n;
    }
    return SUMMAND(1, { 0, a }, { 1, b });
}

void ref_kron(ref_call *c)
{
    int n = c->in[0]->shape.ndim, m = c->in[1]->shape.ndim, sides = 0;
    graph_shape shape = { .ndim = n > m ? n : m };
    for (int d = 0; d < shape.ndim; d++) {
        sides += aligned_size(c, 0, shape.ndim, d) != 1;
        sides += aligned_size(c, 1, shape.ndim, d) != 1;
    }
    if (sides > 8) c->bad = true; /* more dimensions than Candela has */
    for (int d = 0; d < shape.ndim; d++) {
        shape.size[d] = aligned_size(c, 0, shape.ndim, d) * aligned_size(c, 1, shape.ndim, d);
    }
    make(c, shape, c->in[0]->f64 || c->in[1]->f64, kron_element);
}

static double scaled_element(ref_call *c, const int at[GRAPH_DIMS])
{
    graph_shape shape = ref_last_output(c)->shape;
    int e = graph_ravel(shape, at);
    return SUMMAND(1, { 0, graph_broadcast_from(c->in[0]->shape, shape, e) },
                   { 1, graph_broadcast_from(c->in[1]->shape, shape, e) });
}

static double inner_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int e = graph_ravel(ref_last_output(c)->shape, at), count = size_of(c, 0, -1);
    int rows = count > 0 ? c->in[1]->n / count : 1;
    double sum = 0;
    for (int k = 0; k < count; k++) {
        sum += SUMMAND(1, { 0, e / rows * count + k }, { 1, e % rows * count + k });
    }
    return sum;
}

void ref_inner(ref_call *c)
{
    graph_shape shape = c->in[0]->shape, other = c->in[1]->shape;
    if (shape.ndim == 0 || other.ndim == 0) {
        make(c, shape.ndim == 0 ? other : shape, ref_promotes_to_f64(c, 0, 1), scaled_element);
        return;
    }
    if (c->in[0]->n == 0 || c->in[1]->n == 0 || shape.ndim + other.ndim - 2 > GRAPH_DIMS) {
        c->bad = true;
        return;
    }
    shape.ndim--;
    for (int d = 0; d + 1 < other.ndim; d++) shape.size[shape.ndim++] = other.size[d];
    make(c, shape, c->in[0]->f64, inner_element);
}

/* The element of the input that broadcasts to the element `at` of a shape. */
static int broadcast_at(const ref_call *c, int input, graph_shape shape, const int at[GRAPH_DIMS])
{
    return graph_broadcast_from(c->in[input]->shape, shape, graph_ravel(shape, at));
}

/* The shape to which both inputs broadcast. */
static graph_shape both(ref_call *c)
{
    graph_shape shape = { .ndim = 0 };
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    return shape;
}

static double vecdot_element(ref_call *c, const int at[GRAPH_DIMS])
{
    graph_shape shape = both(c);
    int from[GRAPH_DIMS], dim = c->step->dim;
    double sum = 0;
    for (int d = 0; d < shape.ndim; d++) from[d] = d < dim ? at[d] : d > dim ? at[d - 1] : 0;
    for (; from[dim] < shape.size[dim]; from[dim]++) {
        sum += SUMMAND(1, { 0, broadcast_at(c, 0, shape, from) },
                       { 1, broadcast_at(c, 1, shape, from) });
    }
    return sum;
}

void ref_vecdot(ref_call *c)
{
    graph_shape shape = both(c);
    make(c, ref_without(shape, c->step->dim, false), c->in[0]->f64, vecdot_element);
}

static double cross_element(ref_call *c, const int at[GRAPH_DIMS])
{
    graph_shape shape = ref_last_output(c)->shape;
    int next[GRAPH_DIMS], last[GRAPH_DIMS], dim = c->step->dim;
    for (int d = 0; d < GRAPH_DIMS; d++) next[d] = last[d] = at[d];
    next[dim] = (at[dim] + 1) % 3;
    last[dim] = (at[dim] + 2) % 3;
    double plus =
        SUMMAND(1, { 0, broadcast_at(c, 0, shape, next) }, { 1, broadcast_at(c, 1, shape, last) });
    return plus + SUMMAND(-1, { 0, broadcast_at(c, 0, shape, last) },
                          { 1, broadcast_at(c, 1, shape, next) });
}

void ref_cross(ref_call *c)
{
    make(c, both(c), c->in[0]->f64, cross_element);
}

static double addr_element(ref_call *c, const int at[GRAPH_DIMS])
{
    const graph_step *s = c->step;
    double sum = 0;
    if (s->number != 0) {
        sum = SUMMAND(s->number, { 0, broadcast_at(c, 0, ref_last_output(c)->shape, at) });
    }
    return sum + SUMMAND(s->second, { 1, at[0] }, { 2, at[1] });
}

void ref_addr(ref_call *c)
{
    graph_shape shape = { 2, { c->in[1]->n, c->in[2]->n } };
    make(c, shape, c->in[0]->f64, addr_element);
}

/* --- products of three ------------------------------------------------------------------------ */

/* Element `last` of row `row` of the result. */
static double bilinear_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int e = graph_ravel(ref_last_output(c)->shape, at), outputs = size_of(c, 2, 0);
    int n = size_of(c, 0, -1), m = size_of(c, 1, -1), row = e / outputs, k = e % outputs;
    double sum = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            sum += SUMMAND(1, { 0, row * n + i }, { 2, (k * n + i) * m + j }, { 1, row * m + j });
        }
    }
    return sum;
}

void ref_bilinear(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    shape.size[shape.ndim - 1] = size_of(c, 2, 0);
    make(c, shape, c->in[0]->f64, bilinear_element);
}

/* Element (i, j) of the product of two or three matrices. */
static double chain_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int inner = size_of(c, 0, 1), columns = size_of(c, 1, 1);
    int last = c->inputs == 3 ? size_of(c, 2, 1) : 0;
    double sum = 0;
    for (int k = 0; k < inner; k++) {
        int left = at[0] * inner + k, row = k * columns;
        if (c->inputs == 2) sum += SUMMAND(1, { 0, left }, { 1, row + at[1] });
        for (int m = 0; m < columns && c->inputs == 3; m++) {
            sum += SUMMAND(1, { 0, left }, { 1, row + m }, { 2, m * last + at[1] });
        }
    }
    return sum;
}

void ref_chain(ref_call *c)
{
    graph_shape shape = { 2, { size_of(c, 0, 0), size_of(c, c->inputs - 1, 1) } };
    make(c, shape, c->in[0]->f64, chain_element);
}

static double matrix_power_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int ndim = c->in[0]->shape.ndim, n = size_of(c, 0, -1), batch = ndim == 3 ? at[0] * n * n : 0;
    int row = batch + at[ndim - 2] * n, j = at[ndim - 1];
    double sum = 0;
    if (c->step->to == 1) return SUMMAND(1, { 0, row + j });
    for (int k = 0; k < n; k++) {
        if (c->step->to == 2) sum += SUMMAND(1, { 0, row + k }, { 0, batch + k * n + j });
        for (int m = 0; m < n && c->step->to == 3; m++) {
            sum += SUMMAND(1, { 0, row + k }, { 0, batch + k * n + m }, { 0, batch + m * n + j });
        }
    }
    return sum;
}

void ref_matrix_power(ref_call *c)
{
    make(c, c->in[0]->shape, c->in[0]->f64, matrix_power_element);
}

/* --- integrals -------------------------------------------------------------------------------- */

/* The area between samples k and k + 1 of the line through sample 0 at `at`. The samples are
 * `number` apart, or where the second input says. */
static double area(ref_call *c, int at[GRAPH_DIMS], int k)
{
    double sum = 0;
    for (int i = 0; i < 2; i++) {
        at[c->step->dim] = k + i;
        int y = graph_ravel(c->in[0]->shape, at);
        if (c->inputs == 1) {
            sum += SUMMAND(c->step->number / 2, { 0, y });
        } else {
            sum += SUMMAND(0.5, { 0, y }, { 1, k + 1 });
            sum += SUMMAND(-0.5, { 0, y }, { 1, k });
        }
    }
    return sum;
}

static double trapezoid_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int from[GRAPH_DIMS], dim = c->step->dim;
    double sum = 0;
    for (int d = 0; d < GRAPH_DIMS; d++) from[d] = d <= dim ? at[d] : at[d - 1];
    for (int k = 0; k + 1 < size_of(c, 0, dim); k++) sum += area(c, from, k);
    return sum;
}

static double integral_so_far(ref_call *c, const int at[GRAPH_DIMS])
{
    int from[GRAPH_DIMS], dim = c->step->dim;
    double sum = 0;
    for (int d = 0; d < GRAPH_DIMS; d++) from[d] = at[d];
    for (int k = 0; k <= at[dim]; k++) sum += area(c, from, k);
    return sum;
}

void ref_trapezoid(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    int dim = c->step->dim;
    if (shape.size[dim]-- == 0) c->bad = true;
    if (c->step->op == GRAPH_TRAPEZOID) {
        make(c, ref_without(shape, dim, false), c->in[0]->f64, trapezoid_element);
    } else {
        make(c, shape, c->in[0]->f64, integral_so_far);
    }
}

/* --- powers, covariances and resampling ------------------------------------------------------- */

/* Column j has the powers j with `flag`, else of `to` columns that of to - 1 - j. */
static double vander_element(ref_call *c, const int at[GRAPH_DIMS])
{
    factor f[FACTORS] = { { 0, at[0] }, { 0, at[0] }, { 0, at[0] } };
    return summand(c, 1, c->step->flag ? at[1] : c->step->to - 1 - at[1], f);
}

void ref_vander(ref_call *c)
{
    make(c, (graph_shape){ 2, { c->in[0]->n, c->step->to } }, c->in[0]->f64, vander_element);
    ref_last_output(c)->constant = c->step->to == 1; /* ones */
}

/* The sum of x[i, k] x[j, k] over k, less N times the product of the means, all / (N - 1). */
static double cov_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int n = size_of(c, 0, -1);
    double sum = 0, weight = 1.0 / (n - 1);
    for (int k = 0; k < n; k++) {
        sum += SUMMAND(weight, { 0, at[0] * n + k }, { 0, at[1] * n + k });
        for (int m = 0; m < n; m++) {
            sum += SUMMAND(-weight / n, { 0, at[0] * n + k }, { 0, at[1] * n + m });
        }
    }
    c->exact = false; /* the means are rounded */
    return sum;
}

void ref_cov(ref_call *c)
{
    graph_shape shape = { .ndim = 0 };
    int rows = c->in[0]->shape.ndim == 2 ? size_of(c, 0, 0) : 1;
    if (c->in[0]->shape.ndim == 2 && rows > 1) shape = (graph_shape){ 2, { rows, rows } };
    if (c->in[0]->n == 0 || size_of(c, 0, -1) < 2) c->bad = true;
    make(c, shape, c->in[0]->f64, cov_element);
}

/* Where sample i of the result lies among those of x, linearly; with `flag` the first and last
 * samples keep their places. */
static double place_of(const graph_step *s, int i, int size)
{
    if (s->flag) return s->to > 1 ? i * (size - 1.0) / (s->to - 1) : 0;
    return fmax((i + 0.5) * size / s->to - 0.5, 0);
}

static double interpolate_element(ref_call *c, const int at[GRAPH_DIMS])
{
    int size = size_of(c, 0, 2), line = (at[0] * size_of(c, 0, 1) + at[1]) * size;
    if (c->step->how == 0) {
        int near = (int)floorf((float)at[2] * ((float)size / (float)c->step->to));
        return SUMMAND(1, { 0, line + (near < size ? near : size - 1) });
    }
    double place = place_of(c->step, at[2], size), error = ROUNDINGS * ref_epsilon(c->in[0]->f64);
    int before = (int)place, behind = before + 1 < size ? before + 1 : before;
    double part = place - before;
    ref_term(c, 0, line + before, 1 - part, error);
    ref_term(c, 0, line + behind, part, error);
    c->exact = false; /* the place is rounded */
    return (1 - part) * ref_value(c, 0, line + before) + part * ref_value(c, 0, line + behind);
}

void ref_interpolate(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    shape.size[2] = c->step->to;
    if (c->in[0]->n == 0) c->bad = true;
    make(c, shape, c->in[0]->f64, interpolate_element);
}
