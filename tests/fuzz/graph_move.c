/* Ops that copy elements without computing: joining, repeating, selecting by index or mask,
 * padding, and matrices with a diagonal; and ops that reduce elements which an index brings
 * together. */
#include <math.h>

#include "tests/fuzz/graph_forward.h"

/* --- elements moved --------------------------------------------------------------------------- */

void ref_move(ref_call *c, graph_shape shape, bool f64, const int *map)
{
    ref_begin_output(c, shape, f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        ref_term(c, 0, map[e], 1, 0);
        ref_put_nearest(c, ref_value(c, 0, map[e]), 0);
    }
}

void ref_plain_copy(ref_call *c)
{
    int map[GRAPH_ELEMENTS];
    for (int i = 0; i < c->in[0]->n; i++) map[i] = i;
    ref_move(c, c->in[0]->shape, c->step->op == GRAPH_TO ? c->step->f64 : c->in[0]->f64, map);
}

void ref_join(ref_call *c)
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
    ref_begin_output(c, shape, f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
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
        ref_term(c, k, i, 1, 0);
        ref_put_nearest(c, ref_value(c, k, i), 0);
    }
}

void ref_repeat(ref_call *c)
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
    ref_move(c, shape, c->in[0]->f64, map);
}

/* --- by index and by mask --------------------------------------------------------------------- */

void ref_gather(ref_call *c)
{
    const graph_step *s = c->step;
    int map[GRAPH_ELEMENTS];
    for (int e = 0; e < graph_elements(s->shape); e++) {
        int at[GRAPH_DIMS];
        graph_unravel(s->shape, e, at);
        at[s->dim] = graph_index(s->seed, e, s->to);
        map[e] = graph_ravel(c->in[0]->shape, at);
    }
    ref_move(c, s->shape, c->in[0]->f64, map);
}

void ref_scatter_add(ref_call *c)
{
    const graph_step *s = c->step;
    ref_begin_output(c, c->in[0]->shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) {
        double sum = ref_value(c, 0, e);
        ref_term(c, 0, e, 1, 0);
        for (int j = 0; j < graph_elements(s->shape); j++) {
            int at[GRAPH_DIMS];
            graph_unravel(s->shape, j, at);
            int from = graph_ravel(c->in[1]->shape, at);
            at[s->dim] = graph_index(s->seed, j, s->to);
            if (graph_ravel(c->in[0]->shape, at) != e) continue;
            sum += ref_value(c, 1, from);
            ref_term(c, 1, from, 1, 0);
        }
        ref_put_sum(c, sum);
    }
}

void ref_one_hot(ref_call *c)
{
    const graph_step *s = c->step;
    graph_shape shape = s->shape;
    shape.size[shape.ndim++] = s->to;
    ref_begin_output(c, shape, false);
    ref_last_output(c)->constant = true;
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        ref_put_nearest(c, graph_index(s->seed, e / s->to, s->to) == e % s->to, 0);
    }
}

/* The mask of the step at an element of the shape: whether the second input, broadcast to that
 * shape, is above the number. */
static bool masked(ref_call *c, graph_shape shape, int element)
{
    int i = graph_broadcast_from(c->in[1]->shape, shape, element);
    return ref_compare_number(c, 1, i, c->step->number) > 0;
}

void ref_masked_fill(ref_call *c)
{
    graph_shape shape;
    bool with_tensor = c->inputs == 3;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    if (c->bad) return;
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        int i = graph_broadcast_from(c->in[0]->shape, shape, e);
        bool filled = masked(c, shape, e);
        if (!filled) ref_term(c, 0, i, 1, 0);
        if (filled && with_tensor) ref_term(c, 2, 0, 1, 0);
        double filling = with_tensor ? ref_value(c, 2, 0) : c->step->second;
        ref_put_nearest(c, filled ? filling : ref_value(c, 0, i), 0);
    }
}

void ref_masked_select(ref_call *c)
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
    ref_move(c, (graph_shape){ 1, { count } }, c->in[0]->f64, map);
}

void ref_masked_scatter(ref_call *c)
{
    graph_shape shape;
    int taken = 0;
    if (!graph_broadcast(c->in[0]->shape, c->in[1]->shape, &shape)) c->bad = true;
    if (c->bad) return;
    ref_begin_output(c, shape, c->in[0]->f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        int i = graph_broadcast_from(c->in[0]->shape, shape, e);
        bool filled = masked(c, shape, e);
        if (filled && taken == c->in[2]->n) c->bad = true;
        if (c->bad) return;
        if (filled) i = taken++;
        ref_term(c, filled ? 2 : 0, i, 1, 0);
        ref_put_nearest(c, ref_value(c, filled ? 2 : 0, i), 0);
    }
}

/* where(mask, x, y), with the mask of `masked`. */
void ref_where(ref_call *c)
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
    ref_begin_output(c, shape, wide);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        int k = masked(c, shape, e) ? 0 : 2;
        int i = graph_broadcast_from(c->in[k]->shape, shape, e);
        ref_term(c, k, i, 1, 0);
        ref_put_nearest(c, ref_value(c, k, i), 0);
    }
}

/* --- elements and constants ------------------------------------------------------------------- */

/* Where an element of a result comes from: element `element` of input `input`, or, where that is
 * negative, a number. */
typedef struct source {
    int input, element;
    double number;
} source;

static const source zero = { -1, 0, 0 };

/* The source of the element of the output with these indices. */
typedef source source_of(const ref_call *c, const int at[GRAPH_DIMS]);

static void place(ref_call *c, graph_shape shape, bool f64, source_of *f)
{
    if (c->bad) return;
    ref_begin_output(c, shape, f64);
    for (int e = 0; e < ref_last_output(c)->n && !c->bad; e++) {
        int at[GRAPH_DIMS] = { 0 };
        graph_unravel(shape, e, at);
        source s = f(c, at);
        if (s.input >= 0) ref_term(c, s.input, s.element, 1, 0);
        ref_put_nearest(c, s.input >= 0 ? ref_value(c, s.input, s.element) : s.number, 0);
    }
}

static source flipped_source(const ref_call *c, const int at[GRAPH_DIMS])
{
    graph_shape shape = c->in[0]->shape;
    int from[GRAPH_DIMS], dim = c->step->op == GRAPH_FLIPLR ? 1 : 0;
    for (int d = 0; d < GRAPH_DIMS; d++) from[d] = at[d];
    from[dim] = shape.size[dim] - 1 - at[dim];
    return (source){ 0, graph_ravel(shape, from), 0 };
}

void ref_flipped(ref_call *c)
{
    place(c, c->in[0]->shape, c->in[0]->f64, flipped_source);
}

/* The place on the diagonal with the offset `from`; -1: not on it. */
static int on_diagonal(const ref_call *c, const int at[GRAPH_DIMS])
{
    int offset = c->step->from;
    return at[1] - at[0] != offset ? -1 : offset > 0 ? at[0] : at[1];
}

static source diagflat_source(const ref_call *c, const int at[GRAPH_DIMS])
{
    int i = on_diagonal(c, at);
    return i < 0 ? zero : (source){ 0, i, 0 };
}

void ref_diagflat(ref_call *c)
{
    int offset = c->step->from, size = c->in[0]->n + (offset < 0 ? -offset : offset);
    place(c, (graph_shape){ 2, { size, size } }, c->in[0]->f64, diagflat_source);
}

static source diagonal_scatter_source(const ref_call *c, const int at[GRAPH_DIMS])
{
    int i = on_diagonal(c, at);
    return i < 0 ? (source){ 0, graph_ravel(c->in[0]->shape, at), 0 } : (source){ 1, i, 0 };
}

void ref_diagonal_scatter(ref_call *c)
{
    place(c, c->in[0]->shape, c->in[0]->f64, diagonal_scatter_source);
}

static int columns_of(const ref_tensor *t)
{
    return t->shape.ndim > 0 ? t->shape.size[t->shape.ndim - 1] : 1;
}

static int rows_of(const ref_tensor *t)
{
    return t->shape.ndim == 2 ? t->shape.size[0] : 1;
}

static source block_source(const ref_call *c, const int at[GRAPH_DIMS])
{
    int rows = rows_of(c->in[0]), columns = columns_of(c->in[0]);
    if (at[0] < rows && at[1] < columns) return (source){ 0, at[0] * columns + at[1], 0 };
    if (at[0] < rows || at[1] < columns) return zero;
    return (source){ 1, (at[0] - rows) * columns_of(c->in[1]) + at[1] - columns, 0 };
}

void ref_block_diag(ref_call *c)
{
    graph_shape shape = {
        2, { rows_of(c->in[0]) + rows_of(c->in[1]), columns_of(c->in[0]) + columns_of(c->in[1]) }
    };
    place(c, shape, ref_promotes_to_f64(c, 0, 1), block_source);
}

static source pair_source(const ref_call *c, const int at[GRAPH_DIMS])
{
    return (source){ at[1], at[1] ? at[0] % c->in[1]->n : at[0] / c->in[1]->n, 0 };
}

void ref_cartesian_prod(ref_call *c)
{
    place(c, (graph_shape){ 2, { c->in[0]->n * c->in[1]->n, 2 } }, c->in[0]->f64, pair_source);
}

/* Goes through all rows of r = `to` elements, in order, and takes those that rise, or with `flag`
 * those that do not fall. */
void ref_combinations(ref_call *c)
{
    int n = c->in[0]->n, r = c->step->to, all = 1, map[GRAPH_ELEMENTS], rows = 0;
    for (int k = 0; k < r; k++) all *= n;
    for (int number = 0; number < all; number++) {
        int row[3], rest = number;
        bool fits = true;
        for (int k = r; k-- > 0; rest /= n) row[k] = rest % n;
        for (int k = 1; k < r; k++) fits &= row[k] >= row[k - 1] + !c->step->flag;
        if (!fits) continue;
        if ((rows + 1) * r > GRAPH_ELEMENTS) c->bad = true;
        if (c->bad) return;
        for (int k = 0; k < r; k++) map[rows * r + k] = row[k];
        rows++;
    }
    ref_move(c, (graph_shape){ 2, { rows, r } }, c->in[0]->f64, map);
}

/* The element that lies at `i` of a padded line of `size` elements; -1: none. */
static int padded_from(int mode, int i, int size)
{
    if (i >= 0 && i < size) return i;
    if (mode == GRAPH_REFLECT) return i < 0 ? -i : 2 * (size - 1) - i;
    if (mode == GRAPH_REPLICATE) return i < 0 ? 0 : size - 1;
    if (mode == GRAPH_CIRCULAR) return i < 0 ? i + size : i - size;
    return -1;
}

static source padded_source(const ref_call *c, const int at[GRAPH_DIMS])
{
    graph_shape shape = c->in[0]->shape;
    int from[GRAPH_DIMS], last = shape.ndim - 1;
    for (int d = 0; d < GRAPH_DIMS; d++) from[d] = at[d];
    from[last] = padded_from(c->step->how, at[last] - c->step->from, shape.size[last]);
    if (from[last] < 0) return (source){ -1, 0, c->step->number };
    return (source){ 0, graph_ravel(shape, from), 0 };
}

void ref_padded(ref_call *c)
{
    graph_shape shape = c->in[0]->shape;
    shape.size[shape.ndim - 1] += c->step->from + c->step->to;
    place(c, shape, c->in[0]->f64, padded_source);
}

/* The rows, then the columns, of the elements below or above a diagonal. */
void ref_triangle(ref_call *c)
{
    const graph_step *s = c->step;
    int found[2][GRAPH_ELEMENTS], count = 0;
    for (int e = 0; e < s->to * s->by; e++) {
        int row = e / s->by, column = e % s->by;
        bool inside =
            s->op == GRAPH_TRIL_INDICES ? column - row <= s->from : column - row >= s->from;
        if (!inside) continue;
        found[0][count] = row;
        found[1][count++] = column;
    }
    ref_begin_output(c, (graph_shape){ 2, { 2, count } }, false);
    ref_last_output(c)->constant = true;
    for (int e = 0; e < 2 * count && !c->bad; e++) {
        ref_put_nearest(c, found[e / count][e % count], 0);
    }
}

/* --- reductions by an index ------------------------------------------------------------------- */

/* What meets at an element of the result: the element of x with this number, and elements of the
 * source. */
typedef struct meeting {
    int x, count, from[GRAPH_ELEMENTS];
    bool without_x; /* x does not count: `flag`, where the index points */
} meeting;

/* The element of x to which element j of the index sends an element of the source, *from. */
static int target_of(const ref_call *c, int j, int *from)
{
    const graph_step *s = c->step;
    int at[GRAPH_DIMS];
    if (s->op == GRAPH_SCATTER_REDUCE) {
        graph_unravel(s->shape, j, at);
        *from = graph_ravel(c->in[1]->shape, at);
        at[s->dim] = graph_index(s->seed, j, s->to);
    } else {
        graph_unravel(c->in[1]->shape, j, at);
        *from = j;
        at[s->dim] = graph_index(s->seed, at[s->dim], s->to);
    }
    return graph_ravel(c->in[0]->shape, at);
}

static meeting meeting_at(const ref_call *c, int e)
{
    meeting m = { .x = e };
    int all = c->step->op == GRAPH_SCATTER_REDUCE ? graph_elements(c->step->shape) : c->in[1]->n;
    for (int j = 0; j < all; j++) {
        int from;
        if (target_of(c, j, &from) == e) m.from[m.count++] = from;
    }
    m.without_x = c->step->flag && m.count > 0;
    return m;
}

/* Element k of those that meet; the last one, number `count`, is that of x. */
static source member(const meeting *m, int k)
{
    return k < m->count ? (source){ 1, m->from[k], 0 } : (source){ 0, m->x, 0 };
}

static void sum_of_meeting(ref_call *c, const meeting *m, int count, double factor)
{
    double sum = 0;
    for (int k = 0; k < count; k++) {
        source s = member(m, k);
        sum += factor * ref_value(c, s.input, s.element);
        ref_term(c, s.input, s.element, factor, 0);
    }
    if (factor == 1) {
        ref_put_sum(c, sum);
    } else {
        ref_put(c, sum, c->magnitude);
    }
}

static void product_of_meeting(ref_call *c, const meeting *m, int count)
{
    double product = 1;
    for (int k = 0; k < count; k++) {
        source own = member(m, k);
        double others = 1, error = 0;
        product *= ref_value(c, own.input, own.element);
        (void)ref_compare_number(c, own.input, own.element, 0);
        for (int i = 0; i < count; i++) {
            source s = member(m, i);
            if (i == k) continue;
            double x = ref_value(c, s.input, s.element);
            error = error * fabs(x) + fabs(others) * ref_error(c, s.input, s.element);
            others *= x;
        }
        error += 2 * ROUNDINGS * ref_epsilon(c->in[0]->f64) * fabs(others);
        ref_term(c, own.input, own.element, others, error);
    }
    ref_put(c, product, c->magnitude);
}

/* The largest (sign 1) or smallest. Those that are equal to it share the gradient evenly, and x
 * counts as one of them in any case, as in PyTorch. */
static void extreme_of_meeting(ref_call *c, const meeting *m, int count, int sign)
{
    source best = member(m, 0);
    int equal = 0;
    for (int k = 1; k < count; k++) {
        source s = member(m, k);
        int order = ref_compare(
            c, ref_value(c, s.input, s.element), ref_error(c, s.input, s.element),
            ref_value(c, best.input, best.element), ref_error(c, best.input, best.element));
        if (order == sign) best = s;
    }
    double y = ref_value(c, best.input, best.element);
    double error = ref_error(c, best.input, best.element);
    for (int k = 0; k <= m->count; k++) {
        source s = member(m, k);
        bool same = s.input == best.input && s.element == best.element;
        equal += same || ref_compare(c, ref_value(c, s.input, s.element),
                                     ref_error(c, s.input, s.element), y, error) == 0;
    }
    for (int k = 0; k < count; k++) {
        source s = member(m, k);
        if (ref_value(c, s.input, s.element) == y) {
            ref_term(c, s.input, s.element, 1.0 / equal, 0);
        }
    }
    c->input_error = error;
    ref_put_nearest(c, y, 0);
}

void ref_reduce_by_index(ref_call *c)
{
    ref_begin_output(c, c->in[0]->shape, c->in[0]->f64);
    for (int e = 0; e < c->in[0]->n && !c->bad; e++) {
        meeting m = meeting_at(c, e);
        int count = m.count + !m.without_x;
        switch (c->step->how) {
        case GRAPH_BY_SUM:
            sum_of_meeting(c, &m, count, 1);
            break;
        case GRAPH_BY_MEAN:
            sum_of_meeting(c, &m, count, 1.0 / count);
            break;
        case GRAPH_BY_PROD:
            product_of_meeting(c, &m, count);
            break;
        default:
            extreme_of_meeting(c, &m, count, c->step->how == GRAPH_BY_AMAX ? 1 : -1);
            break;
        }
    }
}
