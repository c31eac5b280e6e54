/* Runs the steps of a program in Candela, for fuzz_graph.c. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_CANDELA_H
#define CANDELA_TESTS_FUZZ_GRAPH_CANDELA_H

#include "candela.h"
#include "tests/fuzz/graph_reference.h"

typedef struct candela_hook {
    int64_t id;
    double scale; /* with `replaces`, the hook returns the gradient times this */
    bool replaces;
    int calls;     /* how often it ran */
    int destroyed; /* how often its user data was destroyed */
    int n;         /* the elements of the gradient that it saw last */
    double seen[GRAPH_ELEMENTS];
} candela_hook;

typedef struct candela_run {
    cd_tensor *handle[GRAPH_HANDLES]; /* each is owned by the run; NULL: free */
    bool grad_mode;
    int hooks;
    candela_hook hook[REF_HOOKS];
    int functions;       /* how often a cd_function was applied */
    int functions_ended; /* how often the user data of such a call was destroyed */
    /* Whether the last autograd_grad returned a gradient, and which. */
    bool returned;
    double returned_grad[GRAPH_ELEMENTS];
} candela_run;

/* Starts a program, with no tensors. */
void candela_begin(candela_run *c);
/* Runs a step. False with an error; then no handle has changed. */
bool candela_step(candela_run *c, const graph_step *step);
/* Releases all handles. */
void candela_end(candela_run *c);

/* Reads the elements of a tensor as doubles, in row-major order. */
void candela_read(const cd_tensor *t, double *out);

/* --- between the files ------------------------------------------------------------------------ */

cd_shape candela_shape(graph_shape shape);
/* The index of the step. */
cd_tensor *candela_indices(const graph_step *s);
/* Calls an op behind REFUSE in the list (graph_call.c). */
cd_tensor *candela_call(const candela_run *c, const graph_step *s);

#endif
