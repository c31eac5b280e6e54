/* What an op is: a descriptor (cd_op), and the functions it points to. autograd/ops/ has a file for
 * each op; ops.def lists them.
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
 *         .backward = sigmoid_backward,
 *     };
 *
 *     cd_tensor *cd_sigmoid(cd_tensor *x)
 *     {
 *         return cd_op_apply(&cd_op_sigmoid, x);
 *     }
 *
 * An op says what its inputs, outputs, attributes and saved values are, and has up to seven
 * functions. Those with a dot are members of the kernel, cd_op.cpu, and another device has its own.
 * A call uses them in this order:
 *
 *     infer        dtypes and shapes of the outputs, or an error; reads no element
 *     .check       reads elements before anything is written, as whether indices are in range
 *     refuse       makes an error of what .check has found
 *     .measure     the size of an output that depends on elements, as for masked_select
 *     .workspace   how many bytes .run needs for temporary values
 *     .run         computes the outputs; cannot fail
 *     backward     later, in a backward pass: the gradients of the inputs, written in ops
 *
 * The dispatcher (dispatch.c; call_internal.h says how to call an op) does the rest for all ops:
 * it checks and converts the inputs, allocates the outputs, calls the kernel of the device and
 * records a node. */
#ifndef CANDELA_AUTOGRAD_DISPATCH_DESCRIPTOR_INTERNAL_H
#define CANDELA_AUTOGRAD_DISPATCH_DESCRIPTOR_INTERNAL_H

#include "autograd/node_internal.h"
#include "autograd/dispatch/attributes_internal.h"
#include "autograd/logic.h"
#include "autograd/ops.h"
#include "core/cpu/map_internal.h"
#include "core/kernel_internal.h"

/* Descriptors leave members out, which are 0 then. clang warns where an initializer without names
 * does so, as { CD_INPUT, 0 }, which has no `for_`. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

typedef struct cd_call cd_call;

enum { CD_OP_INPUTS = 8, CD_OP_OUTPUTS = 6, CD_OP_SAVES = 6 };

/* A set of small numbers, such as those of inputs: CD_SET(A) | CD_SET(B) has A and B. */
#define CD_SET(number_) (1u << (number_))

/* --- outputs ---------------------------------------------------------------------------------- */

typedef enum cd_output_kind {
    CD_NEW = 0, /* a new tensor */
    CD_VIEW,    /* a view of input `of`; infer gives its shape, strides and offset */
    CD_CHANGED, /* input `of` itself, changed by the op, such as running_mean; no gradient */
    CD_COPIED   /* a copy of input `of` on the device of the call, which is all that the op does */
} cd_output_kind;

typedef struct cd_output {
    unsigned char kind; /* a cd_output_kind */
    unsigned char of;   /* the number of an input */
    bool hidden;        /* made for backward alone: the caller cannot ask for it */
} cd_output;

/* --- what backward needs ---------------------------------------------------------------------- */

typedef enum cd_saved_kind { CD_NOTHING = 0, CD_INPUT, CD_OUTPUT } cd_saved_kind;

/* A value that the node saves. When the op changes its input 0 in place, a saved input 0 is a copy
 * from before the change. */
typedef struct cd_save_slot {
    unsigned char kind;  /* a cd_saved_kind; CD_NOTHING ends the list */
    unsigned char index; /* the number of the input or output */
    unsigned char for_;  /* the set of inputs whose gradient needs the value; 0: of all. When the
                            gradient of none of them is wanted, the slot stays empty. */
} cd_save_slot;

/* --- elementwise ops -------------------------------------------------------------------------- */

/* An elementwise op needs neither infer nor run. Its inputs are promoted to one dtype and broadcast
 * to one shape, and a function of the elements (cd_op.map) is applied. The rule says in which dtype
 * that is computed, and what the dtype of the result is. */
typedef enum cd_elementwise {
    CD_NOT_ELEMENTWISE = 0,
    CD_SAME,     /* computed and returned in the promoted dtype (torch.result_type of the inputs) */
    CD_FLOATING, /* the same, but in float32 when that is an integer dtype or bool */
    CD_TRUTH     /* computed in the promoted dtype; the result is bool, or in place 0 and 1 in x's
                    dtype */
} cd_elementwise;

/* In which dtypes an op computes, as a set; an error for others. */
typedef enum cd_dtype_set {
    CD_EVERY_DTYPE = 0,
    CD_FLOATS = CD_SET(CD_F32) | CD_SET(CD_F64),
    CD_INTEGERS = CD_SET(CD_I64) | CD_SET(CD_I32) | CD_SET(CD_U8),
    CD_INTEGERS_AND_BOOL = CD_INTEGERS | CD_SET(CD_BOOL),
    CD_NUMERIC = CD_FLOATS | CD_INTEGERS
} cd_dtype_set;

/* --- the descriptor --------------------------------------------------------------------------- */

/* In a descriptor: the op's struct of attributes and the table of its fields. */
#define CD_OP_ATTRIBUTES(struct_, fields_) .attribute_bytes = sizeof(struct_), .fields = (fields_)

struct cd_op {
    /* Texts, for errors and for docs/ops.md. */
    const char *name;          /* "sigmoid": errors begin with it */
    const char *in_place_name; /* of the form in place, if errors call it by another name */
    const char *grad_fn; /* PyTorch's name of the node: "SigmoidBackward0"; NULL: no gradient */
    const char *in_place_grad_fn; /* of a view: the name after cd_view_in_place */
    const char *like;             /* PyTorch's call: "torch.sigmoid(x)" */
    const char *formula;          /* "y = 1 / (1 + exp(-x))" */
    const char *gradient;         /* "dx = dy * y * (1 - y)", or why there is none */
    const char *dtypes;           /* "floating; integers become float32" */

    unsigned char inputs;            /* how many; a variadic op has 1 here */
    unsigned char optional;          /* the set of inputs that may be left out (NULL) */
    unsigned char numbers;           /* the set of inputs that may be numbers */
    unsigned char no_gradient;       /* the set of inputs that must not require gradients */
    bool variadic;                   /* takes any number of inputs, all described by input 0 */
    const char *input[CD_OP_INPUTS]; /* their names, for errors */

    unsigned char outputs;           /* how many; 0 means 1 */
    bool changes;                    /* an output is CD_CHANGED */
    cd_output output[CD_OP_OUTPUTS]; /* all zero: a new tensor */
    cd_save_slot save[CD_OP_SAVES];  /* what a node saves, slot by slot */

    unsigned char elementwise; /* a cd_elementwise */
    unsigned char computes_in; /* a cd_dtype_set */
    cd_map map;                /* of an elementwise op without a kernel of its own */

    size_t attribute_bytes; /* the size of the op's struct of attributes; 0: it has none */
    const cd_field *fields; /* ends with CD_FIELDS_END */

    /* Sets call->out, and call->need for inputs that the kernel needs in another dtype or layout.
     * Completes the attributes, as by counting a dimension from the front. Looks at dtypes, shapes
     * and attributes only: reads no element, allocates nothing, and does not ask which inputs
     * require gradients. False with an error. NULL for an elementwise op: it follows from its
     * rule. */
    bool (*infer)(cd_call *call);
    /* Sets the error for what the kernel's check has found; returns false. */
    bool (*refuse)(cd_call *call, const cd_fault *fault);
    /* The processor's kernel. It has no `run` for views, for elementwise ops with a map, for copies
     * to a device, and for cd_empty, whose result has undefined contents. */
    cd_kernel cpu;

    /* Sets dx[k], the gradient of input k, for each k for which cd_wanted(node, k); NULL stands for
     * no gradient. dy[j] is the gradient of output j, NULL if none came. Called in a scope of its
     * own. A dx that has the broadcast shape or the promoted dtype is brought to those of the input
     * by the engine. Rules are written in ops, so that they can be differentiated in turn. */
    void (*backward)(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
    const char *first_order_only; /* why the rule cannot be differentiated; NULL: it can */
    const char *contiguous_only;  /* why infer may refuse inputs that are not contiguous; or NULL */
    bool composed;   /* a function made of other ops, whose backward rules give its gradient */
    bool random;     /* draws numbers, which depend on dtype and order in memory */
    bool once;       /* a second pass over a freed graph is refused, though nothing was saved */
    bool overwrites; /* in place: the result does not depend on what x was before */
    bool moves;      /* takes inputs from other devices, and copies them to that of the output */
};

/* cd_op_NAME, for each op of ops.def. */
#define CD_OP(name_)             extern const cd_op cd_op_##name_;
#define CD_OP_PART(name_, part_) extern const cd_op cd_op_##part_;
#define CD_OP_NODE(name_)        extern const cd_op cd_op_##name_;
#include "autograd/ops.def"
#undef CD_OP

/* Every op that can be called, in the order of ops.def; ends with NULL. */
extern const cd_op *const cd_ops[];

#endif
