/* A call of an op, on its way through the dispatcher.
 *
 * cd_call_begin sets up a cd_call: the op, the inputs, the attributes. Then come two halves:
 *
 *     cd_call_prepare   does all that can fail. It checks the inputs (check.c), calls infer and the
 *                       kernel's check, copies inputs that the kernel needs in another dtype or
 *                       layout (arguments.c), allocates the outputs and makes the node (record.c).
 *     cd_call_commit    cannot fail. It raises the versions of what is changed, runs the kernel
 *                       and gives the outputs their history.
 *
 * cd_call_finish then hands the outputs to the caller. cd_call_run does all of it. The two halves
 * are separate for callers that must change several tensors or none: they prepare all their calls
 * before they commit the first, as the engine and the optimizers do.
 *
 * Each op's own function, such as cd_relu, makes its call by cd_op_apply or one of its
 * relatives. */
#ifndef CANDELA_AUTOGRAD_DISPATCH_CALL_INTERNAL_H
#define CANDELA_AUTOGRAD_DISPATCH_CALL_INTERNAL_H

#include "autograd/dispatch/descriptor_internal.h"
#include "core/dtype_internal.h"

enum {
    CD_CALL_INLINE = CD_OP_INPUTS, /* a cd_call has room for so many inputs; else it allocates */
    CD_CALL_EXTRA_TEMPORARIES = CD_OP_OUTPUTS + 2 /* beside a copy of each input */
};

/* --- calling an op ---------------------------------------------------------------------------- */

/* Calls an op whose inputs are tensors: cd_op_apply(&cd_op_mv, a, x). The result is handed to the
 * scope that is open; NULL with an error. */
#define cd_op_apply(op_, ...)                      cd_op_apply_(op_, false, NULL, __VA_ARGS__)
/* The same in place: the first input is changed and returned. */
#define cd_op_in_place(op_, ...)                   cd_op_apply_(op_, true, NULL, __VA_ARGS__)
/* With attributes, which infer may complete: cd_op_with(&cd_op_sum_dim, &attributes, x). */
#define cd_op_with(op_, attributes_, ...)          cd_op_apply_(op_, false, attributes_, __VA_ARGS__)
/* In place, with attributes. */
#define cd_op_in_place_with(op_, attributes_, ...) cd_op_apply_(op_, true, attributes_, __VA_ARGS__)
#define cd_op_apply_(op_, in_place_, attributes_, ...)                                             \
    cd_op_tensors((op_), (in_place_), (attributes_),                                               \
                  (int)(sizeof((cd_tensor *[]){ __VA_ARGS__ }) / sizeof(void *)),                  \
                  (cd_tensor *const[]){ __VA_ARGS__ })
cd_tensor *cd_op_tensors(const cd_op *op, bool in_place, void *attributes, int inputs,
                         cd_tensor *const *in);
/* Calls a variadic op; an error when the array is NULL or empty. */
cd_tensor *cd_op_variadic(const cd_op *op, void *attributes, cd_tensors tensors);
/* Calls an op of two operands, tensors or numbers. */
cd_tensor *cd_op_binary(const cd_op *op, cd_operand a, cd_operand b);
/* The same in place: x is changed and returned. */
cd_tensor *cd_op_binary_in_place(const cd_op *op, cd_tensor *x, cd_operand b);
/* Whether the op could be called on x, without calling it; false with the error. For functions made
 * of other ops. */
bool cd_op_check_call(const cd_op *op, void *attributes, cd_tensor *x);

/* For functions made of other ops, so that errors have their own name: CD_CALLED("softmin") makes
 * the errors of all ops that are called before the closing brace begin with "softmin", unless a
 * function that called this one has done so. */
#define CD_CALLED(name_)                                                                           \
    const char *CD_PASTE(cd_called_, __COUNTER__)                                                  \
        __attribute__((cleanup(cd_called_end), unused)) = cd_called_begin(name_)
extern _Thread_local const char *cd_called; /* NULL: an op's errors begin with its name */
static inline const char *cd_called_begin(const char *name)
{
    const char *before = cd_called;
    if (!before) cd_called = name;
    return before;
}
static inline void cd_called_end(const char **before)
{
    cd_called = *before;
}

/* --- what infer says -------------------------------------------------------------------------- */

/* The memory layout in which the kernel needs an input. An input that has another is copied. */
typedef enum cd_order {
    CD_ANY_ORDER = 0,
    CD_ROW_MAJOR, /* contiguous */
    CD_STRETCHED, /* contiguous, after broadcasting to the shape call->stretched */
    CD_MATRICES,  /* the last two dimensions are a matrix, row-major or its transpose */
    CD_COLUMN     /* a vector whose stride is not 0 */
} cd_order;

/* Of an op in place: whether an input may overlap the memory that is written. An input that may not
 * is copied if it does. */
typedef enum cd_apart {
    CD_MAY_OVERLAP = 0,
    CD_APART_OR_SAME, /* only with x's own layout: each element is read before it is written */
    CD_APART          /* it may not */
} cd_apart;

/* How the kernel needs an input. A cd_need that is all zero takes the input as it is. */
typedef struct cd_need {
    cd_dtype dtype;      /* CD_DTYPE_DEFAULT: the input's own */
    unsigned char order; /* a cd_order */
    unsigned char apart; /* a cd_apart */
} cd_need;

/* What infer says of an output. */
typedef struct cd_result {
    cd_dtype dtype;
    bool must_be_contiguous; /* set for an input that the call changes: the kernel needs it so, and
                                gets a copy of one that is not */
    cd_shape shape;
    int64_t offset; /* these two are set for views only */
    int64_t stride[CD_MAX_DIMS];
} cd_result;

/* A size in the shape of output 0 that depends on elements: the kernel's `measure` finds it. */
enum { CD_MEASURED = -1 };

/* --- a call under way ------------------------------------------------------------------------- */

/* The values in a tensor, for anomaly mode: how many are NaN and Inf, and the lowest and highest of
 * the others; low > high when there are none. */
typedef struct cd_range {
    int64_t nan, inf;
    double low, high;
} cd_range;

/* The members stand in groups by when they are set. No member has a value before that. An input has
 * up to three forms: `in` is what the caller gave, `need` is how the kernel needs it, `kernel_in`
 * is what the kernel reads. An output has three too: `out` is its description by infer,
 * `output_tensor` is the tensor, `kernel_out` is what the kernel writes. */
struct cd_call {
    /* Set by cd_call_begin, and changed by its caller before cd_call_prepare. */
    const cd_op *op;
    const char *name;     /* errors begin with it: the op's name, or that of a composed op */
    const cd_operand *in; /* the inputs; a NULL tensor is one that was left out */
    int inputs;
    bool in_place;           /* input 0 is changed, and is output 0 */
    cd_launch launch;        /* the caller sets its attributes; the dispatcher sets the rest */
    cd_generator *generator; /* of an op that draws random numbers; NULL: the default generator */
    cd_device device;        /* of the outputs; CD_DEVICE_DEFAULT: that of the inputs */
    unsigned asked;          /* the set of outputs that the caller wants; by default output 0 */
    cd_tensor **others; /* NULL, or an array: cd_call_finish puts output j there at j - 1, for each
                           j >= 1 that is asked for */

    /* Set by infer. */
    cd_need *need;      /* of each input */
    cd_shape stretched; /* for inputs that are needed in order CD_STRETCHED */
    cd_result out[CD_OP_OUTPUTS];

    /* Set by cd_call_prepare. */
    const cd_kernel *kernel; /* of the op on the device; may have no `run` */
    bool mixed;              /* some inputs are on another device, and are copied */
    bool record;             /* a node is made: in grad mode, when an input requires gradients */
    bool anomaly;            /* anomaly mode is on */
    bool changes;            /* something is changed: in_place, or the op has a CD_CHANGED output */
    bool input_not_finite;   /* anomaly mode: an input was NaN or Inf before the call */
    cd_range range_before;   /* anomaly mode: of input 0, when it is changed in place */
    unsigned histories;      /* the set of outputs that get a history */
    int outputs;
    int temporaries;
    cd_tensor *output_tensor[CD_OP_OUTPUTS]; /* NULL for an output that nobody needs */
    struct cd_graph_step *captured;          /* while a graph is captured: the step for this call */
    cd_node *node;                           /* NULL: none is made */
    cd_node *slices; /* NULL, or the node that the base of input 0 gets, when input 0 is a view that
                        is changed: see cd_history_prepare. Owned until cd_history_link */
    cd_array kernel_out[CD_OP_OUTPUTS]; /* may be a temporary */

    /* Arrays with an element for each input, and their storage for up to CD_CALL_INLINE inputs. */
    cd_array *kernel_in;
    int64_t *number_bytes; /* room for the element that an input which is a number becomes */
    cd_tensor **temporary; /* copies of inputs, workspace and the like, freed after the call */
    cd_need inline_need[CD_CALL_INLINE];
    cd_array inline_kernel_in[CD_CALL_INLINE];
    int64_t inline_number_bytes[CD_CALL_INLINE];
    cd_tensor *inline_temporary[CD_CALL_INLINE + CD_CALL_EXTRA_TEMPORARIES];
};

/* A call of the op with these inputs, which must live as long as the call. The caller may then set
 * in_place, launch.attributes, generator, device, name, asked and others. */
void cd_call_begin(cd_call *call, const cd_op *op, const cd_operand *in, int inputs);

/* Prepares, commits and finishes. Output 0, handed to the scope that is open; NULL with an
 * error. */
cd_tensor *cd_call_run(cd_call *call);

/* Does everything that can fail. False with an error; then there is nothing to cancel. */
bool cd_call_prepare(cd_call *call);
/* Runs a prepared call. Cannot fail. */
void cd_call_commit(cd_call *call);
/* Runs several prepared calls of one op, none of which records a node or reads what another one
 * changes: in one launch, if the kernel has a run_all. `launches` has room for as many. */
void cd_call_commit_all(cd_call *const *calls, const cd_launch **launches, int64_t count);
/* Gives a prepared call up, instead of committing it. */
void cd_call_cancel(cd_call *call);
/* Ends a committed call: hands its outputs to the scope that is open, and frees all else. Output 0;
 * NULL with an error, when anomaly mode finds NaN or Inf or the scope has no memory. */
cd_tensor *cd_call_finish(cd_call *call);
/* Ends a committed call without a history, and hands nothing out: the caller is the owner of the
 * new tensors in call->output_tensor. */
void cd_call_finish_owned(cd_call *call);
/* Finds any error that prepare would find before it allocates outputs; allocates none and changes
 * nothing. For functions made of several ops. False with the error. */
bool cd_call_check(cd_call *call);

/* Sets an error whose sentence is "name: ...", by printf's rules; returns false. */
bool cd_refuse(const cd_call *call, cd_code code, const char *format, ...) CD_PRINTF(3, 4);

/* Sets the error for two tensors on different devices: "name: a is on cpu, and b on meta: ...";
 * returns false. */
bool cd_refuse_devices(const char *name, const char *name_a, cd_device a, const char *name_b,
                       cd_device b);
/* For functions made of several ops, so that an error has their own name: whether both tensors are
 * on one device. False with an error. */
static inline bool cd_check_same_device(const char *name, const char *name_a, const cd_tensor *a,
                                        const char *name_b, const cd_tensor *b)
{
    return cd_tensor_device(a) == cd_tensor_device(b) ||
           cd_refuse_devices(name, name_a, cd_tensor_device(a), name_b, cd_tensor_device(b));
}

/* --- for infer: dtypes ------------------------------------------------------------------------ */

/* What the rule of an elementwise op says, for an op with more to check. */
bool cd_infer_elementwise(cd_call *call);
/* The dtype that operands are promoted to: torch.result_type. Tensors with dimensions decide; 0-d
 * ones count only if they are of a higher kind (bool, integer, floating), numbers likewise. */
cd_dtype cd_result_type(const cd_operand *operands, int count);
/* The dtype that all inputs of a variadic op are promoted to, as torch.cat does. */
cd_dtype cd_inputs_type(const cd_call *call);
/* The dtype itself if it is floating; float32 for others. */
cd_dtype cd_floating_type(cd_dtype dtype);
/* Whether the op computes in this dtype (cd_op.computes_in); false with an error. */
bool cd_check_computes_in(const cd_call *call, cd_dtype dtype);
/* Whether the dtype is floating; false with an error. */
bool cd_check_floating(const cd_call *call, cd_dtype dtype);
/* In place: whether x can take a result of this dtype, which must not be of a higher kind; false
 * with an error. */
bool cd_check_fits(const cd_call *call, cd_dtype dtype);
/* The number can be converted to the dtype, as cd_dtype_takes says. A `whole` one, which was given
 * as an integer or a bool, is an int64 in any case, also where it is rounded as a double. */
static inline bool cd_number_fits(cd_dtype dtype, bool whole, double number)
{
    return (whole && dtype == CD_I64) || cd_dtype_takes(dtype, number);
}
/* The error for a number that does not. Returns false. */
bool cd_refuse_number(const cd_call *call, cd_dtype dtype, double number);

/* The shape of input k; that of a number is 0-d. */
static inline cd_shape cd_call_shape(const cd_call *call, int k)
{
    const cd_tensor *t = cd_operand_as_tensor(call->in[k]);
    return t ? t->shape : CD_SCALAR;
}
/* x broadcasts to this shape, which itself need not be stretched for it. */
static inline bool cd_broadcasts_to(const cd_shape *x, const cd_shape *shape)
{
    cd_shape both;
    return cd_shape_broadcast(*x, *shape, &both) && cd_shape_equal(both, *shape);
}

/* --- for infer: shapes ------------------------------------------------------------------------ */

/* Whether the gradient dy has the shape that it must have; false with an error. */
bool cd_check_gradient_shape(const cd_call *call, const cd_tensor *dy, cd_shape right);
/* Output 0 has the dtype and shape of input 0. Returns true. */
bool cd_infer_same(cd_call *call);
/* Output 0 is a view of all of x: the start for other views, which change it. */
cd_result *cd_infer_like(cd_call *call, const cd_tensor *x);
/* Output 0 is a view of input 0 with dimensions a and b exchanged. */
void cd_infer_exchange(cd_call *call, int a, int b);
/* Output 0 is a view of input 0 without this dimension, at its index 0. */
void cd_infer_without(cd_call *call, int dim);
/* Output 0 is a view of input 0 in this shape, which has as many elements. False when no strides
 * show the elements so, which is an error that the caller sets. */
bool cd_infer_view(cd_call *call, const cd_shape *shape);
/* The number of elements of from, from + step, ... below `to`. */
int64_t cd_slice_length(int64_t from, int64_t to, int64_t step);

/* --- for the dispatcher's own files ----------------------------------------------------------- */

/* The kind of output j in this call, which may be in place. */
static inline cd_output_kind cd_call_output_kind(const cd_call *call, int j)
{
    return call->in_place && j == 0 ? CD_CHANGED : (cd_output_kind)call->op->output[j].kind;
}

/* The processor's kernel of the op. */
const cd_kernel *cd_kernel_of_cpu(const cd_op *op);

/* check.c: each is false with an error. */

/* Sets the error for input k, which is NULL or no tensor. */
bool cd_call_refuse_input(const cd_call *call, int k);
/* Whether no input requires gradients that the op has none for (cd_op.no_gradient). */
bool cd_call_check_constants(const cd_call *call);
/* Brings the histories of inputs that are views up to date. Sets *tracked if one of these requires
 * gradients. */
bool cd_call_update_view_histories(const cd_call *call, bool *tracked);
/* Sets device, kernel and mixed, when not all inputs are on the processor. */
bool cd_call_resolve_device(cd_call *call);
/* Whether everything that the call changes may be changed. */
bool cd_call_check_changes(const cd_call *call, unsigned modes);

/* arguments.c: those that return bool are false with an error. */

/* Allocates the arrays of a call with more than CD_CALL_INLINE inputs. */
bool cd_call_allocate_arrays(cd_call *call);
/* Frees temporaries and allocated arrays. */
void cd_call_release(cd_call *call);
/* Frees the first `count` outputs, of a call that is not committed. */
void cd_call_release_outputs(cd_call *call, int count);
/* Sets the argument of input k: a copy if the kernel needs it on another device or in another dtype
 * or layout. */
bool cd_call_copy_input(cd_call *call, int k);
/* Makes output j, which is not CD_NEW. */
bool cd_call_make_other_output(cd_call *call, int j);
bool cd_call_allocate_workspace(cd_call *call);
/* Raises the versions of inputs that are changed. `state` selects those that anomaly mode changes
 * only when it has checked the outputs (is_state in arguments.c), or all others. */
void cd_call_bump_versions(cd_call *call, bool state);
/* Copies back what was computed in a temporary in place of an input that is changed. */
void cd_call_copy_back(cd_call *call, bool state);

/* record.c */

/* Makes call->node, if an output gets a history. Nothing refers to the node yet. False with an
 * error. */
bool cd_call_make_node(cd_call *call);
/* Gives the outputs their history: this node. */
void cd_call_link(cd_call *call);

#endif
