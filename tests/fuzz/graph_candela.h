/* A program's steps done by Candela. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_CANDELA_H
#define CANDELA_TESTS_FUZZ_GRAPH_CANDELA_H

#include "candela.h"
#include "tests/fuzz/graph_reference.h"

typedef struct candela_hook {
    int64_t id;
    double scale;
    bool replaces;
    int calls, n, destroyed;
    double seen[GRAPH_ELEMENTS];
} candela_hook;

typedef struct candela_run {
    cd_tensor *handle[GRAPH_HANDLES]; /* an owner each */
    bool grad_mode;
    int hooks;
    candela_hook hook[REF_HOOKS];
    int functions, functions_ended; /* contexts of functions of one's own, each ended once */
    bool gave;                      /* what the last autograd_grad gave */
    double given[GRAPH_ELEMENTS];
} candela_run;

void candela_begin(candela_run *c);
/* False with an error: then no handle has changed. */
bool candela_step(candela_run *c, const graph_step *step);
/* Releases all handles. */
void candela_end(candela_run *c);

/* A tensor's elements as doubles, row by row. */
void candela_read(const cd_tensor *t, double *out);

#endif
