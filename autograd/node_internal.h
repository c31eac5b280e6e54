/* The graph: a node for each recorded op, edges from it to what its inputs were computed by. */
#ifndef CANDELA_AUTOGRAD_NODE_INTERNAL_H
#define CANDELA_AUTOGRAD_NODE_INTERNAL_H

#include "autograd/autograd.h"
#include "autograd/hook_list_internal.h"
#include "core/operand.h"
#include "core/tensor_internal.h"

typedef struct cd_node cd_node;
typedef struct cd_op cd_op;

/* Where the gradient of one input goes: to a node, as the gradient of its output `index`, or to a
 * leaf. Both are objects, and the edge holds a reference. */
typedef struct cd_edge {
    cd_object *target; /* a cd_node, a leaf cd_tensor, or NULL when none is wanted */
    int index;
} cd_edge;

/* What the gradient of an output must look like. */
typedef struct cd_output_info {
    cd_dtype dtype;
    cd_shape shape;
} cd_output_info;

/* A value that backward needs. An input is kept as the tensor it was. An output is kept as storage,
 * and made into a tensor again when asked for: as a tensor it would hold the node that holds it.
 * Where it does not lie contiguous at the start of its storage, `input` is a tensor without history
 * that says how it lies. */
typedef struct cd_saved {
    cd_tensor *input;
    cd_storage *output;
    int index; /* of the output */
    uint32_t version;
} cd_saved;

/* An op's own numbers: dimensions, strides, a scalar. Each op says what is where. */
typedef struct cd_parameters {
    int64_t i[8];
    double d[2];
} cd_parameters;

enum { CD_NODE_EDGES = 4, CD_NODE_OUTPUTS = 2, CD_NODE_SAVED = 4 };

struct cd_node {
    cd_object object;
    const cd_op *op;
    uint64_t sequence; /* in order of creation, over all threads: consumers have larger ones */
    int edges, outputs, saved;
    bool freed;    /* the saved values were given up after a backward pass */
    bool custom;   /* of a user's own function: it has a context, which saves what backward needs */
    bool keeps;    /* they are the op's own numbers, and stay for another pass */
    cd_edge *edge; /* near_edges, or allocated when there are more */
    cd_edge near_edges[CD_NODE_EDGES];
    union {
        cd_output_info output[CD_NODE_OUTPUTS];
        cd_output_info *far_output; /* when there are more: the context's */
    };
    cd_saved save[CD_NODE_SAVED];
    union {
        cd_parameters parameters;
        struct cd_context *context; /* of a custom one, which owns it */
    };
    cd_hook_list hooks; /* of its outputs */
};

static inline cd_output_info cd_node_output(const cd_node *node, int index)
{
    return node->outputs > CD_NODE_OUTPUTS ? node->far_output[index] : node->output[index];
}

extern const cd_class cd_node_class;

/* A node with room for `edges`, one owner: the caller. NULL with an error. */
cd_node *cd_node_new(const cd_op *op, int edges);
/* Gives up the saved values; those who need them later get an error. */
void cd_node_free_saved(cd_node *node);

/* For backward rules: the k-th saved value, handed to the scope that is open. NULL with
 * CD_ERR_AUTOGRAD when it was freed by an earlier pass or has been written to since. */
cd_tensor *cd_saved_value(cd_node *node, int k);
/* The two errors of that. */
bool cd_fail_freed(const cd_node *node);
bool cd_fail_overwritten(const cd_node *node, cd_output_info value, uint32_t version,
                         uint32_t saved);
/* Whether anyone wants the gradient of input k. */
bool cd_wanted(const cd_node *node, int k);

/* What autograd hangs on a tensor. */
typedef struct cd_variable {
    const cd_extension *functions;
    cd_tensor *grad;    /* of a leaf, or retained; owned */
    cd_node *grad_fn;   /* of a computed tensor; referenced */
    int output;         /* which of grad_fn's outputs it is */
    cd_hook *retain;    /* in grad_fn's hooks while the gradient of a computed tensor is retained */
    cd_hook_list hooks; /* of a leaf */
} cd_variable;

/* NULL when there is none yet. */
static inline cd_variable *cd_variable_of(const cd_tensor *t)
{
    return (cd_variable *)(void *)t->extension;
}

/* Makes one if there is none; NULL with an error. */
cd_variable *cd_variable_need(cd_tensor *t);

static inline cd_node *cd_grad_fn_of(const cd_tensor *t)
{
    cd_variable *v = cd_variable_of(t);
    return v ? v->grad_fn : NULL;
}

/* A computed tensor that keeps its gradient. */
static inline bool cd_retains(const cd_tensor *t)
{
    cd_variable *v = cd_variable_of(t);
    return v && v->retain;
}

static inline bool cd_tracks(const cd_tensor *t)
{
    return t->requires_grad || cd_grad_fn_of(t) != NULL;
}

/* Makes t the output `index` of node, with whatever history it had before forgotten. */
bool cd_set_history(cd_tensor *t, cd_node *node, int index);

/* False, with CD_ERR_UNSUPPORTED, for a view taken before what it views was changed in place by a
 * recorded op: its own history says nothing of that change. */
bool cd_check_view(const cd_tensor *t, const char *function);

/* Where the gradient of t goes; the caller's edge takes a reference. */
cd_edge cd_edge_to(cd_tensor *t);
/* The shape and dtype that a gradient sent along the edge must have. */
cd_output_info cd_edge_info(cd_edge edge);

/* Guards a leaf's gradient while it is read and replaced. */
void cd_grad_lock(const cd_tensor *leaf);
void cd_grad_unlock(const cd_tensor *leaf);
/* Held while a pass brings its gradients to the leaves; taken before a leaf's lock. */
void cd_accumulation_lock(void);
void cd_accumulation_unlock(void);

#endif
