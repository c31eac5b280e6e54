/* The graph that a backward pass walks.
 *
 * Each op that is called in grad mode on a tensor that requires gradients leaves a node behind,
 * PyTorch's grad_fn. After  y = cd_mul(x, w), loss = cd_sum(y)  with leaves x and w, of which only
 * w requires gradients:
 *
 *     loss -grad_fn-> SumBackward0 -edge 0-> MulBackward0 -edge 0-> nothing: x needs no gradient
 *                                                         -edge 1-> w, a leaf
 *
 * A node has one edge for each input of its op. The edge leads to where the gradient of that input
 * goes: to the node that computed the input, or to the input itself if it is a leaf. A leaf is a
 * tensor that no recorded op computed; its gradient is accumulated in the tensor's cd_variable. A
 * node also has the op's attributes and the values that the op's backward rule needs.
 *
 * References go from results to inputs: a tensor holds the node that computed it, a node holds the
 * targets of its edges and the saved values. A node does not hold its own outputs, so there is no
 * cycle, and a graph is freed with the last tensor that leads to it.
 *
 * op/record.c makes nodes, engine.c walks them, variable.c has what a tensor knows of the graph. */
#ifndef CANDELA_AUTOGRAD_NODE_INTERNAL_H
#define CANDELA_AUTOGRAD_NODE_INTERNAL_H

#include "autograd/autograd.h"
#include "autograd/hook_list_internal.h"
#include "core/operand_internal.h"
#include "core/tensor_internal.h"

typedef struct cd_node cd_node;
typedef struct cd_op cd_op;

/* Where the gradient of one input goes. */
typedef struct cd_edge {
    cd_object *target; /* a reference to a cd_node or a leaf cd_tensor; NULL: none is wanted */
    int index;         /* which output of the target node the input was; 0 for a leaf */
} cd_edge;

/* The dtype and shape of an input or output, which its gradient must have too. */
typedef struct cd_value_info {
    cd_dtype dtype;
    cd_shape shape;
} cd_value_info;

/* A value that is saved for the backward rule, with the version that its storage had: a change in
 * place raises the version, and the saved value is refused then.
 *
 * A leaf that requires gradients is saved as itself, since its gradient goes there when the
 * backward rule is differentiated. Of any other tensor the slot has storage, layout and history,
 * from which cd_saved_value makes a tensor again. It does not hold the tensor: that may later be
 * changed in place and get a history that leads to this node, which would be a cycle. */
typedef struct cd_saved {
    cd_tensor *leaf;     /* a reference; NULL for anything else, and in an empty slot */
    cd_storage *storage; /* a reference; NULL for a leaf, and in an empty slot */
    cd_node *history;    /* a reference: what computed the value; NULL if nothing, or this node */
    int index;           /* which output of `history`, or of this node, the value is */
    bool is_output;      /* this node computed the value */
    uint32_t version;
    cd_layout layout;
} cd_saved;

/* The engine has room on its stack for the gradients of a node with up to so many edges and
 * outputs; for a node with more it allocates. */
enum { CD_NODE_EDGES = 4, CD_NODE_OUTPUTS = 2 };

/* The arrays lie in the node's own memory, behind the struct. */
struct cd_node {
    cd_object object;
    const cd_op *op;
    uint64_t sequence; /* counts nodes of all threads: a node's number is above its inputs' */
    int edges, outputs, saved; /* lengths of the arrays */
    bool freed;                /* a backward pass has freed the saved values */
    bool custom;               /* of a cd_function: `context` has what its backward needs */
    unsigned char device;      /* of the outputs: a cd_device */
    bool in_place;             /* by cd_view_in_place: PyTorch has another name for such a node */
    bool number_not_finite;    /* set in anomaly mode: an input that is a number is NaN or Inf */
    cd_hook_list hooks;        /* of all outputs */
    cd_edge *edge;             /* of each input */
    cd_value_info *input;      /* of each input; not set for one that is a number or was left out */
    cd_value_info *output;     /* of each output; not set for one that nobody asked for */
    cd_saved *save;            /* the slots that the op declares (cd_op.save) */
    cd_number *number;         /* of each input, if the op takes numbers: set for those given one */
    union {
        void *attributes;           /* a copy of the op's struct of attributes */
        struct cd_context *context; /* of a custom node, which owns it */
    };
};

extern const cd_class cd_node_class;

/* --- making a node ---------------------------------------------------------------------------- */

/* A node of this op with empty edges and slots; one owner, the caller. NULL with an error. */
cd_node *cd_node_new(const cd_op *op, int inputs, int outputs);
/* Sets edge and info of input k, which is t. Whether the gradient of t is wanted. */
bool cd_node_connect(cd_node *node, int k, cd_tensor *t);
/* The dtype and shape that a gradient must have when it arrives at the edge's target. */
cd_value_info cd_edge_info(cd_edge edge);
/* The device that such a gradient must be on. */
cd_device cd_edge_device(cd_edge edge);

/* Whether the gradient of input k is wanted: PyTorch's ctx.needs_input_grad[k]. */
bool cd_wanted(const cd_node *node, int k);
/* Whether the gradient of any input is wanted. Of a recorded node it is not when all inputs that
 * required gradients were views made under CD_NO_GRAD(). */
bool cd_wanted_any(const cd_node *node);

/* PyTorch's name of the node. */
const char *cd_node_name(const cd_node *node);

/* --- saved values ----------------------------------------------------------------------------- */

/* Fills an empty slot with t, an input of the call, at this version. `overwritten` says that the
 * call itself writes to t's memory: backward will refuse the value, which then gets no history. */
void cd_saved_set_input(cd_saved *slot, cd_tensor *t, uint32_t version, bool overwritten);
/* Fills an empty slot with t, the output `index` of the call, at this version. */
void cd_saved_set_output(cd_saved *slot, const cd_tensor *t, uint32_t version, int index);

/* For backward rules: the value in slot k, handed to the scope that is open. NULL with
 * CD_ERR_AUTOGRAD when an earlier pass has freed the value, or the memory was written to since. */
cd_tensor *cd_saved_value(cd_node *node, int k);
/* For backward rules: the input that slot k is declared to save, a tensor or a number. */
cd_operand cd_saved_input(cd_node *node, int k);
/* Whether slot k has a value: a wanted gradient needs it, and no pass has freed it. */
static inline bool cd_has_saved(const cd_node *node, int k)
{
    return node->save[k].leaf || node->save[k].storage;
}
/* For backward rules: the attributes, as the op's struct. */
static inline const void *cd_attributes_of(const cd_node *node)
{
    return node->attributes;
}
/* Frees the saved values, at the end of a pass without retain_graph. */
void cd_node_free_saved(cd_node *node);
/* Sets the error of a second pass over a freed graph; returns false. */
bool cd_fail_freed(const cd_node *node);
/* Sets the error of a saved value whose memory is at `version`, not `saved`; returns false. */
bool cd_fail_overwritten(const cd_node *node, cd_value_info value, uint32_t version,
                         uint32_t saved);

/* --- tensors ---------------------------------------------------------------------------------- */

/* What autograd keeps for a tensor, PyTorch's AutogradMeta. A tensor gets one when it needs it. */
typedef struct cd_variable {
    const cd_extension *functions;
    /* Owned: the accumulated gradient of a leaf, or of a computed tensor that retains it. Written
     * only under the leaf's lock; without the lock it may be compared with NULL. */
    cd_tensor *_Atomic grad;
    cd_node *grad_fn;   /* a reference: the node that computed the tensor; NULL for a leaf */
    int output;         /* which output of grad_fn the tensor is */
    cd_hook *retain;    /* in grad_fn's hooks, while a computed tensor retains its gradient */
    cd_hook_list hooks; /* of a leaf */
} cd_variable;

/* NULL when t has none. */
static inline cd_variable *cd_variable_of(const cd_tensor *t)
{
    return (cd_variable *)(void *)t->extension;
}

/* The one that t has, or a new one; NULL with an error. */
cd_variable *cd_variable_need(cd_tensor *t);

static inline cd_node *cd_grad_fn_of(const cd_tensor *t)
{
    cd_variable *v = cd_variable_of(t);
    return v ? v->grad_fn : NULL;
}

/* The edge of an input t: where its gradient goes. Whoever keeps the edge takes a reference. */
static inline cd_edge cd_edge_to(cd_tensor *t)
{
    cd_node *node = cd_grad_fn_of(t);
    if (node) return (cd_edge){ &node->object, cd_variable_of(t)->output };
    return (cd_edge){ t->requires_grad ? &t->object : NULL, 0 };
}

/* Whether t is a computed tensor that retains its gradient (cd_retain_grad). */
static inline bool cd_retains(const cd_tensor *t)
{
    cd_variable *v = cd_variable_of(t);
    return v && v->retain;
}

/* Whether t requires gradients, itself a leaf or computed from one. For views: cd_view_tracks. */
static inline bool cd_tracks(const cd_tensor *t)
{
    return t->requires_grad || cd_grad_fn_of(t) != NULL;
}

/* Makes t the output `index` of node, in place of what computed it before. False with an error, for
 * want of memory; never when t has a cd_variable. */
bool cd_set_history(cd_tensor *t, cd_node *node, int index);

/* --- gradients of leaves ---------------------------------------------------------------------- */

/* The gradient of t, which has a variable; the caller becomes an owner. NULL when there is none. */
cd_tensor *cd_grad_own(cd_tensor *t);
/* Gives a leaf with a variable and without a gradient this one, and becomes an owner of it. False,
 * without an error, when the leaf has one. */
bool cd_grad_put(cd_tensor *leaf, cd_tensor *gradient);

/* The lock of a leaf's gradient, held while it is read and replaced. */
void cd_grad_lock(const cd_tensor *leaf);
void cd_grad_unlock(const cd_tensor *leaf);
/* The lock of accumulation: held while a pass adds its gradients to all its leaves. Taken before a
 * leaf's lock. */
void cd_accumulation_lock(void);
void cd_accumulation_unlock(void);

/* --- views: see views.c ----------------------------------------------------------------------- */

/* Makes t a view of `of`, whose storage it shares, or of the base of `of` if that is a view. */
void cd_view_of(cd_tensor *t, cd_tensor *of);
/* Makes t a tensor that is no view, for a caller that alone has its memory. The
 * history of t stays. */
void cd_view_forget(cd_tensor *t);

/* Whether t still shows memory of its base. Not so once either has moved (cd_module_to). */
static inline bool cd_view_shares_base(const cd_tensor *t)
{
    return t->base && t->base->storage == t->storage;
}

/* cd_tracks for any tensor: a view requires gradients when its base does. */
static inline bool cd_view_tracks(const cd_tensor *t)
{
    return t->requires_grad || (cd_view_shares_base(t) && cd_tracks(t->base)) ||
           cd_grad_fn_of(t) != NULL;
}

/* Makes a new history for view t, whose memory was changed in place since the last one was made.
 * False with an error: without memory, and with CD_ERR_AUTOGRAD for a view that was made while no
 * graph was recorded. */
bool cd_view_make_history(cd_tensor *t, const char *function);
/* Must be called before the history of any tensor is used: makes a new one for a view that needs
 * it, and returns at once for any other tensor. False with an error that begins with `function`. */
static inline bool cd_view_update_history(const cd_tensor *t, const char *function)
{
    if (!t->is_view || atomic_load_explicit(&t->known_version, memory_order_acquire) ==
                           cd_storage_version(t->storage)) {
        return true;
    }
    return cd_view_make_history((cd_tensor *)(uintptr_t)t, function);
}
/* The same for all inputs that are views; inputs may be NULL. Sets *tracked if one of these views
 * requires gradients. */
bool cd_views_update_history(cd_tensor *const *input, int inputs, const char *function,
                             bool *tracked);
/* Whether t is a view whose memory was changed, and that cannot get a new history. */
bool cd_view_history_lost(const cd_tensor *t);

/* Whether x, a view, may be changed in place by a recorded op; the error begins with `function`. */
bool cd_check_view_changeable(const char *function, const cd_tensor *x);

/* A recorded change of x in place, in two steps: x becomes the output `index` of node. Prepare does
 * all that can fail, before x is changed. If x is a view, then its base will get a new history too:
 * the node *slices, which the caller owns until link. *slices is NULL otherwise. */
bool cd_history_prepare(cd_tensor *x, cd_node *node, int index, cd_node **slices);
/* Sets the histories after the change, and takes the caller's ownership of slices. */
void cd_history_link(cd_tensor *x, cd_node *node, int index, cd_node *slices);

#endif
