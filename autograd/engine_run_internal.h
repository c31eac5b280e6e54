/* A backward pass under way: for the engine's own files. */
#ifndef CANDELA_AUTOGRAD_ENGINE_RUN_INTERNAL_H
#define CANDELA_AUTOGRAD_ENGINE_RUN_INTERNAL_H

#include "autograd/engine_internal.h"
#include "autograd/op/call_internal.h"

/* A node or leaf that gradients have been sent to: one for each output of a node, one for a leaf.
 * Each holds a reference. */
typedef struct cd_pending {
    cd_object *target;
    union {
        /* A leaf has one; the other is what it took the place of, to be freed without a lock. */
        cd_tensor *gradient[CD_NODE_OUTPUTS];
        cd_tensor **gradients; /* of a node with more outputs, once one has arrived */
    };
    struct cd_addition *addition; /* a leaf's, to the gradient that it has; owned */
    cd_tensor *old;               /* what a leaf held before; owned */
    struct cd_graph_step *noted;  /* while a graph is captured: what happens to a leaf; owned */
    bool waits;                   /* a node in the heap, or processed already */
    bool many;                    /* the gradients are in an array of their own */
    bool replaces;                /* a leaf's: it holds the sum with the earlier gradient already */
    bool wanted;  /* its gradients are asked for, and kept until they are given out */
    bool leads;   /* a node on the way to what is asked for */
    bool retains; /* a computed tensor that keeps its gradient: put in place like a leaf's */
    bool called;  /* a leaf that has hooks, which may be called once its gradient is in place */
} cd_pending;

typedef struct cd_run {
    cd_engine_options options;
    cd_pending *items; /* in order of first arrival; an item's index never changes */
    int64_t count, room;
    int64_t *table; /* open addressing by target: index into items + 1, or 0; 2 * room slots */
    int64_t *heap;  /* indices of nodes not yet processed, the latest on top */
    int64_t waiting;
    bool anomaly; /* what rules give is looked at */
    bool called;  /* an item is */
} cd_run;

/* Nobody else can see this gradient, so it may be added to in place, and kept. Memory that was
 * borrowed is the lender's. */
static inline bool cd_gradient_alone(const cd_tensor *gradient)
{
    const cd_storage *storage = gradient->storage;
    return atomic_load(&gradient->object.references) == 1 &&
           atomic_load(&storage->references) == 1 && !storage->borrowed && gradient->contiguous;
}

/* Once all nodes have run: calls the hooks of leaves, and puts in place what leaves and computed
 * tensors keep, all of it or nothing. False with an error. */
bool cd_engine_finish_leaves(cd_run *r);

#endif
