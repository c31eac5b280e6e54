/* A call of an op, and the dispatcher's two halves: prepare does all that can fail, commit cannot.
 *
 * Outside of this folder one calls an op by cd_op_apply and its relatives or by cd_call_run, or, to
 * prepare several calls before any of them writes, by cd_call_prepare and cd_call_commit. */
#ifndef CANDELA_AUTOGRAD_OP_CALL_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_CALL_INTERNAL_H

#include "autograd/op/descriptor_internal.h"
#include "core/dtype_internal.h"

enum {
    CD_CALL_NEAR = CD_OP_INPUTS,
    CD_CALL_OTHERS = CD_OP_OUTPUTS + 2 /* temporaries that are no copies of inputs */
};

/* --- calling an op ---------------------------------------------------------------------------- */

/* An op of tensors alone, and its form in place: cd_op_apply(&cd_op_mv, a, x). The result is handed
 * to the scope that is open; NULL with an error. */
#define cd_op_apply(op_, ...)                      cd_op_apply_(op_, false, NULL, __VA_ARGS__)
#define cd_op_in_place(op_, ...)                   cd_op_apply_(op_, true, NULL, __VA_ARGS__)
/* With attributes, which infer may complete: cd_op_with(&cd_op_sum_dim, &attributes, x). */
#define cd_op_with(op_, attributes_, ...)          cd_op_apply_(op_, false, attributes_, __VA_ARGS__)
#define cd_op_in_place_with(op_, attributes_, ...) cd_op_apply_(op_, true, attributes_, __VA_ARGS__)
#define cd_op_apply_(op_, in_place_, attributes_, ...)                                             \
    cd_op_tensors((op_), (in_place_), (attributes_),                                               \
                  (int)(sizeof((cd_tensor *[]){ __VA_ARGS__ }) / sizeof(void *)),                  \
                  (cd_tensor *const[]){ __VA_ARGS__ })
cd_tensor *cd_op_tensors(const cd_op *op, bool in_place, void *attributes, int inputs,
                         cd_tensor *const *in);
/* A variadic op: there must be an array, and a tensor in it. */
cd_tensor *cd_op_variadic(const cd_op *op, void *attributes, cd_tensors tensors);
/* Whether the op could be called so, for functions made of other ops; false with an error. */
bool cd_op_check_call(const cd_op *op, void *attributes, cd_tensor *x);
/* An op of two operands, which may be numbers, and its form in place. */
cd_tensor *cd_op_binary(const cd_op *op, cd_operand a, cd_operand b);
cd_tensor *cd_op_binary_in_place(const cd_op *op, cd_tensor *x, cd_operand b);

/* --- a call under way ------------------------------------------------------------------------- */

/* What infer asks of an input before the kernel may read it. */
typedef enum cd_order {
    CD_ANY_ORDER = 0,
    CD_ROW_MAJOR, /* contiguous */
    CD_STRETCHED, /* contiguous, and broadcast to the shape call->stretched */
    CD_MATRICES,  /* of the last two dimensions one is contiguous, and rows do not overlap */
    CD_COLUMN     /* a vector whose elements lie in places of their own */
} cd_order;

typedef struct cd_need {
    cd_dtype dtype;      /* CD_DTYPE_DEFAULT: its own */
    unsigned char order; /* a cd_order */
    unsigned char apart; /* a cd_apart */
} cd_need;

/* For an op in place: what it reads must not lie in the memory that it writes. */
typedef enum cd_apart {
    CD_MAY_OVERLAP = 0,
    CD_APART_OR_SAME, /* but element by element in the same places it may */
    CD_APART
} cd_apart;

/* In the shape of output 0, for a size that the kernel's `measure` tells. */
enum { CD_MEASURED = -1 };

/* What infer says of an output. */
typedef struct cd_result {
    cd_dtype dtype;
    bool contiguous; /* of one that is changed: the kernel needs it so */
    cd_shape shape;
    int64_t offset; /* of a view */
    int64_t stride[CD_MAX_DIMS];
} cd_result;

/* What a tensor holds; low and high leave NaN out, and low > high when there is nothing. */
typedef struct cd_range {
    int64_t nan, inf;
    double low, high;
} cd_range;

struct cd_call {
    /* What was asked for: see cd_call_begin. */
    const cd_op *op;
    const char *name; /* who asks, in sentences: the op, unless the caller sets another */
    const cd_operand *in;
    int inputs;
    bool in_place;           /* input 0 is changed, and is output 0 */
    cd_launch launch;        /* its attributes are the call's; the rest is the dispatcher's */
    cd_generator *generator; /* of an op that draws; NULL: the default one */
    cd_device device;        /* of the outputs; CD_DEVICE_DEFAULT, and later theirs: the inputs' */
    unsigned asked;     /* the set of outputs that the caller wants: the first, unless it says so */
    cd_tensor **others; /* where to put output 1, 2, ..., of those that it wants */

    /* What infer says. */
    cd_need *need;      /* of each input; all zero before */
    cd_shape stretched; /* where an input is needed in order CD_STRETCHED */
    cd_result out[CD_OP_OUTPUTS];

    /* The dispatcher's own. */
    const cd_kernel *kernel; /* on the device; it may have no run */
    bool mixed;              /* some inputs are on another device, and are copied */
    bool record;             /* a node is made: grad mode is on and an input requires gradients */
    bool anomaly;
    bool changes;       /* inputs: it is in place, or the op changes some beside its own */
    unsigned histories; /* the set of outputs that the node computes */
    int outputs;
    int temporaries;
    cd_tensor *result[CD_OP_OUTPUTS];
    struct cd_graph_step *noted; /* for the graph that is captured; NULL: none is */
    cd_node *node;
    cd_node *slices; /* of the base, when what is changed in place is a view */
    cd_argument output[CD_OP_OUTPUTS];
    /* Near, or allocated for an op of more inputs. */
    cd_argument *argument;
    int64_t *number; /* the bytes of inputs that are numbers, in the dtype of the call */
    cd_tensor **temporary;
    cd_need near_need[CD_CALL_NEAR];
    cd_argument near_argument[CD_CALL_NEAR];
    int64_t near_number[CD_CALL_NEAR];
    cd_tensor *near_temporary[CD_CALL_NEAR + CD_CALL_OTHERS];
    /* Anomaly mode: an input was not finite before; what was changed ranged so. */
    bool excused;
    cd_range before;
};

/* A call of the op with these inputs, tensors or numbers (a NULL tensor is one that was left out),
 * which must live as long as the call. The caller sets in_place, launch.attributes,
 * launch.generator, name, asked and others where they are wanted. */
static inline void cd_call_begin(cd_call *call, const cd_op *op, const cd_operand *in, int inputs)
{
    call->op = op;
    call->name = op->name;
    call->in = in;
    call->inputs = inputs;
    call->in_place = false;
    call->launch.attributes = NULL;
    call->generator = NULL;
    call->device = CD_DEVICE_DEFAULT;
    call->asked = CD_SET(0);
    call->others = NULL;
}

/* Prepares, commits and finishes. The result, handed to the scope that is open; NULL with an error.
 */
cd_tensor *cd_call_run(cd_call *call);

/* Everything that can fail. False with an error, and nothing to undo. */
bool cd_call_prepare(cd_call *call);
/* Writes, and links the history. Cannot fail. */
void cd_call_commit(cd_call *call);
/* After commit: gives up what the call held, and hands out its results; NULL with an error when
 * anomaly mode finds fault with them. */
cd_tensor *cd_call_finish(cd_call *call);
/* Everything that prepare would refuse but for want of memory for outputs, and no more: for
 * functions made of several ops. False with an error. */
bool cd_call_check(cd_call *call);
/* The same without handing out: new outputs, in call->result, are the caller's, one owner each. Of
 * a call without a history. */
void cd_call_leave(cd_call *call);
/* Instead of commit. */
void cd_call_cancel(cd_call *call);

/* Sets the error "name: ..."; returns false. */
bool cd_refuse(const cd_call *call, cd_code code, const char *format, ...) CD_PRINTF(3, 4);

/* --- for infer -------------------------------------------------------------------------------- */

/* What follows from the rule of an elementwise op, for those that check more. */
bool cd_infer_elementwise(cd_call *call);
/* The dtype that operands meet in, as torch.result_type: tensors with dimensions come before 0-d
 * ones, those before numbers, and a later one counts only when it is of a higher kind. */
cd_dtype cd_result_type(const cd_operand *operands, int count);
/* The dtype that all inputs of a variadic op meet in, as torch.cat has it. */
cd_dtype cd_inputs_type(const cd_call *call);
/* The dtype of a floating result: as given if floating, float32 otherwise. */
cd_dtype cd_floating_type(cd_dtype dtype);
/* The op computes in this dtype. */
bool cd_check_takes(const cd_call *call, cd_dtype dtype);
/* The dtype is a floating one. */
bool cd_check_floating(const cd_call *call, cd_dtype dtype);
/* In place: a result of this dtype may go into x, an integer into a floating one, not the other way
 * round. */
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
    const cd_tensor *t = cd_operand_input(call->in[k]);
    return t ? t->shape : CD_SCALAR;
}
/* x broadcasts to this shape, which itself need not be stretched for it. */
static inline bool cd_broadcasts_to(const cd_shape *x, const cd_shape *shape)
{
    cd_shape both;
    return cd_shape_broadcast(*x, *shape, &both) && cd_shape_equal(both, *shape);
}

/* A gradient has the shape of what it is the gradient of. */
bool cd_check_gradient_shape(const cd_call *call, const cd_tensor *dy, cd_shape right);
/* Output 0 is of the dtype and shape of input 0. */
bool cd_infer_same(cd_call *call);
/* Output 0 is x as it lies, for views to change. */
cd_result *cd_infer_like(cd_call *call, const cd_tensor *x);
/* A view of input 0 with two dimensions exchanged. */
void cd_infer_exchange(cd_call *call, int a, int b);

/* A view of input 0 without this dimension. */
void cd_infer_without(cd_call *call, int dim);
/* A view of input 0 in this shape, of as many elements; false where elements would have to move. */
bool cd_infer_view(cd_call *call, const cd_shape *shape);
/* How many elements from `from` on, `step` apart, are below `to`. */
int64_t cd_slice_length(int64_t from, int64_t to, int64_t step);

/* --- for the dispatcher's own files ----------------------------------------------------------- */

static inline cd_argument cd_argument_of(cd_tensor *t)
{
    return (cd_argument){ cd_tensor_data(t), &t->layout };
}

static inline cd_output_kind cd_call_output_kind(const cd_call *call, int j)
{
    return call->in_place && j == 0 ? CD_CHANGED : (cd_output_kind)call->op->output[j].kind;
}

/* How the processor computes the op. */
const cd_kernel *cd_kernel_of_cpu(const cd_op *op);

/* check.c. Each is false with an error. */

/* The error for an input that is no tensor. */
bool cd_call_refuse_input(const cd_call *call, int k);
/* Inputs that the op has no gradient for must not ask for one. */
bool cd_call_check_constants(const cd_call *call);
/* A view's history must be right before anything is asked of it. Sets *tracked where one requires
 * gradients. */
bool cd_call_views_current(const cd_call *call, bool *tracked);
/* Sets the device, the kernel and whether inputs are mixed, where not all is on the processor. */
bool cd_call_settle_device(cd_call *call);
/* What the call changes may be changed. */
bool cd_call_check_changes(const cd_call *call, unsigned modes);

/* ready.c. Those that return bool are false with an error. */

/* For an op of more inputs than a call has room for. */
bool cd_call_make_room(cd_call *call);
void cd_call_give_up_room(cd_call *call);
/* Input k in the device, dtype and order that the kernel needs. */
bool cd_call_copy_input(cd_call *call, int k);
/* An output that is no new tensor. */
bool cd_call_ready_other(cd_call *call, int j);
void cd_call_give_up_outputs(cd_call *call, int count);
bool cd_call_ready_workspace(cd_call *call);
/* Of what is changed, the call's state or the rest: raises versions; copies to where it lies what
 * was computed beside it. */
void cd_call_announce(cd_call *call, bool state);
void cd_call_copy_back(cd_call *call, bool state);

/* record.c */

/* Makes call->node, which nothing leads to yet, where an output has a history. False with an error,
 * and no node. */
bool cd_call_make_node(cd_call *call);
/* The outputs become what the node computed. */
void cd_call_link(cd_call *call);

/* anomaly.c, in anomaly mode: notes what inputs hold that are about to be changed; and looks at the
 * outputs, false with an error when one holds NaN or Inf and no input did. */
void cd_call_look_before(cd_call *call);
bool cd_call_look_after(cd_call *call);

#endif
