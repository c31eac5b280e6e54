/* The reference: computes the programs of graph_program.h in float64, without any code of Candela.
 *
 * A storage is an array of numbers. A tensor is a list of offsets into a storage, one per element,
 * so views share elements by sharing offsets. When a graph is recorded, every element that an op
 * computes is a scalar on one tape, with weighted edges to the scalars that it was computed from:
 * the weight is the derivative, and a backward pass sums along the edges. What PyTorch does per op
 * and not per element is kept in the op's node, which owns the scalars of its outputs: hooks, saved
 * values and their versions, what a pass frees, whether a gradient arrived at all, and views whose
 * base was changed.
 *
 * Each number has a bound, to first order, on the error of a correct implementation in the tensor's
 * dtype. So comparisons need no guessed tolerance. A step is left out when the bounds do not decide
 * its result (the maximum of two numbers that may be equal, a relu of a number that may be 0), or
 * when it is badly conditioned.
 *
 * Numbers that are exactly equal share the gradient as in PyTorch: maximum and minimum give each
 * operand half; max and min of all elements, and the infinity-norm, give each an even share; max
 * and min along a dimension give all to the first. There is no gradient for x equal to a clamp's
 * bound that is a number, for relu and abs at 0, and for a norm that is 0. topk of equal numbers is
 * left out: PyTorch does not specify which of them it returns. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_REFERENCE_H
#define CANDELA_TESTS_FUZZ_GRAPH_REFERENCE_H

#include "tests/fuzz/graph_program.h"

/* The sizes of the tables. A program ends when one is full. */
enum {
    REF_TENSORS = 96,
    REF_NODES = 512,
    REF_SCALARS = 16384,
    REF_EDGES = 65536,
    REF_HOOKS = 16,
    REF_INPUTS = 3,
    REF_OUTPUTS = 2
};

/* How a step ends. */
typedef enum ref_end {
    REF_DONE,
    REF_LEFT_OUT,    /* nothing was done: the result is not decided, or a table is full */
    REF_AUTOGRAD,    /* CD_ERR_AUTOGRAD, as in PyTorch, and nothing changes */
    REF_ARGUMENT,    /* CD_ERR_ARGUMENT: a change in place of a tensor whose elements overlap */
    REF_UNSUPPORTED, /* CD_ERR_UNSUPPORTED, in Candela only: a function that changes a view */
    /* Done, or CD_ERR_AUTOGRAD: a backward pass through a product, which may have saved a copy of
     * an operand that has changed since. */
    REF_EITHER
} ref_end;

/* Where the gradient of a tensor goes: to an output of a node, to a leaf, or nowhere (both -1). */
typedef struct ref_edge {
    int node, output, leaf;
    int first; /* the first of the scalars there; -1 when nowhere */
} ref_edge;

typedef struct ref_tensor {
    bool f64;
    graph_shape shape;
    int n, storage, offset[GRAPH_ELEMENTS];
    int owners;         /* the number of handles that hold it */
    bool requires_grad; /* of a leaf */
    bool retains;       /* retain_grad was called */
    int node, output;   /* it is this output of this node; node -1: a leaf */
    int leaf_first;     /* the first scalar of a leaf; -1: none yet */
    bool is_view;
    bool may_be_view;         /* of a product of more than 2 dimensions, which may be folded */
    bool no_grad_view;        /* made under CD_NO_GRAD(), so it cannot get a new history */
    int base;                 /* the tensor of which it is a view; -1: none */
    unsigned history_version; /* the version of the storage for which its history is right */
    bool has_grad;
    double grad[GRAPH_ELEMENTS], grad_error[GRAPH_ELEMENTS];
} ref_tensor;

typedef struct ref_storage {
    int n;
    unsigned version;
    double value[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
} ref_storage;

/* A saved tensor: its storage, and the version that it had. */
typedef struct ref_saved {
    int storage;
    unsigned version;
} ref_saved;

/* A recorded call of an op. */
typedef struct ref_node {
    const char *name;
    int inputs, outputs;
    ref_edge edge[REF_INPUTS];
    struct {
        int first, n;
        bool f64;
    } out[REF_OUTPUTS];
    int saved;
    ref_saved save[REF_INPUTS]; /* saved tensors whose versions a pass checks */
    bool needs_saved;           /* its rule needs saved values, which a pass frees */
    bool freed;                 /* a pass has freed its saved values */
    bool is_function;           /* of a cd_function, whose backward always runs */
    bool uncertain;             /* it may have saved copies in place of the tensors in `save` */
    bool skips[REF_INPUTS];     /* its rule gives this input no gradient */
} ref_node;

/* An edge of the tape. */
typedef struct ref_weight {
    int to; /* the scalar that it leads to */
    double weight, error;
} ref_weight;

/* As made by cd_register_hook, and by cd_register_post_accumulate_grad_hook. */
typedef enum ref_hook_kind { REF_HOOK_TENSOR, REF_HOOK_ACCUMULATED } ref_hook_kind;

typedef struct ref_hook {
    ref_hook_kind kind;
    int tensor;             /* the tensor that it was registered on */
    int node, output, leaf; /* the output of a node, or the leaf, at which it runs */
    bool removed;
    bool replaces; /* it returns the gradient times `scale` */
    double scale;
    int calls; /* how often it ran */
    /* The gradient that it saw last, with bounds on its error. */
    int n;
    double seen[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
} ref_hook;

typedef struct reference {
    bool grad_mode;
    bool full;                 /* a table is full, and the program ends */
    int handle[GRAPH_HANDLES]; /* the number of a tensor; -1: free */
    int tensors, storages, nodes, scalars, weights, hooks;
    ref_tensor tensor[REF_TENSORS];
    ref_storage storage[REF_TENSORS];
    ref_node node[REF_NODES];
    int begin[REF_SCALARS +
              1]; /* where the weights of a scalar begin; they end where the next one's begin */
    ref_weight weight[REF_EDGES];
    ref_hook hook[REF_HOOKS];
    /* The state of a backward pass. */
    double gradient[REF_SCALARS], error[REF_SCALARS], magnitude[REF_SCALARS];
    bool arrived[REF_NODES][REF_OUTPUTS], on_path[REF_NODES], retained[REF_TENSORS];
    bool leaf_arrived[REF_TENSORS];
    double retain[REF_TENSORS][GRAPH_ELEMENTS], retain_error[REF_TENSORS][GRAPH_ELEMENTS];
    /* Whether the last autograd_grad returned a gradient, and which. */
    bool returned;
    double returned_grad[GRAPH_ELEMENTS], returned_error[GRAPH_ELEMENTS];
} reference;

/* Starts a program, with no tensors. */
void ref_begin(reference *r);
/* Runs the step. If it does not end in REF_DONE, nothing has changed (but REF_EITHER leaves it
 * open). */
ref_end ref_run(reference *r, const graph_step *step);

/* The tensor that a handle holds. */
static inline ref_tensor *ref_of(reference *r, int handle)
{
    return &r->tensor[r->handle[handle]];
}

/* Whether t requires gradients. */
bool ref_requires_grad(const reference *r, const ref_tensor *t);
/* Gives a view whose base was changed in place its new history, as PyTorch does before is_leaf and
 * backward. False when that is an error: the view was made under CD_NO_GRAD(). */
bool ref_update_history(reference *r, ref_tensor *t);
/* Whether the elements lie in memory in row-major order without gaps. */
bool ref_contiguous(const ref_tensor *t);
/* Whether two elements have the same offset. */
bool ref_overlaps(const ref_tensor *t);
/* Whether t can be viewed in this shape: its elements can be reached by strides. */
bool ref_viewable(const ref_tensor *t, graph_shape shape);

/* --- between the reference's files ------------------------------------------------------------ */

/* A call of an op while its outputs are computed (graph_forward.h). */
typedef struct ref_call {
    reference *r;
    const graph_step *step;
    int inputs, outputs;
    const ref_tensor *in[REF_INPUTS];
    ref_edge edge[REF_INPUTS];
    bool record;                   /* derivatives go onto the tape */
    bool bad;                      /* the step must be left out */
    double input_error, magnitude; /* of the element that is being made: see ref_term */
    bool exact, coarse;            /* its inputs are exact; its summands are multiples of 1/1024 */
    struct ref_output {
        graph_shape shape;
        bool f64, constant; /* constant: it has no gradient */
        int n, made;        /* elements, and how many of them are made */
        int first;          /* its first scalar */
        double value[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
    } out[REF_OUTPUTS];
} ref_call;

/* The distance of 1 and the next number in float64 or float32. */
double ref_epsilon(bool f64);
/* Computes the outputs of the call (graph_forward.c). */
void ref_forward(ref_call *c);
/* For an op that returns a view of x: the view's shape, and the element of x that each of its
 * elements is (graph_views.c). False if the view would be too large. */
bool ref_view_map(const ref_tensor *x, const graph_step *s, graph_shape *shape,
                  int map[GRAPH_ELEMENTS]);
/* Runs cd_backward or cd_autograd_grad (graph_backward.c). */
ref_end ref_backward(reference *r, const graph_step *step);
/* The edge to t: the gradient of t goes there (graph_history.c). */
ref_edge ref_edge_to(reference *r, ref_tensor *t);

#endif
