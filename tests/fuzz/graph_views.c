/* Views: their shapes, and which element of a tensor each element of a view is. */
#include "tests/fuzz/graph_forward.h"

graph_shape ref_without(graph_shape shape, int dim, bool keepdim)
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

/* Part `from` of the `to` parts into which a dimension is split: where it begins, and its length.
 * The first parts are larger by 1 where they do not come out even. */
static int part_length(int size, const graph_step *s)
{
    return size / s->to + (s->from < size % s->to);
}

static int part_begin(int size, const graph_step *s)
{
    int larger = size % s->to;
    return s->from * (size / s->to) + (s->from < larger ? s->from : larger);
}

/* The shape of the view that the step makes of a tensor of shape `own`. */
static graph_shape view_shape(graph_shape own, const graph_step *s)
{
    graph_shape shape = own;
    switch (s->op) {
    case GRAPH_VIEW:
    case GRAPH_RESHAPE:
    case GRAPH_EXPAND:
        return s->shape;
    case GRAPH_FLATTEN:
        return flattened(own, s->dim, s->dim2);
    case GRAPH_T:
        if (own.ndim == 2) swap(&shape.size[0], &shape.size[1]);
        return shape;
    case GRAPH_TRANSPOSE:
        if (own.ndim > 0) swap(&shape.size[s->dim], &shape.size[s->dim2]);
        return shape;
    case GRAPH_PERMUTE:
        for (int i = 0; i < own.ndim; i++) shape.size[i] = own.size[s->shape.size[i]];
        return shape;
    case GRAPH_SQUEEZE:
        return own.ndim > 0 && own.size[s->dim] == 1 ? ref_without(own, s->dim, false) : own;
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
        return ref_without(own, s->dim, false);
    case GRAPH_TENSOR_SPLIT:
    case GRAPH_HSPLIT:
    case GRAPH_VSPLIT:
    case GRAPH_DSPLIT:
        shape.size[s->dim] = part_length(own.size[s->dim], s);
        return shape;
    default:
        return own;
    }
}

/* The element of a tensor of shape `own` that this element of its view, of shape `shape`, is. */
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
        if (own.ndim > 0) swap(&from[s->dim], &from[s->dim2]);
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
    case GRAPH_TENSOR_SPLIT:
    case GRAPH_HSPLIT:
    case GRAPH_VSPLIT:
    case GRAPH_DSPLIT:
        from[s->dim] += part_begin(own.size[s->dim], s);
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

void ref_view_or_copy(ref_call *c)
{
    graph_shape shape;
    int map[GRAPH_ELEMENTS];
    if (!ref_view_map(c->in[0], c->step, &shape, map)) {
        c->bad = true;
    } else {
        ref_move(c, shape, c->in[0]->f64, map);
    }
}
