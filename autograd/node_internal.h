/* The graph: a node for each recorded op, edges from it to what its inputs were computed by. */
#ifndef CANDELA_AUTOGRAD_NODE_INTERNAL_H
#define CANDELA_AUTOGRAD_NODE_INTERNAL_H

#include "autograd/autograd.h"
#include "autograd/hook_list_internal.h"
#include "core/operand_internal.h"
#include "core/tensor_internal.h"

typedef struct cd_node cd_node;
typedef struct cd_op cd_op;

/* Where the gradient of one input goes: to a node, as the gradient of its output `index`, or to a
 * leaf. Both are objects, and the edge holds a reference. */
typedef struct cd_edge {
    cd_object *target; /* a cd_node, a leaf cd_tensor, or NULL when none is wanted */
    int index;
} cd_edge;

/* What an input or output is, and so what its gradient must be. */
typedef struct cd_value_info {
    cd_dtype dtype;
    cd_shape shape;
} cd_value_info;

/* A value that backward needs. A leaf that requires gradients is held itself, since it is where its
 * gradient goes. Of anything else this has what it takes to make it again, with the history that it
 * had: what the original becomes later, changed in place, may lead back to this node. The history
 * of an output is this node. */
typedef struct cd_saved {
    cd_tensor *leaf;     /* a reference; NULL for anything else, and in an empty slot */
    cd_storage *storage; /* a reference; NULL for a leaf, and in an empty slot */
    cd_node *history;    /* a reference; NULL where there is none, and of an output */
    int index;           /* of the output of history, or of this node */
    bool is_output;
    uint32_t version;
    cd_layout layout;
} cd_saved;

/* What the engine keeps at hand for a node; those with more have it allocated. */
enum { CD_NODE_EDGES = 4, CD_NODE_OUTPUTS = 2 };

struct cd_node {
    cd_object object;
    const cd_op *op;
    uint64_t sequence; /* in order of creation, over all threads: consumers have larger ones */
    int edges, outputs, saved; /* as many as the arrays below have */
    bool freed;                /* the saved values were given up after a backward pass */
    bool custom; /* of a user's own function: it has a context, which saves what backward needs */
    unsigned char device; /* of the outputs, a cd_device */
    bool excused;         /* in anomaly mode: a number that the op was given is NaN or Inf */
    cd_hook_list hooks;   /* of its outputs */
    /* In the node's own memory, behind it. */
    cd_edge *edge;        /* for each input */
    cd_value_info *input; /* of inputs that are tensors */
    cd_value_info *output;
    cd_saved *save;    /* by the slots that the op declares */
    cd_number *number; /* of inputs that may be numbers, in their order */
    union {
        void *attributes;           /* the op's struct */
        struct cd_context *context; /* of a custom one, which owns it */
    };
};

extern const cd_class cd_node_class;

/* A node with room for what the op declares, all of it zeroed; its owner is the caller. NULL with
 * an error. */
cd_node *cd_node_new(const cd_op *op, int inputs, int outputs);
/* Makes t the input k. True when its gradient is wanted. */
bool cd_node_connect(cd_node *node, int k, cd_tensor *t);
/* Gives up the saved values after a pass; those who need them later get an error. */
void cd_node_free_saved(cd_node *node);

/* Fills an empty slot: t, an input of the call, as of this version of its storage. What the call
 * itself overwrites (`written`) is of no use but for the error that says so, and gets no history.
 */
void cd_saved_hold(cd_saved *slot, cd_tensor *t, uint32_t version, bool written);
/* The same with output `index` of the call. */
void cd_saved_hold_output(cd_saved *slot, const cd_tensor *t, uint32_t version, int index);

/* For backward rules: the k-th saved value, handed to the scope that is open. NULL with
 * CD_ERR_AUTOGRAD when it was freed by an earlier pass or has been written to since. */
cd_tensor *cd_saved_value(cd_node *node, int k);
/* Slot k holds a value: it was needed, and no pass has freed it. */
static inline bool cd_has_saved(const cd_node *node, int k)
{
    return node->save[k].leaf || node->save[k].storage;
}
/* The input that slot k is declared to save, a tensor or a number. */
cd_operand cd_saved_input(cd_node *node, int k);
/* The attributes, as the op's struct. */
static inline const void *cd_attributes_of(const cd_node *node)
{
    return node->attributes;
}
/* The two errors of that. */
bool cd_fail_freed(const cd_node *node);
bool cd_fail_overwritten(const cd_node *node, cd_value_info value, uint32_t version,
                         uint32_t saved);
/* Whether anyone wants the gradient of input k. */
bool cd_wanted(const cd_node *node, int k);
/* That of any. No one's is where all that required gradients was a view made under CD_NO_GRAD(). */
bool cd_wanted_any(const cd_node *node);

/* What autograd hangs on a tensor. */
typedef struct cd_variable {
    const cd_extension *functions;
    /* Of a leaf, or retained; owned. Changed only under the leaf's lock; without the lock it may be
     * read to see whether there is one. */
    cd_tensor *_Atomic grad;
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

/* --- views: see views.c ----------------------------------------------------------------------- */

/* Makes t, which shares the storage of `of`, a view of what that is or shows a part of. */
void cd_view_of(cd_tensor *t, cd_tensor *of);
/* Makes it no view, for whoever holds the only handle to what it shows; its history stays. */
void cd_view_forget(cd_tensor *t);

/* Makes a new history for a view whose base, or another view of it, was changed in place since.
 * False with an error: without memory, and with CD_ERR_AUTOGRAD for a view that was made while no
 * graph was recorded. */
bool cd_view_renew(cd_tensor *t, const char *function);
/* A view that is behind a change and cannot get a new history. */
bool cd_view_lost(const cd_tensor *t);
/* The history of t is right, or was made so. */
static inline bool cd_view_current(const cd_tensor *t, const char *function)
{
    if (!t->is_view || atomic_load_explicit(&t->known_version, memory_order_acquire) ==
                           cd_storage_version(t->storage)) {
        return true;
    }
    return cd_view_renew((cd_tensor *)(uintptr_t)t, function);
}
/* That of all inputs that are views; some may be NULL. Sets *tracked if one requires gradients. */
bool cd_views_current(cd_tensor *const *input, int inputs, const char *function, bool *tracked);

/* A view shows a part of its base, unless that has gone to other memory since (cd_module_to). */
static inline bool cd_view_follows(const cd_tensor *t)
{
    return t->base && t->base->storage == t->storage;
}

/* A view requires gradients when its base does: cd_tracks for all tensors. */
static inline bool cd_view_tracks(const cd_tensor *t)
{
    return t->requires_grad || (cd_view_follows(t) && cd_tracks(t->base)) ||
           cd_grad_fn_of(t) != NULL;
}

/* x is a view that a recorded op may change in place; `function` begins the sentence when not. */
bool cd_check_view_changeable(const char *function, const cd_tensor *x);

/* For x, which is about to be changed in place and become the output `index` of node: all of it
 * that can fail. If x is a view, then its base is what gets a new history, *slices. Its owner is
 * the caller, until cd_history_link takes it. */
bool cd_history_prepare(cd_tensor *x, cd_node *node, int index, cd_node **slices);
void cd_history_link(cd_tensor *x, cd_node *node, int index, cd_node *slices);

/* Where the gradient of t goes; the caller's edge takes a reference. */
static inline cd_edge cd_edge_to(cd_tensor *t)
{
    cd_node *node = cd_grad_fn_of(t);
    if (node) return (cd_edge){ &node->object, cd_variable_of(t)->output };
    return (cd_edge){ t->requires_grad ? &t->object : NULL, 0 };
}
/* The shape and dtype that a gradient sent along the edge must have, and its device. */
cd_value_info cd_edge_info(cd_edge edge);
cd_device cd_edge_device(cd_edge edge);

/* The gradient of t, which has a variable, with one owner more, the caller; NULL for none. */
cd_tensor *cd_grad_held(cd_tensor *t);
/* Gives a leaf that has none, and a variable, its gradient, of which it becomes an owner. False,
 * without an error, when it has one. */
bool cd_grad_put(cd_tensor *leaf, cd_tensor *gradient);

/* Guards a leaf's gradient while it is read and replaced. */
void cd_grad_lock(const cd_tensor *leaf);
void cd_grad_unlock(const cd_tensor *leaf);
/* Held while a pass brings its gradients to the leaves; taken before a leaf's lock. */
void cd_accumulation_lock(void);
void cd_accumulation_unlock(void);

#endif
