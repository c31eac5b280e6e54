/* A graph as text: its inputs, the memory that it reads and changes, its steps, one a line, and its
 * outputs. docs/graphs.md has an example. */
#include <inttypes.h>
#include <string.h>

#include "autograd/dispatch/graph_internal.h"

/* --- values ----------------------------------------------------------------------------------- */

/* "float32 2x3", and the device where it is not the processor. */
static void print_type(FILE *f, const cd_graph *g, int value)
{
    char text[CD_SHAPE_TEXT];
    const cd_graph_value *v = &g->value[value];
    const cd_device device = (cd_device)g->buffer[v->buffer].device;
    (void)fprintf(f, "%s %s", cd_dtype_name(v->layout.dtype), cd_shape_text(v->layout.shape, text));
    if (device != CD_CPU) (void)fprintf(f, " on %s", cd_device_name(device));
}

enum { NAME_BYTES = 1100 };

/* A buffer's name is printed for the first of its values that was met; its other values are views,
 * made by steps, and printed as numbers. */
static void print_value(FILE *f, const cd_graph *g, int value)
{
    const cd_graph_buffer *b = &g->buffer[g->value[value].buffer];
    const bool first = g->value[value].next_value == CD_ABSENT;
    if (b->name && first) {
        char shown[NAME_BYTES];
        (void)fprintf(f, "%s", cd_escape_text(shown, sizeof shown, b->name));
    } else {
        (void)fprintf(f, "%%%d", value);
    }
}

/* --- attributes ------------------------------------------------------------------------------- */

static void print_number(FILE *f, const cd_number *number)
{
    if (number->kind == CD_OPERAND_DOUBLE) {
        (void)fprintf(f, "%g", number->real);
    } else if (number->kind == CD_OPERAND_TENSOR) {
        (void)fprintf(f, "none");
    } else {
        (void)fprintf(f, "%" PRId64, number->integer);
    }
}

static void print_dims(FILE *f, const cd_dims *dims)
{
    for (int i = 0; i < dims->count; i++) {
        (void)fprintf(f, "%s%d", i == 0 ? "(" : ", ", dims->dim[i]);
    }
    (void)fprintf(f, "%s", dims->count > 0 ? ")" : "()");
}

static void print_field(FILE *f, const cd_field *field, const void *attributes)
{
    static const char *const reductions[] = {
        [CD_MEAN] = "mean", [CD_SUM] = "sum", [CD_NONE] = "none"
    };
    char text[CD_SHAPE_TEXT];
    const void *at = (const char *)attributes + field->offset;
    const int64_t *integer = at;
    (void)fprintf(f, "%s=", field->name);
    switch ((cd_field_kind)field->kind) {
    case CD_FIELD_BOOL:
        (void)fprintf(f, "%s", *(const bool *)at ? "true" : "false");
        break;
    case CD_FIELD_DIM:
        (void)fprintf(f, "%d", *(const int *)at);
        break;
    case CD_FIELD_DIMS:
        print_dims(f, at);
        break;
    case CD_FIELD_INTEGER:
        (void)fprintf(f, "%" PRId64, integer[0]);
        break;
    case CD_FIELD_PAIR:
        (void)fprintf(f, "%" PRId64 "x%" PRId64, integer[0], integer[1]);
        break;
    case CD_FIELD_REAL:
        (void)fprintf(f, "%g", *(const double *)at);
        break;
    case CD_FIELD_DTYPE:
        (void)fprintf(f, "%s", cd_dtype_name(*(const cd_dtype *)at));
        break;
    case CD_FIELD_SHAPE:
        (void)fprintf(f, "%s", cd_shape_text(*(const cd_shape *)at, text));
        break;
    case CD_FIELD_NUMBER:
        print_number(f, at);
        break;
    case CD_FIELD_REDUCTION:
        (void)fprintf(f, "%s", reductions[*(const cd_reduction *)at]);
        break;
    case CD_FIELD_END:
        break;
    }
}

/* --- steps ------------------------------------------------------------------------------------ */

static void print_input(FILE *f, const cd_graph *g, const cd_graph_input *in)
{
    const cd_operand *o = &in->operand;
    if (in->value != CD_ABSENT) {
        print_value(f, g, in->value);
    } else if (o->kind == CD_OPERAND_TENSOR) {
        (void)fprintf(f, "none");
    } else {
        const cd_number number = { o->kind, o->integer, o->number };
        print_number(f, &number);
    }
}

static void print_outputs(FILE *f, const cd_graph *g, const cd_graph_step *s)
{
    const char *before = "";
    for (int j = 0; j < s->outputs; j++) {
        const bool changed = (s->in_place && j == 0) || s->op->output[j].kind == CD_CHANGED;
        if (s->out[j] == CD_ABSENT || changed) continue;
        (void)fprintf(f, "%s", before);
        print_value(f, g, s->out[j]);
        (void)fprintf(f, ": ");
        print_type(f, g, s->out[j]);
        before = ", ";
    }
    if (*before) (void)fprintf(f, " = ");
}

static void print_call(FILE *f, const cd_graph *g, const cd_graph_step *s)
{
    const char *name = s->op->name, *before = "";
    const size_t length = strlen(name);
    print_outputs(f, g, s);
    (void)fprintf(f, "%s%s(", name, s->in_place && name[length - 1] != '_' ? "_" : "");
    for (int k = 0; k < s->inputs; k++, before = ", ") {
        (void)fprintf(f, "%s", before);
        print_input(f, g, &s->in[k]);
    }
    for (const cd_field *field = s->op->fields; field && field->kind != CD_FIELD_END; field++) {
        (void)fprintf(f, "%s", before);
        print_field(f, field, s->attributes);
        before = ", ";
    }
    if (s->generator) (void)fprintf(f, "%sgenerator=own", before);
    (void)fprintf(f, ")");
}

static void print_step(FILE *f, const cd_graph *g, const cd_graph_step *s)
{
    (void)fprintf(f, "  ");
    switch ((cd_step_kind)s->kind) {
    case CD_STEP_CALL:
        print_call(f, g, s);
        break;
    case CD_STEP_PUT:
        (void)fprintf(f, "gradient of ");
        print_value(f, g, s->parameter);
        (void)fprintf(f, " = ");
        print_value(f, g, s->value);
        break;
    case CD_STEP_GET:
        print_value(f, g, s->value);
        (void)fprintf(f, ": ");
        print_type(f, g, s->value);
        (void)fprintf(f, " = gradient of ");
        print_value(f, g, s->parameter);
        break;
    case CD_STEP_DROP:
        (void)fprintf(f, "gradient of ");
        print_value(f, g, s->parameter);
        (void)fprintf(f, " = none");
        break;
    }
    (void)fprintf(f, "\n");
}

/* --- the graph -------------------------------------------------------------------------------- */

static void print_kept(FILE *f, const cd_graph *g)
{
    for (int i = 0; i < g->values; i++) {
        const cd_graph_value *v = &g->value[i];
        const cd_graph_buffer *b = &g->buffer[v->buffer];
        if (b->kind != CD_BUFFER_HELD || v->next_value != CD_ABSENT) continue;
        (void)fprintf(f, "  %s ", b->written ? "changes" : "reads");
        print_value(f, g, i);
        (void)fprintf(f, ": ");
        print_type(f, g, i);
        (void)fprintf(f, "\n");
    }
}

static void print_values(FILE *f, const cd_graph *g, const int *value, int count, bool typed)
{
    for (int k = 0; k < count; k++) {
        if (k > 0) (void)fprintf(f, ", ");
        print_value(f, g, value[k]);
        if (!typed) continue;
        (void)fprintf(f, ": ");
        print_type(f, g, value[k]);
    }
}

bool cd_print_graph(FILE *stream, const cd_graph *g)
{
    if (!cd_graph_check(g, "print_graph")) return false;
    if (!stream) return cd_fail(CD_ERR_ARGUMENT, "print_graph: the stream is NULL");
    (void)fprintf(stream, "graph(");
    print_values(stream, g, g->input, g->inputs, true);
    (void)fprintf(stream, ")\n");
    print_kept(stream, g);
    for (int i = 0; i < g->steps; i++) {
        const cd_graph_step *s = g->step[i];
        if (!cd_graph_only_shows(s) || !s->leads_back) print_step(stream, g, s);
    }
    (void)fprintf(stream, "  return ");
    print_values(stream, g, g->output, g->outputs, false);
    (void)fprintf(stream, "\n");
    return !ferror(stream) || cd_fail(CD_ERR_IO, "print_graph: the stream could not be written to");
}
