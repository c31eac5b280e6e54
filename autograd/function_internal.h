/* The context of a user's own function: what its node has beyond other nodes. */
#ifndef CANDELA_AUTOGRAD_FUNCTION_INTERNAL_H
#define CANDELA_AUTOGRAD_FUNCTION_INTERNAL_H

#include "autograd/function.h"
#include "autograd/op/descriptor_internal.h"

/* A saved tensor. While forward runs, and for good if it is a leaf that requires gradients, the
 * tensor itself; at the end of forward any other becomes what it takes to make it again, so that
 * whatever history it gets later cannot lead back to the node that saved it. */
typedef struct cd_context_value {
    cd_tensor *tensor; /* a reference */
    cd_storage *storage;
    cd_node *history; /* what computed it: a reference; NULL if nothing, or this node */
    int index;        /* of the output of history, or of this node */
    bool own;         /* it is an output of this node */
    uint32_t version;
    cd_value_info info;
    int64_t offset;
    int64_t stride[CD_MAX_DIMS];
} cd_context_value;

typedef struct cd_context_input {
    uint32_t version; /* before forward */
    bool needs_grad;
    bool dirty; /* of an input given twice, the first */
} cd_context_input;

/* One allocation, the arrays that follow it included; not those that grow. */
struct cd_context {
    const cd_function *function;
    cd_op op;       /* its name, and the way back: what its node is an instance of */
    cd_node *node;  /* which holds the context; NULL until it is recorded */
    bool open;      /* forward is running */
    bool record;    /* a node will be wanted */
    bool grad_mode; /* around the call; off within forward */
    int inputs;
    cd_context_input *input;
    cd_tensor *const *in; /* the caller's, while forward is running */
    cd_tensor **out;
    cd_value_info *output;
    bool *differentiable; /* of each output */
    cd_context_value *save;
    int saved, save_room;
    cd_tensor **mark; /* non-differentiable ones: compared, never looked into */
    int marked, mark_room;
    void *user;
    void (*destroy)(void *user);
};

/* The function can be called with so many inputs. */
bool cd_function_check(const cd_function *function, cd_tensors inputs);

/* A context for so many inputs, of which nothing is known yet. NULL with an error. */
cd_context *cd_context_new(const cd_function *function, int inputs);
/* Frees it, what it saved, and the user's data. */
void cd_context_free(cd_context *ctx);
/* Gives up what it saved. */
void cd_context_free_saved(cd_context *ctx);

/* The number of the input that t is, -1 if none. */
int cd_context_input_of(const cd_context *ctx, const cd_tensor *t);
bool cd_context_is_marked(const cd_context *ctx, const cd_tensor *t);
/* Makes what was saved independent of the tensors it was saved from. */
void cd_context_seal(cd_context *ctx);

#endif
