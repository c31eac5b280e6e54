/* The backward engine. */
#ifndef CANDELA_AUTOGRAD_ENGINE_INTERNAL_H
#define CANDELA_AUTOGRAD_ENGINE_INTERNAL_H

#include "autograd/node_internal.h"

/* A place where a gradient starts from or is asked for. */
typedef struct cd_gradient {
    cd_edge at;
    /* In: what starts there. Out: what arrived, owned by the caller; NULL if nothing. */
    cd_tensor *value;
} cd_gradient;

typedef struct cd_engine_options {
    bool retain_graph, create_graph;
    /* When not NULL, these gradients (of leaves, or of computed tensors) are given out, no leaf's
     * own is changed, and only nodes that lead to them are run. */
    cd_gradient *wanted;
    int wanted_count;
} cd_engine_options;

/* Goes backward from the roots. False with an error, and every leaf as it was, on failure. */
bool cd_engine_run(const cd_gradient *roots, int count, cd_engine_options options);

/* A place to go backward from: t, which must require gradients, with the gradient given or 1 for a
 * tensor of one element. `function` begins the sentence of an error. */
bool cd_engine_root(const char *function, cd_tensor *t, cd_tensor *given, cd_gradient *root);

#endif
