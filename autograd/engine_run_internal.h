/* A backward pass under way: what engine.c and engine_leaves.c share. */
#ifndef CANDELA_AUTOGRAD_ENGINE_RUN_INTERNAL_H
#define CANDELA_AUTOGRAD_ENGINE_RUN_INTERNAL_H

#include "autograd/engine_internal.h"
#include "autograd/dispatch/call_internal.h"

/* A node, a leaf, or a computed tensor that retains its gradient, and the gradients that have been
 * sent to it in this pass: one for each output of a node, one for a tensor. */
typedef struct cd_pending {
    cd_object *target; /* a reference */
    union {
        /* References. For a tensor, [1] has the gradient that prepare_leaf has replaced: it is
         * freed later, when no lock is held. */
        cd_tensor *gradient[CD_NODE_OUTPUTS];
        cd_tensor **gradients; /* if `allocated`: of a node with more outputs than that */
    };
    bool allocated;
    bool queued;    /* a node: in the heap, or processed already */
    bool requested; /* cd_autograd_grad asks for its gradients: they stay until they are returned */
    bool leads;     /* a node: a requested gradient is reached through it */

    /* Of leaves, and of computed tensors that retain their gradient. */
    bool retains;  /* a computed tensor, with the gradient to be retained */
    bool replaces; /* gradient[0] is the sum with the earlier gradient, and takes its place */
    bool hooked;   /* a leaf has hooks, of which some may be post-accumulate ones */
    struct cd_addition *addition;   /* owned: gradient[0] is added to the earlier one, in place */
    cd_tensor *old;                 /* owned: the earlier gradient, once another took its place */
    struct cd_graph_step *captured; /* owned: the step of the graph that is being captured */
} cd_pending;

typedef struct cd_pass {
    cd_engine_options options;
    cd_pending *items; /* in order of first arrival; an item's index never changes */
    int64_t count, room;
    int64_t *table; /* finds items by target: a hash table of 2 * room slots, index + 1 or 0 */
    int64_t *heap;  /* items that are nodes to be processed, the highest sequence number first */
    int64_t queued_count; /* length of the heap */
    bool anomaly;         /* anomaly mode: the gradients that backward rules give are checked */
    bool hooked;          /* some item is */
} cd_pass;

/* Whether nothing but the pass can see this gradient, so that it may be added to in place, and
 * become the gradient of a leaf. Borrowed memory belongs to whoever lent it. */
static inline bool cd_only_pass_has(const cd_tensor *gradient)
{
    const cd_storage *storage = gradient->storage;
    return atomic_load(&gradient->object.references) == 1 &&
           atomic_load(&storage->references) == 1 && !storage->borrowed && gradient->contiguous;
}

/* The end of a pass, when all nodes have run: calls the hooks of leaves, then accumulates the
 * gradients of leaves and of computed tensors that retain theirs, all of them or none. False with
 * an error. */
bool cd_engine_finish_leaves(cd_pass *pass);

#endif
