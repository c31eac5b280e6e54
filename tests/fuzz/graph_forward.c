/* What each op computes, with the derivatives by each of its inputs. */
#include <float.h>
#include <math.h>

#include "tests/fuzz/graph_reference.h"

/* Errors are in units of the last place: an op rounds its result, and a derivative, up to so often;
 * ROUNDINGS is generous, since what planted bugs change is not in the last places. */
enum { ROUNDINGS = 16, MOST = 256 };
static const double least = 1e-12;
#define LEAST_DIVISOR 0.125

double ref_epsilon(bool f64)
{
    return f64 ? DBL_EPSILON : (double)FLT_EPSILON;
}

/* --- one element after the other -------------------------------------------------------------- */

static double value_of(const ref_call *c, int k, int i)
{
    return c->r->storage[c->in[k]->storage].value[c->in[k]->place[i]];
}

static double error_of(const ref_call *c, int k, int i)
{
    return c->r->storage[c->in[k]->storage].error[c->in[k]->place[i]];
}

static void begin(ref_call *c, graph_shape shape, bool f64)
{
    struct ref_output *out = &c->out[c->outputs++];
    *out = (struct ref_output){ .shape = shape, .f64 = f64, .first = c->r->scalars };
    if (shape.ndim > GRAPH_DIMS || graph_elements(shape) > GRAPH_ELEMENTS) {
        c->bad = true;
    } else {
        out->n = graph_elements(shape);
    }
    c->carried = c->scale = 0;
    c->exact = c->coarse = true;
}

static struct ref_output *last_output(ref_call *c)
{
    return &c->out[c->outputs - 1];
}

/* Element i of input k is among what the element in the making depends on: with this derivative,
 * known as well as `error` says. */
static void term(ref_call *c, int k, int i, double weight, double error)
{
    reference *r = c->r;
    double x = value_of(c, k, i), e = error_of(c, k, i);
    c->carried += fabs(weight) * e;
    c->scale += fabs(weight * x);
    if (e > 0) c->exact = false;
    if (fmod(1024 * weight * x, 1) != 0) c->coarse = false;
    if (!c->record || c->edge[k].first < 0 || last_output(c)->constant) return;
    if (r->weights == REF_EDGES) {
        r->full = c->bad = true;
        return;
    }
    r->weight[r->weights++] = (ref_weight){ c->edge[k].first + i, weight, error };
}

/* Ends the element. `rounding`: numbers beside the result itself that were rounded on the way. */
static void put(ref_call *c, double value, double rounding)
{
    reference *r = c->r;
    struct ref_output *out = last_output(c);
    double error = c->carried + ref_epsilon(out->f64) * ROUNDINGS * (fabs(value) + rounding);
    if (value != 0 && fabs(value) < least) c->bad = true;
    if (!(fabs(value) <= MOST) || error > 1e-3 * (1 + fabs(value))) c->bad = true;
    if (c->bad) return;
    out->value[out->made] = value;
    out->error[out->made++] = error;
    c->carried = c->scale = 0;
    c->exact = c->coarse = true;
    if (!c->record || out->constant) return;
    if (r->scalars == REF_SCALARS) {
        r->full = c->bad = true;
    } else {
        r->begin[++r->scalars] = r->weights;
    }
}

/* The same of an op whose result is the nearest number that there is: of exact inputs it is exact
 * when a float32 has it. */
static void put_nearest(ref_call *c, double value, double rounding)
{
    bool exact = c->exact && (double)(float)value == value;
    put(c, value, rounding);
    if (exact && !c->bad) last_output(c)->error[last_output(c)->made - 1] = 0;
}

/* That of a sum, which is exact in any order when all of it are multiples of 1/1024. */
static void put_sum(ref_call *c, double value)
{
    bool exact = c->exact && c->coarse && c->scale < 4096;
    put(c, value, c->scale);
    if (exact && !c->bad) last_output(c)->error[last_output(c)->made - 1] = 0;
}

/* The sign of x - y, when that is sure. */
static int compare(ref_call *c, double x, double x_error, double y, double y_error)
{
    double error = x_error + y_error;
    if (error > 0 && fabs(x - y) <= 4 * error) c->bad = true;
    return x > y ? 1 : x < y ? -1 : 0;
}

static int compare_number(ref_call *c, int k, int i, double number)
{
    return compare(c, value_of(c, k, i), error_of(c, k, i), number, 0);
}

static bool same_place(const ref_call *c, int k, int i, int j)
{
    return c->in[k]->place[i] == c->in[k]->place[j];
}

/* --- one operand ------------------------------------------------------------------------------ */

typedef double unary(double x, double p);

static double opposite(double x, double p)
{
    (void)p;
    return -x;
}

static double inverse(double x, double p)
{
    (void)p;
    return 1 / x;
}

static double exponential(double x, double p)
{
    (void)p;
    return exp(x);
}

static double logarithm(double x, double p)
{
    (void)p;
    return log(x);
}

static double root(double x, double p)
{
    (void)p;
    return sqrt(x);
}

static double sigmoid(double x, double p)
{
    (void)p;
    return 1 / (1 + exp(-x));
}

static double hyperbolic(double x, double p)
{
    (void)p;
    return tanh(x);
}

static double power(double x, double p)
{
    return pow(x, p);
}

static double minus_one(double x, double p)
{
    (void)x;
    (void)p;
    return -1;
}

static double inverse_slope(double x, double p)
{
    (void)p;
    return -1 / (x * x);
}

static double root_slope(double x, double p)
{
    (void)p;
    return 0.5 / sqrt(x);
}

static double sigmoid_slope(double x, double p)
{
    return sigmoid(x, p) * (1 - sigmoid(x, p));
}

static double hyperbolic_slope(double x, double p)
{
    return 1 - hyperbolic(x, p) * hyperbolic(x, p);
}

static double power_slope(double x, double p)
{
    return p == 0 ? 0 : p * pow(x, p - 1);
}

static double three_squares(double x, double p)
{
    (void)p;
    return 3 * x * x;
}

static double six_times(double x, double p)
{
    (void)p;
    return 6 * x;
}

/* By how much a slope may differ where x differs by its error. */
static double slope_error(unary *slope, double x, double error, double p)
{
    if (!(error > 0)) return 0;
    double here = slope(x, p);
    return fmax(fabs(slope(x + error, p) - here), fabs(slope(x - error, p) - here));
}

typedef struct smooth_op {
    unary *f, *slope;
    double lowest, highest; /* of what it is computed */
    bool rounded;           /* its slope is the difference of numbers near 1, or of 0 */
} smooth_op;

static const smooth_op smooth_ops[GRAPH_OP_COUNT] = {
    [GRAPH_NEG] = { opposite, minus_one, -MOST, MOST, false },
    [GRAPH_RECIPROCAL] = { inverse, inverse_slope, -MOST, MOST, false },
    [GRAPH_EXP] = { exponential, exponential, -5, 5, false },
    [GRAPH_LOG] = { logarithm, inverse, LEAST_DIVISOR, MOST, true },
    [GRAPH_SQRT] = { root, root_slope, LEAST_DIVISOR, MOST, false },
    [GRAPH_SIGMOID] = { sigmoid, sigmoid_slope, -16, 16, true },
    [GRAPH_TANH] = { hyperbolic, hyperbolic_slope, -16, 16, true },
    [GRAPH_POW] = { power, power_slope, -8, 8, false },
    [GRAPH_FUNCTION_SQUARE] = { three_squares, six_times, -8, 8, false },
    [GRAPH_FUNCTION_OUTPUT] = { hyperbolic, hyperbolic_slope, -16, 16, true },
};

/* Bases of powers that are not whole, and divisors. */
static bool in_range(const graph_step *s, const smooth_op *op, double x)
{
    double p = s->number;
    bool polynomial = p == 0 || p == 1 || p == 2 || p == 3;
    if (s->op == GRAPH_POW && !polynomial && x < LEAST_DIVISOR) return false;
    if (s->op == GRAPH_RECIPROCAL && fabs(x) < LEAST_DIVISOR) return false;
    return x >= op->lowest && x <= op->highest;
}

static void smooth(ref_call *c)
{
    const smooth_op *op = &smooth_ops[c->step->op];
    double p = c->step->number;
    begin(c, c->in[0]->shape, c->in[0]->f64);
    double epsilon = ref_epsilon(c->in[0]->f64);
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        double x = value_of(c, 0, i), e = error_of(c, 0, i);
        if (!in_range(c->step, op, x)) c->bad = true;
        double error = slope_error(op->slope, x, e, p) + ROUNDINGS * epsilon * op->rounded;
        term(c, 0, i, op->slope(x, p), error);
        if (c->step->op == GRAPH_NEG) {
            put_nearest(c, op->f(x, p), 0);
        } else {
            put(c, op->f(x, p), 0);
        }
    }
}

/* Kinked ops: the value is that of x or a constant, the slope 1, -1 or 0. */
static void piecewise(ref_call *c)
{
    graph_op op = c->step->op;
    double low = -INFINITY, high = INFINITY;
    if (op == GRAPH_RELU) low = 0;
    if (op == GRAPH_CLAMP || op == GRAPH_CLAMP_MIN) low = c->step->number;
    if (op == GRAPH_CLAMP) high = c->step->second;
    if (op == GRAPH_CLAMP_MAX) high = c->step->number;
    begin(c, c->in[0]->shape, c->in[0]->f64);
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        double x = value_of(c, 0, i);
        bool above = isinf(low) || compare_number(c, 0, i, low) > 0;
        bool below = isinf(high) || compare_number(c, 0, i, high) < 0;
        bool inside = above && below && low <= high;
        if (inside) term(c, 0, i, 1, 0);
        put_nearest(c, fmin(fmax(x, low), high), 0);
    }
}

static void sign_or_abs(ref_call *c)
{
    begin(c, c->in[0]->shape, c->in[0]->f64);
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        int sign = compare_number(c, 0, i, 0);
        if (c->step->op == GRAPH_ABS) term(c, 0, i, sign, 0);
        put_nearest(c, c->step->op == GRAPH_ABS ? fabs(value_of(c, 0, i)) : sign, 0);
    }
}

static void above_number(ref_call *c)
{
    begin(c, c->in[0]->shape, false);
    last_output(c)->constant = true;
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        put_nearest(c, compare_number(c, 0, i, c->step->number) > 0, 0);
    }
}

/* --- two operands ----------------------------------------------------------------------------- */

/* A tensor without dimensions widens none that has some. */
static bool meet(const ref_call *c, int from, int to)
{
    bool wide = false, dimensions = false;
    for (int k = from; k <= to; k++) dimensions |= c->in[k]->shape.ndim > 0;
    for (int k = from; k <= to; k++) {
        wide |= c->in[k]->f64 && (!dimensions || c->in[k]->shape.ndim > 0);
    }
    return wide;
}

typedef struct pair {
    double y, da, db;
} pair;

static pair arithmetic(graph_op op, double a, double b)
{
    switch (op) {
    case GRAPH_ADD:
        return (pair){ a + b, 1, 1 };
    case GRAPH_SUB:
        return (pair){ a - b, 1, -1 };
    case GRAPH_MUL:
        return (pair){ a * b, b, a };
    case GRAPH_DIV:
        return (pair){ a / b, 1 / b, -a / (b * b) };
    default:
        return (pair){ pow(a, b), b == 0 ? 0 : b * pow(a, b - 1), pow(a, b) * log(a) };
    }
}

static bool in_domain(graph_op op, double a, double b)
{
    if (op == GRAPH_DIV) return fabs(b) >= LEAST_DIVISOR;
    return op != GRAPH_POW || (a >= LEAST_DIVISOR && a <= 8 && fabs(b) <= 3);
}

typedef struct operand {
    int input, i; /* input -1: a number */
    double x, error;
} operand;

static operand operand_at(const ref_call *c, int k, graph_shape shape, int element)
{
    const graph_step *s = c->step;
    int input = s->with_number ? (k == (s->number_first ? 0 : 1) ? -1 : 0) : k;
    if (input < 0) return (operand){ -1, 0, s->number, 0 };
    int i = graph_broadcast_from(c->in[input]->shape, shape, element);
    return (operand){ input, i, value_of(c, input, i), error_of(c, input, i) };
}

static void operand_term(ref_call *c, operand o, double weight, double error)
{
    if (o.input >= 0) term(c, o.input, o.i, weight, error);
}

static void arithmetic_element(ref_call *c, operand a, operand b, double epsilon)
{
    graph_op op = c->step->op;
    pair p = arithmetic(op, a.x, b.x), near[2] = { p, p };
    if (!in_domain(op, a.x, b.x)) c->bad = true;
    if (c->bad) return;
    if (a.error > 0 || b.error > 0) {
        near[0] = arithmetic(op, a.x + a.error, b.x + b.error);
        near[1] = arithmetic(op, a.x - a.error, b.x + b.error);
    }
    double da = 2 * fmax(fabs(near[0].da - p.da), fabs(near[1].da - p.da));
    double db = 2 * fmax(fabs(near[0].db - p.db), fabs(near[1].db - p.db));
    if (op ==
        GRAPH_POW) { /* log(a) and b - 1 are rounded in the dtypes of a and b, in PyTorch too */
        bool single = !c->in[0]->f64 || !c->in[c->inputs - 1]->f64;
        da += ROUNDINGS * ref_epsilon(!single) * (1 + fabs(p.da));
        db += ROUNDINGS * ref_epsilon(!single) * (1 + p.y);
    }
    operand_term(c, a, p.da, da);
    operand_term(c, b, p.db, db);
    double inputs = c->in[0]->f64 == (epsilon == DBL_EPSILON) ? 0 : c->scale;
    if (op == GRAPH_POW || op == GRAPH_DIV) {
        put(c, p.y, inputs + c->scale);
    } else {
        put_nearest(c, p.y, inputs + c->scale);
    }
}

/* Of equal ones each has half. */
static void choice_element(ref_call *c, operand a, operand b, bool larger)
{
    int order = compare(c, a.x, a.error, b.x, b.error);
    if (!larger) order = -order;
    if (order >= 0) operand_term(c, a, order > 0 ? 1 : 0.5, 0);
    if (order <= 0) operand_term(c, b, order < 0 ? 1 : 0.5, 0);
    put_nearest(c, larger ? fmax(a.x, b.x) : fmin(a.x, b.x), 0);
}

static void binary(ref_call *c)
{
    const graph_step *s = c->step;
    graph_op op = s->op;
    graph_shape shape = c->in[0]->shape;
    bool f64 = c->in[0]->f64;
    if (!s->with_number) {
        f64 = meet(c, 0, 1);
        if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    }
    if (s->in_place) f64 = c->in[0]->f64;
    if (c->bad) return;
    begin(c, shape, f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        operand a = operand_at(c, 0, shape, e), b = operand_at(c, 1, shape, e);
        if (op == GRAPH_MAXIMUM || op == GRAPH_CLAMP_MIN) {
            choice_element(c, a, b, true);
        } else if (op == GRAPH_MINIMUM || op == GRAPH_CLAMP_MAX) {
            choice_element(c, a, b, false);
        } else {
            arithmetic_element(c, a, b, ref_epsilon(f64));
        }
    }
}

static void power_of(ref_call *c)
{
    if (c->step->with_number && !c->step->number_first) {
        smooth(c);
    } else {
        binary(c);
    }
}

static void bounded(ref_call *c)
{
    if (c->inputs == 2) {
        binary(c);
    } else {
        piecewise(c);
    }
}

static void copy(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    begin(c, shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) {
        int i = graph_broadcast_from(c->in[1]->shape, shape, e);
        term(c, 1, i, 1, 0);
        put_nearest(c, value_of(c, 1, i), 0);
    }
}

static void constant(ref_call *c)
{
    double value = c->step->op == GRAPH_FILL ? c->step->number : 0;
    begin(c, c->in[0]->shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) put_nearest(c, value, 0);
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

static graph_shape without(graph_shape shape, int dim, bool keepdim)
{
    if (keepdim) {
        if (shape.ndim > 0) shape.size[dim] = 1;
        return shape;
    }
    if (shape.ndim == 0) return shape;
    for (int i = dim; i + 1 < shape.ndim; i++) shape.size[i] = shape.size[i + 1];
    shape.ndim--;
    return shape;
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
    if (s->by_dim) shape = without(c->in[0]->shape, s->dim, s->keepdim);
    begin(c, shape, c->in[0]->f64);
}

static void sum_element(ref_call *c, const group *g, bool mean)
{
    double sum = 0;
    if (mean && g->count == 0) c->bad = true;
    for (int k = 0; k < g->count && !c->bad; k++) {
        sum += value_of(c, 0, g->element[k]);
        term(c, 0, g->element[k], mean ? 1.0 / g->count : 1, 0);
    }
    if (mean) {
        put(c, sum / g->count, c->scale);
    } else {
        put_sum(c, sum);
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
        double x = maybe_abs(value_of(c, 0, i), absolute);
        double y = maybe_abs(value_of(c, 0, best), absolute);
        if (compare(c, x, error_of(c, 0, i), y, error_of(c, 0, best)) == sign) best = i;
    }
    return best;
}

static bool ties(ref_call *c, int i, int best, bool absolute)
{
    return maybe_abs(value_of(c, 0, i), absolute) == maybe_abs(value_of(c, 0, best), absolute);
}

/* Of equal ones the first has the gradient, or all evenly. */
static void extreme_element(ref_call *c, const group *g, int sign, bool shared, bool absolute)
{
    if (g->count == 0) c->bad = true;
    if (c->bad) return;
    int best = extreme_of(c, g, sign, absolute), equal = 0;
    double x = value_of(c, 0, best);
    for (int k = 0; k < g->count; k++) equal += ties(c, g->element[k], best, absolute);
    for (int k = 0; k < g->count; k++) {
        int i = g->element[k];
        bool one_of = shared ? ties(c, i, best, absolute) : i == best;
        double slope = 1.0 / (shared ? equal : 1);
        if (absolute) slope *= compare_number(c, 0, i, 0);
        if (one_of) term(c, 0, i, slope, 0);
    }
    c->carried = error_of(c, 0, best);
    put_nearest(c, maybe_abs(x, absolute), 0);
}

static double largest_error(const ref_call *c, const group *g)
{
    double largest = 0;
    for (int k = 0; k < g->count; k++) largest = fmax(largest, error_of(c, 0, g->element[k]));
    return largest;
}

/* log(sum(exp(x))) and, in part, the share of each. */
static double log_sum(const ref_call *c, const group *g, double *part)
{
    double top = -INFINITY, sum = 0;
    for (int k = 0; k < g->count; k++) top = fmax(top, value_of(c, 0, g->element[k]));
    for (int k = 0; k < g->count; k++) sum += exp(value_of(c, 0, g->element[k]) - top);
    double y = top + log(sum);
    for (int k = 0; k < g->count; k++) part[k] = exp(value_of(c, 0, g->element[k]) - y);
    return y;
}

static double size_of(const ref_call *c, const group *g)
{
    double size = 1;
    for (int k = 0; k < g->count; k++) size += fabs(value_of(c, 0, g->element[k]));
    return size;
}

static void logsumexp_element(ref_call *c, const group *g)
{
    double part[GRAPH_ELEMENTS], epsilon = ref_epsilon(c->in[0]->f64);
    if (g->count == 0) c->bad = true;
    if (c->bad) return;
    double y = log_sum(c, g, part), size = size_of(c, g);
    double relative = 2 * largest_error(c, g) + ROUNDINGS * epsilon * size;
    for (int k = 0; k < g->count; k++) term(c, 0, g->element[k], part[k], part[k] * relative);
    put(c, y, size);
}

static void norm_element(ref_call *c, const group *g)
{
    double p = c->step->number, sum = 0, error = 0;
    for (int k = 0; k < g->count; k++) {
        sum += pow(fabs(value_of(c, 0, g->element[k])), p);
        error += error_of(c, 0, g->element[k]);
    }
    double y = pow(sum, 1 / p);
    bool zero = sum == 0 && error == 0;
    if (!zero && y < 0.25) c->bad = true;
    for (int k = 0; k < g->count && !c->bad && !zero; k++) {
        int i = g->element[k];
        double x = value_of(c, 0, i), e = error_of(c, 0, i);
        int sign = p == 1 ? compare_number(c, 0, i, 0) : (x > 0) - (x < 0);
        double slope = p == 1 ? sign : sign * pow(fabs(x) / y, p - 1);
        /* d slope / dx is at most (p - 1) 2 / y */
        double known = p == 1 ? 0 : 2 * (p - 1) * (e + error) / y;
        term(c, 0, i, slope, known + ROUNDINGS * ref_epsilon(c->in[0]->f64));
    }
    if (zero) {
        put_nearest(c, 0, 0);
    } else {
        put(c, y, y);
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

static void reduce(ref_call *c)
{
    begin_reduced(c);
    bool nothing = c->step->by_dim && lines_of(c->in[0]->shape, c->step->dim).n == 0;
    if (nothing && is_extreme(c->step)) c->bad = true; /* also where there is no line */
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        group g = group_of(c, e);
        reduce_element(c, &g);
    }
}

static void index_of_largest(ref_call *c)
{
    begin_reduced(c);
    last_output(c)->f64 = false;
    last_output(c)->constant = true;
    lines l = lines_of(c->in[0]->shape, c->step->dim);
    if (l.n == 0) c->bad = true;
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        group g = group_of(c, e);
        put_nearest(c, extreme_of(c, &g, 1, false) / l.inner % l.n, 0);
    }
}

/* Elements come row by row: (o, k, i) of the softmax along dim is share k of line (o, i). */
static void softmax(ref_call *c)
{
    bool logarithms = c->step->op == GRAPH_LOG_SOFTMAX;
    graph_shape shape = c->in[0]->shape;
    double epsilon = ref_epsilon(c->in[0]->f64);
    lines l = lines_of(shape, c->step->dim);
    begin(c, shape, c->in[0]->f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        double part[GRAPH_ELEMENTS];
        int own = e / l.inner % l.n;
        group g = group_of(c, e / (l.n * l.inner) * l.inner + e % l.inner);
        double y = log_sum(c, &g, part), known = 2 * largest_error(c, &g), size = size_of(c, &g);
        double scale = logarithms ? 1 : part[own];
        known += ROUNDINGS * epsilon * size;
        for (int k = 0; k < g.count; k++) {
            double slope = scale * ((k == own) - part[k]);
            term(c, 0, g.element[k], slope, 2 * scale * ((k == own) + part[k]) * known);
        }
        put(c, logarithms ? value_of(c, 0, e) - y : part[own], logarithms ? size : size * scale);
    }
}

static void sum_to_shape(ref_call *c)
{
    graph_shape shape = c->step->shape;
    begin(c, shape, c->in[0]->f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        double sum = 0;
        for (int i = 0; i < c->in[0]->n; i++) {
            if (graph_broadcast_from(shape, c->in[0]->shape, i) != e) continue;
            sum += value_of(c, 0, i);
            term(c, 0, i, 1, 0);
        }
        put_sum(c, sum);
    }
}

static void topk(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    lines l = lines_of(shape, c->step->dim);
    if (shape.ndim > 0) shape.size[c->step->dim] = c->step->to;
    begin(c, shape, c->in[0]->f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        int rank = shape.ndim > 0 ? e / l.inner % c->step->to : 0, count = c->step->to;
        group g = group_of(c, shape.ndim > 0 ? e / (count * l.inner) * l.inner + e % l.inner : 0);
        for (int k = 0; k < g.count; k++) {
            int before = 0;
            for (int m = 0; m < g.count; m++) {
                if (m == k) continue;
                int order = compare(c, value_of(c, 0, g.element[m]), error_of(c, 0, g.element[m]),
                                    value_of(c, 0, g.element[k]), error_of(c, 0, g.element[k]));
                if (order == 0) c->bad = true;
                before += order > 0;
            }
            if (before != rank || c->bad) continue;
            term(c, 0, g.element[k], 1, 0);
            put_nearest(c, value_of(c, 0, g.element[k]), 0);
            break;
        }
    }
}

/* --- products --------------------------------------------------------------------------------- */

/* An operand as a batch of matrices. */
typedef struct matrix {
    int input, rows, columns;
    bool vector, transposed;
    graph_shape batch;
} matrix;

static matrix matrix_of(const ref_call *c, int input, bool first, bool transposed)
{
    graph_shape shape = c->in[input]->shape;
    matrix m = { .input = input, .vector = shape.ndim == 1, .transposed = transposed };
    int own = shape.ndim < 2 ? shape.ndim : 2;
    int last = shape.ndim > 0 ? shape.size[shape.ndim - 1] : 1;
    m.batch = shape;
    m.batch.ndim -= own;
    m.rows = m.vector ? (first ? 1 : last) : shape.ndim > 1 ? shape.size[shape.ndim - 2] : 1;
    m.columns = m.vector ? (first ? last : 1) : last;
    if (transposed && !m.vector) {
        int rows = m.rows;
        m.rows = m.columns;
        m.columns = rows;
    }
    return m;
}

static int element_of(const matrix *m, graph_shape batch, int number, int row, int column)
{
    int own = graph_broadcast_from(m->batch, batch, number);
    if (m->transposed && !m->vector) return (own * m->columns + column) * m->rows + row;
    return (own * m->rows + row) * m->columns + column;
}

static void product_element(ref_call *c, const matrix *a, const matrix *b, graph_shape batch,
                            const int at[3])
{
    double sum = 0;
    for (int t = 0; t < a->columns; t++) {
        int i = element_of(a, batch, at[0], at[1], t), j = element_of(b, batch, at[0], t, at[2]);
        double x = value_of(c, a->input, i), y = value_of(c, b->input, j);
        sum += x * y;
        term(c, a->input, i, y, error_of(c, b->input, j));
        term(c, b->input, j, x, error_of(c, a->input, i));
    }
    if (c->inputs == 3) {
        int bias = c->step->op == GRAPH_ADDMM ? 0 : 2;
        graph_shape shape = last_output(c)->shape;
        int i = graph_broadcast_from(c->in[bias]->shape, shape, last_output(c)->made);
        sum += value_of(c, bias, i);
        term(c, bias, i, 1, 0);
    }
    put_sum(c, sum);
}

static void product(ref_call *c)
{
    graph_op op = c->step->op;
    int first = op == GRAPH_ADDMM ? 1 : 0;
    matrix a = matrix_of(c, first, true, false);
    matrix b = matrix_of(c, first + 1, false, op == GRAPH_LINEAR);
    graph_shape batch, shape;
    if (!graph_broadcast(a.batch, b.batch, &batch)) c->bad = true;
    if (a.columns != b.rows || batch.ndim + 2 > GRAPH_DIMS) c->bad = true;
    if (c->bad) return;
    shape = batch;
    if (!a.vector) shape.size[shape.ndim++] = a.rows;
    if (!b.vector) shape.size[shape.ndim++] = b.columns;
    begin(c, shape, c->in[first]->f64);
    int number = graph_elements(batch);
    for (int n = 0; n < number && !c->bad; n++) {
        for (int row = 0; row < a.rows && !c->bad; row++) {
            for (int column = 0; column < b.columns && !c->bad; column++) {
                product_element(c, &a, &b, batch, (const int[3]){ n, row, column });
            }
        }
    }
}

/* --- elements moved --------------------------------------------------------------------------- */

static void move(ref_call *c, graph_shape shape, bool f64, const int *map)
{
    begin(c, shape, f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        term(c, 0, map[e], 1, 0);
        put_nearest(c, value_of(c, 0, map[e]), 0);
    }
}

static void plain_copy(ref_call *c)
{
    int map[GRAPH_ELEMENTS];
    for (int i = 0; i < c->in[0]->n; i++) map[i] = i;
    move(c, c->in[0]->shape, c->step->op == GRAPH_TO ? c->step->f64 : c->in[0]->f64, map);
}

static void join(ref_call *c)
{
    bool stacked = c->step->op == GRAPH_STACK;
    graph_shape shape = c->in[0]->shape;
    int dim = c->step->dim, total = 0;
    bool f64 = false;
    for (int k = 0; k < c->inputs; k++) {
        f64 |= c->in[k]->f64;
        total += stacked ? 1 : c->in[k]->shape.size[dim];
    }
    if (stacked) {
        if (shape.ndim == GRAPH_DIMS) c->bad = true;
        if (c->bad) return;
        for (int i = shape.ndim++; i > dim; i--) shape.size[i] = shape.size[i - 1];
    }
    shape.size[dim] = total;
    begin(c, shape, f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        int at[GRAPH_DIMS], k = 0;
        graph_unravel(shape, e, at);
        graph_shape part = c->in[0]->shape;
        if (stacked) {
            k = at[dim];
            for (int i = dim; i + 1 < shape.ndim; i++) at[i] = at[i + 1];
        } else {
            while (at[dim] >= c->in[k]->shape.size[dim]) at[dim] -= c->in[k++]->shape.size[dim];
            part = c->in[k]->shape;
        }
        int i = graph_ravel(part, at);
        term(c, k, i, 1, 0);
        put_nearest(c, value_of(c, k, i), 0);
    }
}

static void repeat(ref_call *c)
{
    graph_shape own = c->in[0]->shape, times = c->step->shape, shape = times;
    int map[GRAPH_ELEMENTS], front = times.ndim - own.ndim;
    for (int i = 0; i < own.ndim; i++) shape.size[front + i] *= own.size[i];
    if (graph_elements(shape) > GRAPH_ELEMENTS) c->bad = true;
    if (c->bad) return;
    for (int e = 0; e < graph_elements(shape); e++) {
        int at[GRAPH_DIMS], from[GRAPH_DIMS] = { 0 };
        graph_unravel(shape, e, at);
        for (int i = 0; i < own.ndim; i++) from[i] = at[front + i] % own.size[i];
        map[e] = graph_ravel(own, from);
    }
    move(c, shape, c->in[0]->f64, map);
}

/* --- by index and by mask --------------------------------------------------------------------- */

static void gather(ref_call *c)
{
    const graph_step *s = c->step;
    int map[GRAPH_ELEMENTS];
    for (int e = 0; e < graph_elements(s->shape); e++) {
        int at[GRAPH_DIMS];
        graph_unravel(s->shape, e, at);
        at[s->dim] = graph_index(s->seed, e, s->to);
        map[e] = graph_ravel(c->in[0]->shape, at);
    }
    move(c, s->shape, c->in[0]->f64, map);
}

static void scatter_add(ref_call *c)
{
    const graph_step *s = c->step;
    begin(c, c->in[0]->shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) {
        double sum = value_of(c, 0, e);
        term(c, 0, e, 1, 0);
        for (int j = 0; j < graph_elements(s->shape); j++) {
            int at[GRAPH_DIMS];
            graph_unravel(s->shape, j, at);
            int from = graph_ravel(c->in[1]->shape, at);
            at[s->dim] = graph_index(s->seed, j, s->to);
            if (graph_ravel(c->in[0]->shape, at) != e) continue;
            sum += value_of(c, 1, from);
            term(c, 1, from, 1, 0);
        }
        put_sum(c, sum);
    }
}

static void one_hot(ref_call *c)
{
    const graph_step *s = c->step;
    graph_shape shape = s->shape;
    shape.size[shape.ndim++] = s->to;
    begin(c, shape, false);
    last_output(c)->constant = true;
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        put_nearest(c, graph_index(s->seed, e / s->to, s->to) == e % s->to, 0);
    }
}

/* Whether the second input, broadcast to the shape, is above the number there. */
static bool masked(ref_call *c, graph_shape shape, int element)
{
    int i = graph_broadcast_from(c->in[1]->shape, shape, element);
    return compare_number(c, 1, i, c->step->number) > 0;
}

static void masked_fill(ref_call *c)
{
    graph_shape shape;
    bool with_tensor = c->inputs == 3;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    if (c->bad) return;
    begin(c, shape, c->in[0]->f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        int i = graph_broadcast_from(c->in[0]->shape, shape, e);
        bool filled = masked(c, shape, e);
        if (!filled) term(c, 0, i, 1, 0);
        if (filled && with_tensor) term(c, 2, 0, 1, 0);
        double filling = with_tensor ? value_of(c, 2, 0) : c->step->second;
        put_nearest(c, filled ? filling : value_of(c, 0, i), 0);
    }
}

static void masked_select(ref_call *c)
{
    graph_shape shape;
    int map[GRAPH_ELEMENTS], count = 0;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape) ||
        graph_elements(shape) > GRAPH_ELEMENTS) {
        c->bad = true;
        return;
    }
    for (int e = 0; e < graph_elements(shape); e++) {
        if (masked(c, shape, e)) map[count++] = graph_broadcast_from(c->in[0]->shape, shape, e);
    }
    move(c, (graph_shape){ 1, { count } }, c->in[0]->f64, map);
}

static void masked_scatter(ref_call *c)
{
    graph_shape shape;
    int taken = 0;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    if (c->bad) return;
    begin(c, shape, c->in[0]->f64);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        int i = graph_broadcast_from(c->in[0]->shape, shape, e);
        bool filled = masked(c, shape, e);
        if (filled && taken == c->in[2]->n) c->bad = true;
        if (c->bad) return;
        if (filled) i = taken++;
        term(c, filled ? 2 : 0, i, 1, 0);
        put_nearest(c, value_of(c, filled ? 2 : 0, i), 0);
    }
}

/* The first where the second is above the number, the third elsewhere. */
static void where(ref_call *c)
{
    graph_shape shape;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape) ||
        !graph_broadcast(shape, c->in[2]->shape, &shape)) {
        c->bad = true;
        return;
    }
    bool dimensions = c->in[0]->shape.ndim > 0 || c->in[2]->shape.ndim > 0;
    bool wide = (c->in[0]->f64 && (!dimensions || c->in[0]->shape.ndim > 0)) ||
                (c->in[2]->f64 && (!dimensions || c->in[2]->shape.ndim > 0));
    begin(c, shape, wide);
    for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
        int k = masked(c, shape, e) ? 0 : 2;
        int i = graph_broadcast_from(c->in[k]->shape, shape, e);
        term(c, k, i, 1, 0);
        put_nearest(c, value_of(c, k, i), 0);
    }
}

/* --- functions of one's own ------------------------------------------------------------------- */

static void times(ref_call *c, double factor, bool constant_output)
{
    begin(c, c->in[0]->shape, c->in[0]->f64);
    last_output(c)->constant = constant_output;
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        term(c, 0, i, factor, 0);
        put_nearest(c, factor * value_of(c, 0, i), 0);
    }
}

static void function_marked(ref_call *c)
{
    times(c, 2, false);
    if (!c->bad) times(c, 0.5, true);
}

static void function_dirty(ref_call *c)
{
    times(c, -0.5, false);
}

/* a + b and a b; of the function that gives only its first input a gradient a + b alone. */
static void function_two(ref_call *c)
{
    graph_shape shape;
    bool first_only = c->step->op == GRAPH_FUNCTION_FIRST;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    for (int j = 0; j < (first_only ? 1 : 2) && !c->bad; j++) {
        begin(c, shape, meet(c, 0, 1));
        for (int e = 0; e < last_output(c)->n && !c->bad; e++) {
            int i[2];
            double x[2];
            for (int k = 0; k < 2; k++) {
                i[k] = graph_broadcast_from(c->in[k]->shape, shape, e);
                x[k] = value_of(c, k, i[k]);
            }
            for (int k = 0; k < 2; k++) {
                double error = j == 0 ? 0 : error_of(c, 1 - k, i[1 - k]);
                bool given = !first_only || k == 0;
                term(c, k, i[k], j == 0 ? 1 : x[1 - k], error);
                if (!given && c->record && c->edge[k].first >= 0) c->r->weights--;
            }
            put_nearest(c, j == 0 ? x[0] + x[1] : x[0] * x[1], c->scale);
        }
    }
}

/* --- every op --------------------------------------------------------------------------------- */

static void view_or_copy(ref_call *c)
{
    graph_shape shape;
    int map[GRAPH_ELEMENTS];
    if (!ref_view_map(c->in[0], c->step, &shape, map)) {
        c->bad = true;
    } else {
        move(c, shape, c->in[0]->f64, map);
    }
}

/* Those that are not here are views, or may be. */
static void (*const forward[GRAPH_OP_COUNT])(ref_call *c) = {
    [GRAPH_ADD] = binary,
    [GRAPH_SUB] = binary,
    [GRAPH_MUL] = binary,
    [GRAPH_DIV] = binary,
    [GRAPH_POW] = power_of,
    [GRAPH_MAXIMUM] = binary,
    [GRAPH_MINIMUM] = binary,
    [GRAPH_NEG] = smooth,
    [GRAPH_RECIPROCAL] = smooth,
    [GRAPH_EXP] = smooth,
    [GRAPH_LOG] = smooth,
    [GRAPH_SQRT] = smooth,
    [GRAPH_ABS] = sign_or_abs,
    [GRAPH_SIGN] = sign_or_abs,
    [GRAPH_SIGMOID] = smooth,
    [GRAPH_TANH] = smooth,
    [GRAPH_RELU] = piecewise,
    [GRAPH_CLAMP] = piecewise,
    [GRAPH_CLAMP_MIN] = bounded,
    [GRAPH_CLAMP_MAX] = bounded,
    [GRAPH_ZERO] = constant,
    [GRAPH_FILL] = constant,
    [GRAPH_COPY] = copy,
    [GRAPH_WHERE] = where,
    [GRAPH_GT] = above_number,
    [GRAPH_SUM] = reduce,
    [GRAPH_MEAN] = reduce,
    [GRAPH_MAX] = reduce,
    [GRAPH_MIN] = reduce,
    [GRAPH_SUM_DIM] = reduce,
    [GRAPH_MEAN_DIM] = reduce,
    [GRAPH_MAX_DIM] = reduce,
    [GRAPH_MIN_DIM] = reduce,
    [GRAPH_ARGMAX_DIM] = index_of_largest,
    [GRAPH_LOGSUMEXP] = reduce,
    [GRAPH_NORM] = reduce,
    [GRAPH_SUM_TO_SHAPE] = sum_to_shape,
    [GRAPH_TOPK] = topk,
    [GRAPH_SOFTMAX] = softmax,
    [GRAPH_LOG_SOFTMAX] = softmax,
    [GRAPH_MM] = product,
    [GRAPH_BMM] = product,
    [GRAPH_MV] = product,
    [GRAPH_DOT] = product,
    [GRAPH_MATMUL] = product,
    [GRAPH_ADDMM] = product,
    [GRAPH_LINEAR] = product,
    [GRAPH_CLONE] = plain_copy,
    [GRAPH_CONTIGUOUS] = plain_copy,
    [GRAPH_TO] = plain_copy,
    [GRAPH_CAT] = join,
    [GRAPH_STACK] = join,
    [GRAPH_REPEAT] = repeat,
    [GRAPH_GATHER] = gather,
    [GRAPH_SCATTER_ADD] = scatter_add,
    [GRAPH_ONE_HOT] = one_hot,
    [GRAPH_MASKED_FILL] = masked_fill,
    [GRAPH_MASKED_SELECT] = masked_select,
    [GRAPH_MASKED_SCATTER] = masked_scatter,
    [GRAPH_FUNCTION_SQUARE] = smooth,
    [GRAPH_FUNCTION_TWO] = function_two,
    [GRAPH_FUNCTION_MARKED] = function_marked,
    [GRAPH_FUNCTION_DIRTY] = function_dirty,
    [GRAPH_FUNCTION_OUTPUT] = smooth,
    [GRAPH_FUNCTION_FIRST] = function_two,
};

void ref_forward(ref_call *c)
{
    if (forward[c->step->op]) {
        forward[c->step->op](c);
    } else {
        view_or_copy(c);
    }
}

/* --- views ------------------------------------------------------------------------------------ */

/* The dimensions from `dim` to `other` become one. */
static graph_shape flattened(graph_shape shape, int dim, int other)
{
    graph_shape out = { .ndim = 0 };
    if (shape.ndim == 0) return (graph_shape){ 1, { 1 } };
    for (int i = 0; i < shape.ndim; i++) {
        if (i > dim && i <= other) {
            out.size[out.ndim - 1] *= shape.size[i];
        } else {
            out.size[out.ndim++] = shape.size[i];
        }
    }
    return out;
}

static void swap(int *a, int *b)
{
    int c = *a;
    *a = *b;
    *b = c;
}

/* The view's shape and, for the ops that choose along a dimension, where `at` lies in x. */
static graph_shape view_shape(graph_shape own, const graph_step *s)
{
    graph_shape shape = own;
    switch (s->op) {
    case GRAPH_VIEW:
    case GRAPH_RESHAPE:
    case GRAPH_EXPAND:
        return s->shape;
    case GRAPH_FLATTEN:
        return flattened(own, s->dim, s->other);
    case GRAPH_T:
        if (own.ndim == 2) swap(&shape.size[0], &shape.size[1]);
        return shape;
    case GRAPH_TRANSPOSE:
        if (own.ndim > 0) swap(&shape.size[s->dim], &shape.size[s->other]);
        return shape;
    case GRAPH_PERMUTE:
        for (int i = 0; i < own.ndim; i++) shape.size[i] = own.size[s->shape.size[i]];
        return shape;
    case GRAPH_SQUEEZE:
        return own.ndim > 0 && own.size[s->dim] == 1 ? without(own, s->dim, false) : own;
    case GRAPH_UNSQUEEZE:
        for (int i = shape.ndim++; i > s->dim; i--) shape.size[i] = shape.size[i - 1];
        shape.size[s->dim] = 1;
        return shape;
    case GRAPH_SLICE:
        shape.size[s->dim] = s->to > s->from ? (s->to - s->from + s->by - 1) / s->by : 0;
        return shape;
    case GRAPH_NARROW:
        shape.size[s->dim] = s->to;
        return shape;
    case GRAPH_SELECT:
        return without(own, s->dim, false);
    default:
        return own;
    }
}

/* Which element of x, of shape `own`, the view's element is. */
static int view_element(graph_shape own, graph_shape shape, const graph_step *s, int element)
{
    int at[GRAPH_DIMS], from[GRAPH_DIMS];
    graph_unravel(shape, element, at);
    for (int i = 0; i < GRAPH_DIMS; i++) from[i] = i < shape.ndim ? at[i] : 0;
    switch (s->op) {
    case GRAPH_EXPAND:
        return graph_broadcast_from(own, shape, element);
    case GRAPH_T:
        if (own.ndim == 2) swap(&from[0], &from[1]);
        return graph_ravel(own, from);
    case GRAPH_TRANSPOSE:
        if (own.ndim > 0) swap(&from[s->dim], &from[s->other]);
        return graph_ravel(own, from);
    case GRAPH_PERMUTE:
        for (int i = 0; i < own.ndim; i++) from[s->shape.size[i]] = at[i];
        return graph_ravel(own, from);
    case GRAPH_SLICE:
        from[s->dim] = s->from + at[s->dim] * s->by;
        return graph_ravel(own, from);
    case GRAPH_NARROW:
        from[s->dim] += s->from;
        return graph_ravel(own, from);
    case GRAPH_SELECT:
        for (int i = own.ndim - 1; i > s->dim; i--) from[i] = at[i - 1];
        from[s->dim] = s->from;
        return graph_ravel(own, from);
    default:
        return element;
    }
}

bool ref_view_map(const ref_tensor *x, const graph_step *s, graph_shape *shape,
                  int map[GRAPH_ELEMENTS])
{
    *shape = view_shape(x->shape, s);
    if (shape->ndim > GRAPH_DIMS || graph_elements(*shape) > GRAPH_ELEMENTS) return false;
    for (int e = 0; e < graph_elements(*shape); e++) {
        map[e] = view_element(x->shape, *shape, s, e);
    }
    return true;
}
