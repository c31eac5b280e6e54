/* Functions of one's own (cd_function) from the inside. A node of one is `custom`: instead of an
 * op's attributes and saved values it has a context, which the user's forward fills and the user's
 * backward reads. function.c runs forward and backward, context.c has the context. */
#ifndef CANDELA_AUTOGRAD_FUNCTION_INTERNAL_H
#define CANDELA_AUTOGRAD_FUNCTION_INTERNAL_H

#include "autograd/function.h"
#include "autograd/dispatch/descriptor_internal.h"

/* A saved tensor. While forward runs it is `tensor`. At the end of forward a leaf that requires
 * gradients stays so, and of any other the value gets storage, layout and history instead, from
 * which cd_saved_tensor makes a tensor again: the tensor itself may get a history later that leads
 * to the node which saved it, and that would be a cycle. See cd_saved in node_internal.h. */
typedef struct cd_context_value {
    cd_tensor *tensor;   /* a reference */
    cd_storage *storage; /* a reference */
    cd_node *history;    /* a reference: what computed the value; NULL if nothing, or this node */
    int index;           /* which output of `history`, or of this node, the value is */
    bool is_output;      /* this node computed the value */
    uint32_t version;    /* of the storage, at the end of forward */
    cd_value_info info;
    int64_t offset;
    int64_t stride[CD_MAX_DIMS];
} cd_context_value;

typedef struct cd_context_input {
    uint32_t version; /* of its storage, before forward */
    bool needs_grad;
    bool dirty; /* cd_mark_dirty; of an input that is given twice, the first */
} cd_context_input;

/* Allocated together with the arrays input, output, out and differentiable. */
struct cd_context {
    const cd_function *function;
    cd_op op;       /* what the node is an instance of: the function's names and backward */
    cd_node *node;  /* which owns the context; NULL until the call is recorded */
    bool open;      /* forward is running */
    bool record;    /* a node will be made */
    bool grad_mode; /* of the caller; within forward grad mode is off */
    bool no_zeros;  /* cd_set_materialize_grads(ctx, false) */
    int inputs;
    cd_context_input *input; /* of each input */
    cd_tensor *const *in;    /* the caller's array, while forward is running */
    cd_tensor **out;         /* of each output */
    cd_value_info *output;   /* of each output */
    bool *differentiable;    /* of each output: it gets a history */
    cd_context_value *save;  /* saved tensors, with room for save_room */
    int saved, save_room;
    cd_tensor **mark; /* outputs marked non-differentiable: compared, never dereferenced */
    int marked, mark_room;
    void *user; /* the user's data, which `destroy` frees */
    void (*destroy)(void *user);
};

/* Whether the function is complete and can be called with these inputs. False with an error. */
bool cd_function_check(const cd_function *function, cd_tensors inputs);

/* A context for so many inputs, with everything else unset. NULL with an error. */
cd_context *cd_context_new(const cd_function *function, int inputs);
/* Frees the context, its saved tensors and the user's data. */
void cd_context_free(cd_context *ctx);
/* Frees the saved tensors alone. */
void cd_context_free_saved(cd_context *ctx);

/* The number of the input that t is; -1 if it is none. */
int cd_context_input_of(const cd_context *ctx, const cd_tensor *t);
/* Whether t is an output that was marked non-differentiable. */
bool cd_context_is_non_differentiable(const cd_context *ctx, const cd_tensor *t);
/* Ends forward: saved values no longer hold the tensors they were saved from. */
void cd_context_seal(cd_context *ctx);

#endif
