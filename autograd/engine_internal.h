/* The backward engine, for the files that start a pass: backward.c and gradcheck.c. */
#ifndef CANDELA_AUTOGRAD_ENGINE_INTERNAL_H
#define CANDELA_AUTOGRAD_ENGINE_INTERNAL_H

#include "autograd/node_internal.h"

/* A gradient that a pass starts from (a root), or that the caller asks for. */
typedef struct cd_gradient {
    cd_edge edge; /* to the tensor whose gradient it is, as an input would have it */
    /* Of a root: the gradient to start with. Of one that is asked for, set by the pass: what has
     * arrived, owned by the caller; NULL if nothing has. */
    cd_tensor *value;
} cd_gradient;

typedef struct cd_engine_options {
    bool retain_graph, create_graph;
    /* NULL in cd_backward. In cd_autograd_grad the gradients that are asked for, of leaves or of
     * computed tensors: the pass returns them, changes the gradient of no leaf, and runs only nodes
     * that lead to one of them. */
    cd_gradient *requested;
    int requested_count;
} cd_engine_options;

/* Runs a backward pass from `count` roots. False with an error; all leaves are unchanged then. */
bool cd_engine_run(const cd_gradient *roots, int count, cd_engine_options options);

/* Makes t, which must require gradients, a root: with the gradient `given`, or if that is NULL with
 * 1, for a tensor of one element. False with an error that begins with `function`. */
bool cd_engine_root(const char *function, cd_tensor *t, cd_tensor *given, cd_gradient *root);

#endif
