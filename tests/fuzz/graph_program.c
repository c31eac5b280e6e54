#include "tests/fuzz/graph_program.h"

#include <stdint.h>

/* --- shapes ----------------------------------------------------------------------------------- */

int graph_elements(graph_shape shape)
{
    int n = 1;
    for (int i = 0; i < shape.ndim; i++) n *= shape.size[i];
    return n;
}

bool graph_same_shape(graph_shape a, graph_shape b)
{
    bool same = a.ndim == b.ndim;
    for (int i = 0; i < a.ndim && same; i++) same = a.size[i] == b.size[i];
    return same;
}

void graph_unravel(graph_shape shape, int element, int at[GRAPH_DIMS])
{
    for (int i = shape.ndim; i-- > 0;) {
        at[i] = element % shape.size[i];
        element /= shape.size[i];
    }
}

int graph_ravel(graph_shape shape, const int at[GRAPH_DIMS])
{
    int element = 0;
    for (int i = 0; i < shape.ndim; i++) element = element * shape.size[i] + at[i];
    return element;
}

bool graph_broadcast(graph_shape a, graph_shape b, graph_shape *out)
{
    if (a.ndim < b.ndim) {
        graph_shape c = a;
        a = b;
        b = c;
    }
    *out = a;
    for (int i = 0; i < b.ndim; i++) {
        int *size = &out->size[a.ndim - b.ndim + i];
        if (*size == 1) *size = b.size[i];
        if (b.size[i] != 1 && b.size[i] != *size) return false;
    }
    return true;
}

int graph_broadcast_from(graph_shape from, graph_shape to, int element)
{
    int at[GRAPH_DIMS], own[GRAPH_DIMS] = { 0 };
    graph_unravel(to, element, at);
    for (int i = 0; i < from.ndim; i++) {
        own[i] = from.size[i] == 1 ? 0 : at[to.ndim - from.ndim + i];
    }
    return graph_ravel(from, own);
}

/* --- values ----------------------------------------------------------------------------------- */

static uint32_t mixed(unsigned seed, int element)
{
    uint32_t x = (uint32_t)seed * 0x9E3779B9U + (uint32_t)element * 0x85EBCA6BU + 1;
    x = (x ^ (x >> 15)) * 0x2C1B3C6DU;
    x = (x ^ (x >> 12)) * 0x297A2D39U;
    return x ^ (x >> 15);
}

double graph_value(unsigned seed, int element)
{
    uint32_t bits = mixed(seed, element);
    double eighths = (double)(bits % 33) - 16;
    double value = seed & 1 ? (double)(float)(eighths / 7.5) : eighths / 8;
    if (!(seed & 2)) return value;
    return value < 0 ? -value : value == 0 ? 1 : value;
}

int graph_index(unsigned seed, int element, int size)
{
    return (int)(mixed(seed, element) % (unsigned)size);
}

/* --- printing --------------------------------------------------------------------------------- */

const char *graph_op_name(graph_op op)
{
    static const char *const names[] = {
#define GRAPH_OP(id_, name_) name_,
        GRAPH_OPS(GRAPH_OP)
#undef GRAPH_OP
    };
    return names[op];
}

static void print_shape(FILE *stream, const char *what, graph_shape shape)
{
    fprintf(stream, ", %s (", what);
    for (int i = 0; i < shape.ndim; i++) fprintf(stream, i ? "x%d" : "%d", shape.size[i]);
    fprintf(stream, ")");
}

static void print_values(FILE *stream, unsigned seed, int count)
{
    fprintf(stream, ", values");
    for (int i = 0; i < count && i < 8; i++) fprintf(stream, " %g", graph_value(seed, i));
    if (count > 8) fprintf(stream, " ...");
}

static void print_indices(FILE *stream, unsigned seed, int count, int size)
{
    fprintf(stream, ", indices");
    for (int i = 0; i < count; i++) fprintf(stream, " %d", graph_index(seed, i, size));
}

static void print_operands(FILE *stream, const graph_step *s)
{
    const char *between = "";
    if (s->with_number && s->number_first) {
        fprintf(stream, "%g", s->number);
        between = ", ";
    }
    for (int k = 0; k < s->inputs; k++) {
        fprintf(stream, "%s%%%d", between, s->in[k]);
        between = ", ";
    }
    if (s->with_number && !s->number_first) fprintf(stream, ", %g", s->number);
}

static void print_details(FILE *stream, const graph_step *s)
{
    switch (s->op) {
    case GRAPH_LEAF:
        fprintf(stream, "%s%s", s->f64 ? "float64" : "float32", s->value ? ", requires_grad" : "");
        print_shape(stream, "shape", s->shape);
        print_values(stream, s->seed, graph_elements(s->shape));
        break;
    case GRAPH_CLAMP:
        fprintf(stream, ", %g, %g", s->number, s->second);
        break;
    case GRAPH_CLAMP_MIN:
    case GRAPH_CLAMP_MAX:
    case GRAPH_FILL:
        if (s->inputs == 1) fprintf(stream, ", %g", s->number);
        break;
    case GRAPH_WHERE:
    case GRAPH_GT:
    case GRAPH_MASKED_SELECT:
    case GRAPH_MASKED_SCATTER:
        fprintf(stream, ", where the %s is above %g", s->op == GRAPH_GT ? "first" : "second",
                s->number);
        break;
    case GRAPH_MASKED_FILL:
        fprintf(stream, ", where the second is above %g", s->number);
        if (s->inputs < 3) fprintf(stream, ", with %g", s->second);
        break;
    case GRAPH_NORM:
        fprintf(stream, ", p %g", s->number);
        if (s->by_dim) fprintf(stream, ", dim %d", s->dim);
        break;
    case GRAPH_VIEW:
    case GRAPH_RESHAPE:
    case GRAPH_EXPAND:
    case GRAPH_SUM_TO_SHAPE:
        print_shape(stream, "shape", s->shape);
        break;
    case GRAPH_REPEAT:
        print_shape(stream, "times", s->shape);
        break;
    case GRAPH_PERMUTE:
        print_shape(stream, "order", s->shape);
        break;
    case GRAPH_AS_STRIDED:
        print_shape(stream, "shape", s->shape);
        print_shape(stream, "stride", s->stride);
        fprintf(stream, ", offset %d", s->from);
        break;
    case GRAPH_FLATTEN:
    case GRAPH_TRANSPOSE:
        fprintf(stream, ", dims %d and %d", s->dim, s->other);
        break;
    case GRAPH_SLICE:
        fprintf(stream, ", dim %d, from %d, to %d, step %d", s->dim, s->from, s->to, s->by);
        break;
    case GRAPH_NARROW:
        fprintf(stream, ", dim %d, start %d, length %d", s->dim, s->from, s->to);
        break;
    case GRAPH_SELECT:
        fprintf(stream, ", dim %d, index %d", s->dim, s->from);
        break;
    case GRAPH_TOPK:
        fprintf(stream, ", k %d, dim %d", s->to, s->dim);
        break;
    case GRAPH_GATHER:
    case GRAPH_SCATTER_ADD:
    case GRAPH_ONE_HOT:
        fprintf(stream, "%sdim %d", s->inputs ? ", " : "", s->dim);
        print_shape(stream, "index of shape", s->shape);
        print_indices(stream, s->seed, graph_elements(s->shape), s->to);
        break;
    case GRAPH_SUM_DIM:
    case GRAPH_MEAN_DIM:
    case GRAPH_MAX_DIM:
    case GRAPH_MIN_DIM:
    case GRAPH_ARGMAX_DIM:
    case GRAPH_LOGSUMEXP:
    case GRAPH_SOFTMAX:
    case GRAPH_LOG_SOFTMAX:
    case GRAPH_SQUEEZE:
    case GRAPH_UNSQUEEZE:
    case GRAPH_CAT:
    case GRAPH_STACK:
        fprintf(stream, ", dim %d", s->dim);
        break;
    case GRAPH_TO:
        fprintf(stream, ", %s", s->f64 ? "float64" : "float32");
        break;
    case GRAPH_BACKWARD:
    case GRAPH_GRAD:
        if (s->given) print_values(stream, s->seed, graph_elements(s->shape));
        fprintf(stream, "%s%s", s->retain_graph ? ", retain_graph" : "",
                s->create_graph ? ", create_graph" : "");
        break;
    case GRAPH_HOOK:
        if (s->value) fprintf(stream, ", which gives the gradient times %g", s->number);
        break;
    case GRAPH_REQUIRES_GRAD:
    case GRAPH_GRAD_MODE:
        fprintf(stream, "%s%s", s->inputs ? ", " : "", s->value ? "on" : "off");
        break;
    case GRAPH_REMOVE_HOOK:
        fprintf(stream, ", hook %d", s->from);
        break;
    case GRAPH_REFUSE:
        fprintf(stream, s->from < 0 ? "all memory" : "allocation %d", s->from);
        fprintf(stream, " of the next step");
        break;
    default:
        break;
    }
    if (s->keepdim) fprintf(stream, ", keepdim");
}

void graph_print_step(FILE *stream, const graph_step *s)
{
    for (int j = 0; j < s->outputs; j++) fprintf(stream, "%s%%%d", j ? ", " : "", s->out[j]);
    fprintf(stream, "%s%s%s(", s->outputs ? " = " : "", graph_op_name(s->op),
            s->in_place ? "_" : "");
    print_operands(stream, s);
    print_details(stream, s);
    fprintf(stream, ")\n");
}
