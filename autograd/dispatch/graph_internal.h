/* Captured graphs from the inside. A graph has three arrays:
 *
 *   buffers  pieces of memory, each of which was a storage in the capture, and is one in a run
 *   values   the tensors that were met: a buffer and a layout. So a view is another value of its
 *            buffer, and needs no step in a run.
 *   steps    what happened, in order: calls of ops, and changes of leaves' gradients
 *
 * They refer to each other by index. capture.c makes a graph, replay.c runs it, graph_print.c
 * prints it, graph.c has the rest. */
#ifndef CANDELA_AUTOGRAD_DISPATCH_GRAPH_INTERNAL_H
#define CANDELA_AUTOGRAD_DISPATCH_GRAPH_INTERNAL_H

#include "autograd/graph.h"
#include "autograd/dispatch/call_internal.h"

/* Where the memory of a buffer comes from in a run. */
typedef enum cd_buffer_kind {
    CD_BUFFER_INPUT,    /* from an input of the run */
    CD_BUFFER_HELD,     /* the graph holds it since the capture: parameters, constants, state */
    CD_BUFFER_GRADIENT, /* from the gradient that a leaf has when the step is reached */
    CD_BUFFER_MADE      /* a step allocates it */
} cd_buffer_kind;

/* No index: the end of a list, or a value that is not there. */
enum { CD_ABSENT = -1 };

typedef struct cd_graph_buffer {
    uint64_t id;         /* cd_storage_id of the storage in the capture */
    cd_storage *storage; /* of CD_BUFFER_HELD a reference; of others none, set during a run */
    /* During a run: the offset of this input or gradient in its storage, less the offset that it
     * had in the capture; in elements. */
    int64_t shift;
    char *name;        /* owned; NULL: it has none */
    int first_value;   /* of the list of its values, the newest first */
    int last_step;     /* the last step that needs the buffer; CD_ABSENT: an output does, or none */
    int next_unneeded; /* the next in the list cd_graph_step.first_unneeded */
    unsigned char kind;   /* a cd_buffer_kind */
    unsigned char device; /* a cd_device */
    bool written;         /* a step changes its elements */
} cd_graph_buffer;

typedef struct cd_graph_value {
    int buffer;
    int next_value; /* of the same buffer; the first value that was met is the last in the list */
    cd_layout layout;
    cd_tensor *tensor; /* owned: made in a run when it is needed */
} cd_graph_value;

/* An input of a call. */
typedef struct cd_graph_input {
    int value;          /* CD_ABSENT: a number, or an input that was left out */
    cd_operand operand; /* if value is CD_ABSENT */
} cd_graph_input;

typedef enum cd_step_kind {
    CD_STEP_CALL, /* an op is called */
    CD_STEP_PUT,  /* a leaf that has no gradient gets the value as its gradient */
    CD_STEP_GET,  /* the value is the gradient that the leaf has */
    CD_STEP_DROP  /* the leaf's gradient is removed, if it has one */
} cd_step_kind;

typedef struct cd_graph_step {
    unsigned char kind; /* a cd_step_kind */

    /* Of a call. The arrays are in the step's own memory, behind the struct. */
    const cd_op *op;
    bool in_place;
    int inputs, outputs;
    cd_graph_input *in;
    int *out; /* a value for each output; CD_ABSENT for one that nobody asked for */
    void *attributes;
    cd_generator *generator; /* owned; NULL: the default generator, or the op is not random */
    cd_device device;
    bool leads_back; /* of a view: the value was met before, as after two transposes */

    /* Of a gradient. */
    cd_tensor *leaf; /* owned */
    int parameter;   /* the leaf, as a value */
    int value;       /* the gradient */

    int first_unneeded; /* the list of buffers that are not needed after this step */
} cd_graph_step;

struct cd_graph {
    cd_object object;
    int *table; /* finds buffers by id: a hash table of 2^table_bits slots, index + 1 or 0 */
    int table_bits;
    cd_graph_buffer *buffer;
    cd_graph_value *value;
    cd_graph_step **step;
    int *input, *output;                         /* values */
    int buffers, values, steps, inputs, outputs; /* lengths of the arrays */
    int buffer_room, value_room, step_room;      /* elements that the arrays have memory for */
    int prepared; /* during the capture: steps of prepared calls, neither committed nor cancelled */
    bool running; /* cd_graph_run is under way */
};

extern const cd_class cd_graph_class;

/* Whether g is a live graph; false with an error that begins with `function`. */
bool cd_graph_check(const cd_graph *g, const char *function);
/* Whether the graph holds the memory of t (CD_BUFFER_HELD). */
bool cd_graph_holds(const cd_graph *g, const cd_tensor *t);
/* The name of t's memory in the graph; NULL if it has none. */
const char *cd_graph_name_of(const cd_graph *g, const cd_tensor *t);

/* A number of the storage, which no other storage ever has in this process (addresses are
 * reused). */
uint64_t cd_storage_id(cd_storage *storage);

/* The index of the buffer with this id; -1 when the capture has not met that storage. */
int cd_graph_find_buffer(const cd_graph *g, uint64_t id);
/* Puts the newest buffer into the hash table. False with an error. */
bool cd_graph_index_buffers(cd_graph *g);

/* Whether the step makes only views, so that a run need not call the op. */
static inline bool cd_graph_only_shows(const cd_graph_step *s)
{
    return s->kind == CD_STEP_CALL && s->op->output[0].kind == CD_VIEW && !s->in_place;
}

/* --- while this thread captures --------------------------------------------------------------- */

/* A step is made when what it stands for is prepared, and becomes part of the graph when that is
 * committed, so that commit cannot fail. */

/* The step of a prepared call. NULL with an error. */
cd_graph_step *cd_capture_call(const cd_call *call);
/* The step of a change of a leaf's gradient. `value` is the gradient; NULL for CD_STEP_DROP. NULL
 * with an error. */
cd_graph_step *cd_capture_gradient(cd_step_kind kind, cd_tensor *leaf, const cd_tensor *value);
/* Must be called when something reads the gradient of t. If the capture has not met that gradient,
 * it was there before: adds a CD_STEP_GET. False with an error. */
bool cd_capture_met_gradient(cd_tensor *t, const cd_tensor *gradient);
/* Adds the step to the graph; cannot fail. `step` may be NULL. */
void cd_capture_commit(cd_graph_step *step);
/* Frees the step of a call that is cancelled. `step` may be NULL. */
void cd_capture_cancel(cd_graph_step *step);

void cd_graph_step_free(cd_graph_step *step);

#endif
