/* Captured graphs from the inside: values, and the steps that make and change them.
 *
 * A buffer is a piece of memory, a storage while the graph is captured or run. A value is a buffer
 * seen by a layout; so views are values of the buffer that they show, and need no step to be run.
 * Steps stand in the order in which they were executed. */
#ifndef CANDELA_AUTOGRAD_OP_GRAPH_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_GRAPH_INTERNAL_H

#include "autograd/graph.h"
#include "autograd/op/call_internal.h"

typedef enum cd_buffer_kind {
    CD_BUFFER_INPUT,
    CD_BUFFER_KEPT,     /* met by the capture, and the graph's own from then on */
    CD_BUFFER_GRADIENT, /* of a leaf that had one already: the one that it has in each run */
    CD_BUFFER_MADE      /* by a step, in each run */
} cd_buffer_kind;

/* Lists are of numbers in the graph's arrays, and end with this. */
enum { CD_ABSENT = -1 };

typedef struct cd_graph_buffer {
    uint64_t id;         /* of its storage, while the graph was captured */
    cd_storage *storage; /* a reference, of a kept one; of others borrowed, while the graph runs */
    /* Of an input, while the graph runs: how much further on in its storage it begins, in elements,
     * than the one that was captured. */
    int64_t shift;
    char *name;         /* owned; NULL: it has none */
    int values;         /* the list of those that show it */
    int last, next;     /* the last step that needs it, and the list of that step's */
    unsigned char kind; /* a cd_buffer_kind */
    unsigned char device;
    bool written; /* by a step, once it was made */
} cd_graph_buffer;

typedef struct cd_graph_value {
    int buffer, next; /* in the buffer's list */
    cd_layout layout;
    cd_tensor *tensor; /* that shows it, owned, once a run has needed one */
} cd_graph_value;

/* An input of a call. */
typedef struct cd_graph_input {
    int value;          /* CD_ABSENT: a number, or one that was left out */
    cd_operand operand; /* in that case */
} cd_graph_input;

typedef enum cd_step_kind {
    CD_STEP_CALL,
    CD_STEP_PUT, /* the leaf, which has no gradient, gets the value */
    CD_STEP_GET, /* the value is the gradient that the leaf has */
    CD_STEP_DROP /* the leaf's gradient goes, if it has one */
} cd_step_kind;

typedef struct cd_graph_step {
    unsigned char kind; /* a cd_step_kind */
    /* A call. The arrays lie in the step's own memory, behind it. */
    const cd_op *op;
    bool in_place;
    int inputs, outputs;
    cd_graph_input *in;
    int *out; /* values; CD_ABSENT: nobody asked for this one */
    void *attributes;
    cd_generator *generator; /* owned; NULL: the default one, or none */
    cd_device device;
    /* A gradient. */
    cd_tensor *leaf; /* owned */
    int parameter;   /* the leaf as a value */
    int value;
    /* Of a view: what it shows has been met before, as the transpose of a transpose. */
    bool leads_back;
    int last; /* the list of buffers that nothing needs after this step */
} cd_graph_step;

struct cd_graph {
    cd_object object;
    int *table; /* buffers by id, 2^table_bits slots: index + 1, or 0 */
    int table_bits;
    cd_graph_buffer *buffer;
    cd_graph_value *value;
    cd_graph_step **step;
    int *input, *output; /* values */
    int buffers, values, steps, inputs, outputs;
    int buffer_room, value_room, step_room;
    int prepared; /* while it is captured: steps that may still come */
    bool running;
};

extern const cd_class cd_graph_class;

/* cd_check_object for graphs. */
bool cd_graph_check(const cd_graph *g, const char *function);
/* The graph keeps the memory of t. */
bool cd_graph_keeps(const cd_graph *g, const cd_tensor *t);
/* What it calls that of t; NULL for no name. */
const char *cd_graph_name_of(const cd_graph *g, const cd_tensor *t);

/* The number of the storage, which no other has in the life of the process. */
uint64_t cd_storage_id(cd_storage *storage);

/* The buffer of a storage; -1 when the graph has not met it. */
int cd_graph_find_buffer(const cd_graph *g, uint64_t id);
/* Makes the newest buffer one that is found. False with an error. */
bool cd_graph_index_buffers(cd_graph *g);

/* Only views come out of the op: a step that a run need not take. */
static inline bool cd_graph_only_shows(const cd_graph_step *s)
{
    return s->kind == CD_STEP_CALL && s->op->output[0].kind == CD_VIEW && !s->in_place;
}

/* --- noting, while this thread captures ------------------------------------------------------- */

/* A prepared call as a step that is to come; NULL with an error. */
cd_graph_step *cd_capture_call(const cd_call *call);
/* What is about to happen to the gradient of a leaf; value is CD_STEP_DROP's NULL. */
cd_graph_step *cd_capture_gradient(cd_step_kind kind, cd_tensor *leaf, const cd_tensor *value);
/* Somebody looks at the gradient that t has. False with an error. */
bool cd_capture_met_gradient(cd_tensor *t, const cd_tensor *gradient);
/* It happens. NULL is allowed. */
void cd_capture_commit(cd_graph_step *step);
/* It does not. NULL is allowed. */
void cd_capture_cancel(cd_graph_step *step);

void cd_graph_step_free(cd_graph_step *step);

#endif
