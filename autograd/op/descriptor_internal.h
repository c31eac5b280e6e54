/* What an op is: a descriptor, and functions that say what comes out (infer), compute it (run) and
 * differentiate it (backward). autograd/ops/ has one file per op; ops.def lists them.
 *
 *     const cd_op cd_op_sigmoid = {
 *         .name = "sigmoid",
 *         .formula = "y = 1 / (1 + exp(-x))",
 *         ...
 *         .inputs = 1,
 *         .input = { "x" },
 *         .elementwise = CD_FLOATING,
 *         .map = CD_MAP_sigmoid,
 *         .save = { { CD_OUTPUT, 0 } },
 *         .backward = backward,
 *     };
 *
 *     cd_tensor *cd_sigmoid(cd_tensor *x)
 *     {
 *         return cd_op_apply(&cd_op_sigmoid, x);
 *     }
 *
 * The dispatcher (call_internal.h) does the rest: it checks inputs, converts them, makes outputs,
 * runs the kernel of the device and records the node of the graph. */
#ifndef CANDELA_AUTOGRAD_OP_DESCRIPTOR_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_DESCRIPTOR_INTERNAL_H

#include <stddef.h>

#include "autograd/node_internal.h"
#include "autograd/op/attributes_internal.h"
#include "autograd/ops.h"
#include "core/cpu/map_internal.h"
#include "core/kernel_internal.h"

/* A descriptor leaves out what its op has not, also at the end of a slot, as in { CD_INPUT, 0 }. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

typedef struct cd_call cd_call;

enum { CD_OP_INPUTS = 6, CD_OP_OUTPUTS = 6, CD_OP_SAVES = 4 };

/* Numbers of inputs as a set: CD_SET(A) | CD_SET(B). */
#define CD_SET(input_) (1u << (input_))

/* --- outputs ---------------------------------------------------------------------------------- */

typedef enum cd_output_kind {
    CD_NEW = 0, /* a tensor of its own */
    CD_VIEW,    /* shows the memory of input `of`, by strides that infer gives */
    CD_CHANGED, /* input `of` itself, written to; it has no gradient */
    CD_BROUGHT  /* input `of` on the device of the call: a copy, and all there is to compute */
} cd_output_kind;

typedef struct cd_output {
    unsigned char kind; /* a cd_output_kind */
    unsigned char of;   /* an input */
    bool hidden;        /* only backward reads it */
} cd_output;

/* --- what backward needs ---------------------------------------------------------------------- */

typedef enum cd_saved_kind { CD_NOTHING = 0, CD_INPUT, CD_OUTPUT } cd_saved_kind;

/* A slot of the node. Of an op in place, input 0 is saved as it was before. */
typedef struct cd_save_slot {
    unsigned char kind;  /* a cd_saved_kind; CD_NOTHING ends the list */
    unsigned char index; /* which input or output */
    unsigned char for_;  /* the set of inputs whose gradient needs it; 0: that of any. Where none of
                            these requires a gradient, the slot stays empty. */
} cd_save_slot;

/* --- elementwise ops -------------------------------------------------------------------------- */

/* An elementwise op is declared: inputs meet in one dtype and broadcast, and the map does the rest.
 * The rule says what dtype they are computed in and what the result's is. */
typedef enum cd_elementwise {
    CD_NOT_ELEMENTWISE = 0,
    CD_SAME,     /* the dtype in which they meet */
    CD_FLOATING, /* that, but float32 for integers and bool */
    CD_TRUTH     /* the result is bool */
} cd_elementwise;

/* Which dtypes an op computes in. */
typedef enum cd_takes { CD_EVERY_DTYPE = 0, CD_NUMBERS, CD_FLOATS } cd_takes;

/* --- attributes ------------------------------------------------------------------------------- */

typedef enum cd_field_kind {
    CD_FIELD_END = 0,
    CD_FIELD_BOOL,    /* bool */
    CD_FIELD_DIM,     /* int: a dimension, or -1 */
    CD_FIELD_INTEGER, /* int64_t */
    CD_FIELD_PAIR,    /* int64_t[2]: height and width */
    CD_FIELD_REAL,    /* double */
    CD_FIELD_DTYPE,   /* cd_dtype */
    CD_FIELD_SHAPE,   /* cd_shape, also of strides */
    CD_FIELD_NUMBER,  /* cd_number, which may be absent */
    CD_FIELD_REDUCTION
} cd_field_kind;

typedef struct cd_field {
    const char *name;
    unsigned short kind, offset;
} cd_field;

#define CD_FIELD(struct_, kind_, member_)                                                          \
    {                                                                                              \
        .name = #member_, .kind = CD_FIELD_##kind_, .offset = offsetof(struct_, member_)           \
    }
#define CD_FIELDS_END                                                                              \
    {                                                                                              \
        .kind = CD_FIELD_END                                                                       \
    }
/* Of attributes that only backward reads; of a dimension alone; of a shape alone. */
extern const cd_field cd_no_fields[], cd_dim_fields[], cd_shape_fields[];
/* In a descriptor: the op's struct and the table of its fields. */
#define CD_OP_ATTRIBUTES(struct_, fields_) .attribute_bytes = sizeof(struct_), .fields = (fields_)

/* --- the descriptor --------------------------------------------------------------------------- */

struct cd_op {
    /* For sentences and for docs/ops.md. */
    const char *name;     /* "sigmoid" */
    const char *in_place; /* what sentences call its form in place; NULL: the same */
    const char *grad_fn;  /* PyTorch's name: "SigmoidBackward0"; NULL when it has no gradient */
    const char *like;     /* PyTorch's call: "torch.sigmoid(x)" */
    const char *formula;  /* "y = 1 / (1 + exp(-x))" */
    const char *gradient; /* "dx = dy * y * (1 - y)", or why there is none */
    const char *dtypes;   /* "floating; integers become float32" */

    /* Inputs. Those in `optional` may be left out, those in `numbers` may be numbers. Of a variadic
     * op all inputs are of the kind of input 0, and there may be any number of them. */
    unsigned char inputs;
    unsigned char optional, numbers;
    unsigned char no_gradient; /* the set of those that must not require one */
    bool variadic;
    const char *input[CD_OP_INPUTS]; /* their names */

    unsigned char outputs; /* 0 means one */
    bool changes;          /* one of them is CD_CHANGED */
    cd_output output[CD_OP_OUTPUTS];
    cd_save_slot save[CD_OP_SAVES];

    unsigned char elementwise; /* a cd_elementwise */
    unsigned char takes;       /* a cd_takes */
    cd_map map;

    size_t attribute_bytes; /* of its struct; 0: it has none */
    const cd_field *fields; /* ends with CD_FIELD_END */

    /* Says what comes out, from dtypes, shapes and attributes alone: fills in call->out, and
     * call->need where an input must be made ready. Completes the attributes (a dimension counted
     * from the end becomes plain). Reads no element, takes no memory and does not ask who requires
     * gradients. False with an error. NULL for elementwise ops: it follows from their rule. */
    bool (*infer)(cd_call *call);
    /* The sentence for what the kernel's check found. Returns false. */
    bool (*refuse)(cd_call *call, const cd_fault *fault);
    cd_kernel cpu; /* none for views, for elementwise ops, nor where contents are undefined */

    /* Fills dx[k] for each input k that cd_wanted says is wanted; NULL means that no gradient
     * flows. dy[j] is the gradient of output j, NULL when none came. Runs in a scope of its own.
     * Written in ops, so that it can be differentiated again, unless first_order_only says why not.
     * A dx that is broadcast against its input, or of another dtype, is brought back by the engine.
     */
    void (*backward)(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
    const char *first_order_only; /* the reason, or NULL */
    const char *contiguous_only;  /* why it refuses other inputs, or NULL */
    bool composed;                /* made of other ops, whose rules are its gradient */
    bool random;     /* draws random numbers, and other ones for another dtype or order in memory */
    bool once;       /* a node: refuses a second pass over a freed graph, though it saves nothing */
    bool overwrites; /* in place: nothing of what x was before is left */
    bool moves;      /* inputs may be on any device, and are copied to that of the output */
};

#define CD_OP(name_)             extern const cd_op cd_op_##name_;
#define CD_OP_PART(name_, part_) extern const cd_op cd_op_##part_;
#define CD_OP_NODE(name_)        extern const cd_op cd_op_##name_;
#include "autograd/ops.def"
#undef CD_OP

/* Every op, in the order of ops.def; ends with NULL. */
extern const cd_op *const cd_ops[];

#endif
