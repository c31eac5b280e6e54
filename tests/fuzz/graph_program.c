/* Shapes, values and printing of the programs of the target graph: see graph_program.h. */
#include "tests/fuzz/graph_program.h"

#include <stdarg.h>
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

/* Hashes a seed and the number of an element. */
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

bool graph_changes_shape(graph_op op)
{
    return op == GRAPH_T || op == GRAPH_TRANSPOSE || op == GRAPH_SQUEEZE || op == GRAPH_UNSQUEEZE;
}

const char *graph_op_name(graph_op op)
{
    static const char *const names[] = {
#define GRAPH_OP(id_, name_) name_,
        GRAPH_OPS(GRAPH_OP)
#undef GRAPH_OP
    };
    return names[op];
}

/* The list between the parentheses of a printed step. */
typedef struct listing {
    FILE *stream;
    bool any; /* something was printed, so a comma must come before the next */
} listing;

static void say(listing *l, const char *format, ...)
{
    va_list arguments;
    if (l->any) fprintf(l->stream, ", ");
    l->any = true;
    va_start(arguments, format);
    vfprintf(l->stream, format, arguments);
    va_end(arguments);
}

static void print_shape(listing *l, const char *what, graph_shape shape)
{
    say(l, "%s (", what);
    for (int i = 0; i < shape.ndim; i++) fprintf(l->stream, i ? "x%d" : "%d", shape.size[i]);
    fprintf(l->stream, ")");
}

static void print_values(listing *l, unsigned seed, int count)
{
    say(l, "values");
    for (int i = 0; i < count && i < 8; i++) fprintf(l->stream, " %g", graph_value(seed, i));
    if (count > 8) fprintf(l->stream, " ...");
}

static void print_indices(listing *l, unsigned seed, int count, int size)
{
    say(l, "indices");
    for (int i = 0; i < count; i++) fprintf(l->stream, " %d", graph_index(seed, i, size));
}

static void print_operands(listing *l, const graph_step *s)
{
    if (s->with_number && s->number_first) say(l, "%g", s->number);
    for (int k = 0; k < s->inputs; k++) say(l, "%%%d", s->in[k]);
    if (s->with_number && !s->number_first) say(l, "%g", s->number);
}

/* What is printed behind the operands of a step, in this order. */
enum {
    DTYPE = 1 << 0,
    SHAPE = 1 << 1,
    VALUES = 1 << 2,
    NUMBER = 1 << 3,
    SECOND = 1 << 4,
    ABOVE = 1 << 5, /* a mask: where the second operand is above the number */
    DIM = 1 << 6,
    DIM2 = 1 << 7,
    STRIDE = 1 << 8,
    FROM = 1 << 9,
    TO = 1 << 10,
    BY = 1 << 11,
    INDEX = 1 << 12,
    FLAG = 1 << 13,
    PASS = 1 << 14,
    HOW = 1 << 15
};

/* The set of what is printed for each op. */
static const unsigned details[GRAPH_OP_COUNT] = {
    [GRAPH_LEAF] = DTYPE | SHAPE | VALUES | FLAG,
    [GRAPH_CLAMP] = NUMBER | SECOND,
    [GRAPH_CLAMP_MIN] = NUMBER,
    [GRAPH_CLAMP_MAX] = NUMBER,
    [GRAPH_FILL] = NUMBER,
    [GRAPH_WHERE] = ABOVE,
    [GRAPH_GT] = NUMBER,
    [GRAPH_MASKED_SELECT] = ABOVE,
    [GRAPH_MASKED_SCATTER] = ABOVE,
    [GRAPH_MASKED_FILL] = ABOVE | SECOND,
    [GRAPH_NORM] = NUMBER | DIM,
    [GRAPH_SUM_DIM] = DIM,
    [GRAPH_MEAN_DIM] = DIM,
    [GRAPH_MAX_DIM] = DIM,
    [GRAPH_MIN_DIM] = DIM,
    [GRAPH_ARGMAX_DIM] = DIM,
    [GRAPH_LOGSUMEXP] = DIM,
    [GRAPH_SOFTMAX] = DIM,
    [GRAPH_LOG_SOFTMAX] = DIM,
    [GRAPH_TOPK] = DIM | TO,
    [GRAPH_VIEW] = SHAPE,
    [GRAPH_RESHAPE] = SHAPE,
    [GRAPH_EXPAND] = SHAPE,
    [GRAPH_SUM_TO_SHAPE] = SHAPE,
    [GRAPH_REPEAT] = SHAPE,
    [GRAPH_PERMUTE] = SHAPE,
    [GRAPH_AS_STRIDED] = SHAPE | STRIDE | FROM,
    [GRAPH_FLATTEN] = DIM | DIM2,
    [GRAPH_TRANSPOSE] = DIM | DIM2,
    [GRAPH_SQUEEZE] = DIM,
    [GRAPH_UNSQUEEZE] = DIM,
    [GRAPH_SLICE] = DIM | FROM | TO | BY,
    [GRAPH_NARROW] = DIM | FROM | TO,
    [GRAPH_SELECT] = DIM | FROM,
    [GRAPH_CAT] = DIM,
    [GRAPH_STACK] = DIM,
    [GRAPH_GATHER] = DIM | INDEX,
    [GRAPH_SCATTER_ADD] = DIM | INDEX,
    [GRAPH_ONE_HOT] = INDEX,
    [GRAPH_TO] = DTYPE,
    [GRAPH_BACKWARD] = PASS,
    [GRAPH_GRAD] = PASS,
    [GRAPH_HOOK] = FLAG | NUMBER,
    [GRAPH_REQUIRES_GRAD] = FLAG,
    [GRAPH_GRAD_MODE] = FLAG,
    [GRAPH_REMOVE_HOOK] = FROM,
    [GRAPH_REFUSE] = FROM,
    [GRAPH_ADDR] = NUMBER | SECOND,
    [GRAPH_MATRIX_POWER] = TO,
    [GRAPH_TRAPEZOID] = NUMBER | DIM,
    [GRAPH_CUMULATIVE_TRAPEZOID] = NUMBER | DIM,
    [GRAPH_VECDOT] = DIM,
    [GRAPH_CROSS] = DIM,
    [GRAPH_VANDER] = TO | FLAG,
    [GRAPH_INTERPOLATE] = TO | HOW | FLAG,
    [GRAPH_CDIST] = NUMBER,
    [GRAPH_PDIST] = NUMBER,
    [GRAPH_DIST] = NUMBER,
    [GRAPH_RENORM] = NUMBER | SECOND | DIM,
    [GRAPH_DIAGFLAT] = FROM,
    [GRAPH_DIAGONAL_SCATTER] = FROM,
    [GRAPH_COMBINATIONS] = TO | FLAG,
    [GRAPH_PAD] = NUMBER | FROM | TO | HOW,
    [GRAPH_TRIL_INDICES] = FROM | TO | BY,
    [GRAPH_TRIU_INDICES] = FROM | TO | BY,
    [GRAPH_TENSOR_SPLIT] = DIM | FROM | TO,
    [GRAPH_HSPLIT] = DIM | FROM | TO,
    [GRAPH_VSPLIT] = DIM | FROM | TO,
    [GRAPH_DSPLIT] = DIM | FROM | TO,
    [GRAPH_SCATTER_REDUCE] = DIM | INDEX | HOW | FLAG,
    [GRAPH_INDEX_REDUCE] = DIM | INDEX | HOW | FLAG,
    [GRAPH_HISTC] = NUMBER | SECOND | TO,
    [GRAPH_FLOAT_POWER] = NUMBER,
};

static void print_numbers(listing *l, const graph_step *s, unsigned what)
{
    static const char *const to[GRAPH_OP_COUNT] = { [GRAPH_NARROW] = "length", [GRAPH_TOPK] = "k" };
    if (what & NUMBER && !s->with_number && (s->inputs == 1 || s->op > GRAPH_REFUSE))
        say(l, "%g", s->number);
    if (what & ABOVE) say(l, "where %%%d > %g", s->in[1], s->number);
    if (what & SECOND && s->inputs < 3) say(l, "%g", s->second);
    if (what & DIM && (s->op != GRAPH_NORM || s->by_dim)) say(l, "dim %d", s->dim);
    if (what & DIM2) say(l, "dim %d", s->dim2);
    if (what & STRIDE) print_shape(l, "stride", s->stride);
    if (what & FROM) say(l, "from %d", s->from);
    if (what & TO) say(l, "%s %d", to[s->op] ? to[s->op] : "to", s->to);
    if (what & BY) say(l, "step %d", s->by);
    if (what & HOW) say(l, "how %d", s->how);
}

static void print_details(listing *l, const graph_step *s)
{
    unsigned what = details[s->op];
    if (what & DTYPE) say(l, "%s", s->f64 ? "float64" : "float32");
    if (what & SHAPE) print_shape(l, "shape", s->shape);
    if (what & VALUES) print_values(l, s->seed, graph_elements(s->shape));
    print_numbers(l, s, what);
    if (what & INDEX) {
        print_shape(l, "index of shape", s->shape);
        print_indices(l, s->seed, graph_elements(s->shape), s->to);
    }
    if (what & FLAG) say(l, s->flag ? "true" : "false");
    if (what & PASS && s->with_gradient) print_values(l, s->seed, graph_elements(s->shape));
    if (s->retain_graph) say(l, "retain_graph");
    if (s->create_graph) say(l, "create_graph");
    if (s->keepdim) say(l, "keepdim");
}

void graph_print_step(FILE *stream, const graph_step *s)
{
    listing l = { .stream = stream };
    for (int j = 0; j < s->outputs; j++) fprintf(stream, "%s%%%d", j ? ", " : "", s->out[j]);
    fprintf(stream, "%s%s%s(", s->outputs ? " = " : "", graph_op_name(s->op),
            s->in_place ? "_" : "");
    print_operands(&l, s);
    print_details(&l, s);
    fprintf(stream, ")\n");
}
