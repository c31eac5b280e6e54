/* The reference: tensors and their gradients in float64, knowing nothing of Candela.
 *
 * A storage is an array of numbers, and a tensor is the list of places in a storage where its
 * elements lie, so that views share what they share. Every element that an op computes while a
 * graph is recorded is a scalar of its own on one tape, with edges to the scalars it was computed
 * of: the derivative is a weight on the edge, and going backward is a sum along edges. What PyTorch
 * does by op and not by element (hooks, saved values and their versions, what is freed, whether a
 * gradient came at all, views whose base was changed) is kept with the op's node, which owns its
 * outputs' scalars.
 *
 * Each number has a bound of the error that a right implementation in the tensor's dtype may make,
 * to first order: so a comparison needs no tolerance that is guessed. What the bound cannot decide
 * (a maximum of two that may be equal, a relu that may be at 0) and what is badly conditioned is
 * not done: the step is left out. Exactly equal numbers are compared, and shared as PyTorch shares
 * them: halves for maximum and minimum, even shares for max and min of everything and for the
 * infinity-norm, the first for max and min along a dimension, nothing at a clamp's bound that is a
 * number, at 0 for relu and abs, and for a norm that is 0. topk of equal numbers is left out: which
 * it takes is nobody's promise. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_REFERENCE_H
#define CANDELA_TESTS_FUZZ_GRAPH_REFERENCE_H

#include "tests/fuzz/graph_program.h"

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
    REF_LEFT_OUT,    /* it does not fit, or no comparison could tell: nothing was done */
    REF_AUTOGRAD,    /* it is refused, as in PyTorch, and changes nothing */
    REF_ARGUMENT,    /* so is this: in place, where elements share a place */
    REF_UNSUPPORTED, /* so is this, by Candela alone: a function that changes a view */
    REF_EITHER /* backward, of which the values that a product saved depend on copies within */
} ref_end;

/* Where the gradient of a tensor goes: to an output of a node, to a leaf, or nowhere (both -1). */
typedef struct ref_edge {
    int node, output, leaf;
    int first; /* the scalars there; -1 when nowhere */
} ref_edge;

typedef struct ref_tensor {
    bool f64;
    graph_shape shape;
    int n, storage, place[GRAPH_ELEMENTS];
    int owners; /* handles */
    bool requires_grad, retains;
    int node, output;    /* that computed it; -1 for a leaf */
    int leaf_first;      /* a leaf's scalars; -1 until there are any */
    bool is_view, fixed; /* fixed: its history cannot be made anew */
    int base;            /* -1: none */
    unsigned known;      /* the storage's version that its history is right for */
    bool has_grad;
    double grad[GRAPH_ELEMENTS], grad_error[GRAPH_ELEMENTS];
} ref_tensor;

typedef struct ref_storage {
    int n;
    unsigned version;
    double value[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
} ref_storage;

typedef struct ref_saved {
    int storage;
    unsigned version;
} ref_saved;

typedef struct ref_node {
    const char *name;
    int inputs, outputs;
    ref_edge edge[REF_INPUTS];
    struct {
        int first, n;
        bool f64;
    } out[REF_OUTPUTS];
    int saved;
    ref_saved save[REF_INPUTS];
    bool unpacks;           /* its rule needs something that a pass frees */
    bool freed, custom;     /* custom: of a function of one's own, whose rule always runs */
    bool uncertain;         /* whether what it saved shares the storages in `save` is not known */
    bool skips[REF_INPUTS]; /* its rule gives this input no gradient */
} ref_node;

typedef struct ref_weight {
    int to; /* a scalar */
    double weight, error;
} ref_weight;

typedef enum ref_hook_kind { REF_HOOK_TENSOR, REF_HOOK_ACCUMULATED } ref_hook_kind;

typedef struct ref_hook {
    ref_hook_kind kind;
    int tensor;             /* that it was registered on */
    int node, output, leaf; /* that it stands with */
    bool removed, replaces;
    double scale;
    int calls, n; /* how often it ran, and what it saw last */
    double seen[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
} ref_hook;

typedef struct reference {
    bool grad_mode, full;      /* full: of a table; the program ends */
    int handle[GRAPH_HANDLES]; /* tensors; -1: free */
    int tensors, storages, nodes, scalars, weights, hooks;
    ref_tensor tensor[REF_TENSORS];
    ref_storage storage[REF_TENSORS];
    ref_node node[REF_NODES];
    int begin[REF_SCALARS + 1]; /* of a scalar's weights; they end where the next one's begin */
    ref_weight weight[REF_EDGES];
    ref_hook hook[REF_HOOKS];
    /* of a pass */
    double gradient[REF_SCALARS], error[REF_SCALARS], size[REF_SCALARS];
    bool arrived[REF_NODES][REF_OUTPUTS], leads[REF_NODES], retained[REF_TENSORS];
    bool leaf_arrived[REF_TENSORS];
    double retain[REF_TENSORS][GRAPH_ELEMENTS], retain_error[REF_TENSORS][GRAPH_ELEMENTS];
    /* what the last autograd_grad gave */
    bool gave;
    double given[GRAPH_ELEMENTS], given_error[GRAPH_ELEMENTS];
} reference;

void ref_begin(reference *r);
/* Does the step, or says how it fails; changes nothing then. */
ref_end ref_run(reference *r, const graph_step *step);

static inline ref_tensor *ref_of(reference *r, int handle)
{
    return &r->tensor[r->handle[handle]];
}

/* As PyTorch's: is_leaf and what goes backward first bring a view's history up to date, which may
 * fail. */
bool ref_requires_grad(const reference *r, const ref_tensor *t);
bool ref_current(reference *r, ref_tensor *t);
bool ref_contiguous(const ref_tensor *t);
/* Two elements lie in one place. */
bool ref_overlaps(const ref_tensor *t);
/* That shape's elements can be reached by strides over t's places: then it can be a view. */
bool ref_viewable(const ref_tensor *t, graph_shape shape);

/* --- between the reference's files ------------------------------------------------------------ */

/* The result of an op on its way: values and weights of each element, output by output. */
typedef struct ref_call {
    reference *r;
    const graph_step *step;
    int inputs, outputs;
    const ref_tensor *in[REF_INPUTS];
    ref_edge edge[REF_INPUTS];
    bool record, bad;      /* bad: not to be done */
    double carried, scale; /* of the element that is made: errors of its inputs, and their sizes */
    bool exact, coarse;    /* all its inputs are; and all summands multiples of 1/1024 */
    struct ref_output {
        graph_shape shape;
        bool f64, constant; /* constant: no gradient */
        int n, made, first;
        double value[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
    } out[REF_OUTPUTS];
} ref_call;

double ref_epsilon(bool f64);
/* Computes the outputs; graph_forward.c. */
void ref_forward(ref_call *c);
/* For an op whose output is a view: its shape, and which element of x each of its own is. */
bool ref_view_map(const ref_tensor *x, const graph_step *s, graph_shape *shape,
                  int map[GRAPH_ELEMENTS]);
/* Backward and autograd_grad; graph_backward.c. */
ref_end ref_backward(reference *r, const graph_step *step);
/* Where the gradient of t goes. */
ref_edge ref_edge_to(reference *r, ref_tensor *t);

#endif
