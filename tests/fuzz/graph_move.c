/* Ops that copy elements without computing: joining, repeating, and selecting by index or mask. */
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
