/* Values and derivatives of elementwise ops, and of the functions (cd_function) of
 * graph_candela.c. */
#include <float.h>
#include <math.h>

#include "tests/fuzz/graph_forward.h"

/* Divisors, and bases of powers that are not whole, are no smaller: the results would be too
 * inaccurate to compare. */
#define LEAST_DIVISOR 0.125

/* --- one operand ------------------------------------------------------------------------------ */

/* A function of x or its derivative ("slope"). `p` is the exponent of a power, and unused by
 * others. */
typedef double unary(double x, double p);

static double negative(double x, double p)
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

static double tanh_of(double x, double p)
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

static double tanh_slope(double x, double p)
{
    return 1 - tanh_of(x, p) * tanh_of(x, p);
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

/* How much the slope may be wrong if x is wrong by `error`. */
static double slope_error(unary *slope, double x, double error, double p)
{
    if (!(error > 0)) return 0;
    double here = slope(x, p);
    return fmax(fabs(slope(x + error, p) - here), fabs(slope(x - error, p) - here));
}

typedef struct smooth_op {
    unary *f, *slope;
    double lowest, highest; /* the range of x */
    bool rounded; /* the slope is a difference of numbers near 1, and wrong by some epsilons */
} smooth_op;

static const smooth_op smooth_ops[GRAPH_OP_COUNT] = {
    [GRAPH_NEG] = { negative, minus_one, -MOST, MOST, false },
    [GRAPH_RECIPROCAL] = { inverse, inverse_slope, -MOST, MOST, false },
    [GRAPH_EXP] = { exponential, exponential, -5, 5, false },
    [GRAPH_LOG] = { logarithm, inverse, LEAST_DIVISOR, MOST, true },
    [GRAPH_SQRT] = { root, root_slope, LEAST_DIVISOR, MOST, false },
    [GRAPH_SIGMOID] = { sigmoid, sigmoid_slope, -16, 16, true },
    [GRAPH_TANH] = { tanh_of, tanh_slope, -16, 16, true },
    [GRAPH_POW] = { power, power_slope, -8, 8, false },
    [GRAPH_FLOAT_POWER] = { power, power_slope, -8, 8, false },
    [GRAPH_FUNCTION_SQUARE] = { three_squares, six_times, -8, 8, false },
    [GRAPH_FUNCTION_OUTPUT] = { tanh_of, tanh_slope, -16, 16, true },
};

/* Whether x is a value that the op is run on. Powers that are not polynomials, and reciprocals,
 * need x away from 0. */
static bool in_range(const graph_step *s, const smooth_op *op, double x)
{
    double p = s->number;
    bool polynomial = p == 0 || p == 1 || p == 2 || p == 3;
    bool is_power = s->op == GRAPH_POW || s->op == GRAPH_FLOAT_POWER;
    if (is_power && !polynomial && x < LEAST_DIVISOR) return false;
    if (s->op == GRAPH_RECIPROCAL && fabs(x) < LEAST_DIVISOR) return false;
    return x >= op->lowest && x <= op->highest;
}

void ref_smooth(ref_call *c)
{
    const smooth_op *op = &smooth_ops[c->step->op];
    double p = c->step->number;
    bool f64 = c->in[0]->f64 || c->step->op == GRAPH_FLOAT_POWER;
    ref_begin_output(c, c->in[0]->shape, f64);
    double epsilon = ref_epsilon(f64);
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        double x = ref_value(c, 0, i), e = ref_error(c, 0, i);
        if (!in_range(c->step, op, x)) c->bad = true;
        double error = slope_error(op->slope, x, e, p) + ROUNDINGS * epsilon * op->rounded;
        ref_term(c, 0, i, op->slope(x, p), error);
        if (c->step->op == GRAPH_NEG) {
            ref_put_nearest(c, op->f(x, p), 0);
        } else {
            ref_put(c, op->f(x, p), 0);
        }
    }
}

/* relu and the clamps: the value is x or a constant, and the slope 1 or 0. */
void ref_piecewise(ref_call *c)
{
    graph_op op = c->step->op;
    double low = -INFINITY, high = INFINITY;
    if (op == GRAPH_RELU) low = 0;
    if (op == GRAPH_CLAMP || op == GRAPH_CLAMP_MIN) low = c->step->number;
    if (op == GRAPH_CLAMP) high = c->step->second;
    if (op == GRAPH_CLAMP_MAX) high = c->step->number;
    ref_begin_output(c, c->in[0]->shape, c->in[0]->f64);
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        double x = ref_value(c, 0, i);
        bool above = isinf(low) || ref_compare_number(c, 0, i, low) > 0;
        bool below = isinf(high) || ref_compare_number(c, 0, i, high) < 0;
        bool inside = above && below && low <= high;
        if (inside) ref_term(c, 0, i, 1, 0);
        ref_put_nearest(c, fmin(fmax(x, low), high), 0);
    }
}

void ref_sign_or_abs(ref_call *c)
{
    ref_begin_output(c, c->in[0]->shape, c->in[0]->f64);
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        int sign = ref_compare_number(c, 0, i, 0);
        if (c->step->op == GRAPH_ABS) ref_term(c, 0, i, sign, 0);
        ref_put_nearest(c, c->step->op == GRAPH_ABS ? fabs(ref_value(c, 0, i)) : sign, 0);
    }
}

void ref_above_number(ref_call *c)
{
    ref_begin_output(c, c->in[0]->shape, false);
    ref_last_output(c)->constant = true;
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        ref_put_nearest(c, ref_compare_number(c, 0, i, c->step->number) > 0, 0);
    }
}

/* --- two operands ----------------------------------------------------------------------------- */

bool ref_promotes_to_f64(const ref_call *c, int from, int to)
{
    bool wide = false, dimensions = false;
    for (int k = from; k <= to; k++) dimensions |= c->in[k]->shape.ndim > 0;
    for (int k = from; k <= to; k++) {
        wide |= c->in[k]->f64 && (!dimensions || c->in[k]->shape.ndim > 0);
    }
    return wide;
}

/* The result of a binary op, and its derivatives by a and b. */
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
    int input, i; /* element i of this input; input -1: a number */
    double x, error;
} operand;

static operand operand_at(const ref_call *c, int k, graph_shape shape, int element)
{
    const graph_step *s = c->step;
    int input = s->with_number ? (k == (s->number_first ? 0 : 1) ? -1 : 0) : k;
    if (input < 0) return (operand){ -1, 0, s->number, 0 };
    int i = graph_broadcast_from(c->in[input]->shape, shape, element);
    return (operand){ input, i, ref_value(c, input, i), ref_error(c, input, i) };
}

static void operand_term(ref_call *c, operand o, double weight, double error)
{
    if (o.input >= 0) ref_term(c, o.input, o.i, weight, error);
}

/* One element of a + b, a - b, a b, a / b or a^b. The derivatives are also taken where both
 * operands are wrong by their errors, which shows how much the errors of the operands change
 * them. */
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
    /* log(a) and b - 1 are rounded in the dtypes of a and b, as in PyTorch. */
    if (op == GRAPH_POW) {
        bool single = !c->in[0]->f64 || !c->in[c->inputs - 1]->f64;
        da += ROUNDINGS * ref_epsilon(!single) * (1 + fabs(p.da));
        db += ROUNDINGS * ref_epsilon(!single) * (1 + p.y);
    }
    operand_term(c, a, p.da, da);
    operand_term(c, b, p.db, db);
    double inputs = c->in[0]->f64 == (epsilon == DBL_EPSILON) ? 0 : c->magnitude;
    if (op == GRAPH_POW || op == GRAPH_DIV) {
        ref_put(c, p.y, inputs + c->magnitude);
    } else {
        ref_put_nearest(c, p.y, inputs + c->magnitude);
    }
}

/* The error that x gets when a float64 is compared as a float32, as a 0-d one beside a float32. */
static double comparison_error(const ref_call *c, operand o, bool in_f64)
{
    return o.input >= 0 && c->in[o.input]->f64 && !in_f64 ? ref_epsilon(false) * fabs(o.x) : 0;
}

/* maximum (`larger`) or minimum. Equal operands get half of the gradient each. */
static void maximum_element(ref_call *c, operand a, operand b, bool larger, bool in_f64)
{
    a.error += comparison_error(c, a, in_f64);
    b.error += comparison_error(c, b, in_f64);
    int order = ref_compare(c, a.x, a.error, b.x, b.error);
    if (!larger) order = -order;
    if (order >= 0) operand_term(c, a, order > 0 ? 1 : 0.5, 0);
    if (order <= 0) operand_term(c, b, order < 0 ? 1 : 0.5, 0);
    ref_put_nearest(c, larger ? fmax(a.x, b.x) : fmin(a.x, b.x), 0);
}

void ref_binary(ref_call *c)
{
    const graph_step *s = c->step;
    graph_op op = s->op;
    graph_shape shape = c->in[0]->shape;
    bool f64 = c->in[0]->f64;
    if (!s->with_number) {
        f64 = ref_promotes_to_f64(c, 0, 1);
        if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    }
    const bool in_f64 = f64;
    if (s->in_place) f64 = c->in[0]->f64;
    if (c->bad) return;
    ref_begin_output(c, shape, f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        operand a = operand_at(c, 0, shape, e), b = operand_at(c, 1, shape, e);
        if (op == GRAPH_MAXIMUM || op == GRAPH_CLAMP_MIN) {
            maximum_element(c, a, b, true, in_f64);
        } else if (op == GRAPH_MINIMUM || op == GRAPH_CLAMP_MAX) {
            maximum_element(c, a, b, false, in_f64);
        } else {
            arithmetic_element(c, a, b, ref_epsilon(f64));
        }
    }
}

void ref_power_of(ref_call *c)
{
    if (c->step->with_number && !c->step->number_first) {
        ref_smooth(c);
    } else {
        ref_binary(c);
    }
}

void ref_bounded(ref_call *c)
{
    if (c->inputs == 2) {
        ref_binary(c);
    } else {
        ref_piecewise(c);
    }
}

void ref_copy_values(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) {
        int i = graph_broadcast_from(c->in[1]->shape, shape, e);
        ref_term(c, 1, i, 1, 0);
        ref_put_nearest(c, ref_value(c, 1, i), 0);
    }
}

void ref_constant(ref_call *c)
{
    double value = c->step->op == GRAPH_FILL ? c->step->number : 0;
    ref_begin_output(c, c->in[0]->shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) ref_put_nearest(c, value, 0);
}

/* --- cd_function ------------------------------------------------------------------------------ */

static void times(ref_call *c, double factor, bool constant_output)
{
    ref_begin_output(c, c->in[0]->shape, c->in[0]->f64);
    ref_last_output(c)->constant = constant_output;
    for (int i = 0; i < c->in[0]->n && !c->bad; i++) {
        ref_term(c, 0, i, factor, 0);
        ref_put_nearest(c, factor * ref_value(c, 0, i), 0);
    }
}

void ref_function_marked(ref_call *c)
{
    times(c, 2, false);
    if (!c->bad) times(c, 0.5, true);
}

void ref_function_dirty(ref_call *c)
{
    times(c, -0.5, false);
}

/* "two" has the outputs a + b and a b; "first" has a + b alone, and gives no gradient to b. */
void ref_function_two(ref_call *c)
{
    graph_shape shape;
    bool first_only = c->step->op == GRAPH_FUNCTION_FIRST;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    for (int j = 0; j < (first_only ? 1 : 2) && !c->bad; j++) {
        ref_begin_output(c, shape, ref_promotes_to_f64(c, 0, 1));
        for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
            int i[2];
            double x[2];
            for (int k = 0; k < 2; k++) {
                i[k] = graph_broadcast_from(c->in[k]->shape, shape, e);
                x[k] = ref_value(c, k, i[k]);
            }
            for (int k = 0; k < 2; k++) {
                double error = j == 0 ? 0 : ref_error(c, 1 - k, i[1 - k]);
                bool has_gradient = !first_only || k == 0;
                ref_term(c, k, i[k], j == 0 ? 1 : x[1 - k], error);
                if (!has_gradient && c->record && c->edge[k].first >= 0) c->r->weights--;
            }
            ref_put_nearest(c, j == 0 ? x[0] + x[1] : x[0] * x[1], c->magnitude);
        }
    }
}
