/* How an op is written: begin checks the inputs, the op makes outputs and calls kernels, end
 * records.
 *
 *     cd_tensor *cd_sigmoid(cd_tensor *x)
 *     {
 *         cd_old_call call;
 *         if (!cd_op_begin(&call, &cd_op_sigmoid, x)) return NULL;
 *         ...
 *         return cd_op_end(&call);
 *     }
 */
#ifndef CANDELA_AUTOGRAD_OP_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "autograd/op/clamp_internal.h"
#include "autograd/op/indexing_internal.h"
#include "autograd/op/reduction_internal.h"
#include "core/cpu/copy_internal.h"
#include "core/cpu/cpu_internal.h"
#include "core/cpu/iter_internal.h"
#include "core/cpu/reduce_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/error.h"
#include "core/operand_internal.h"
#include "core/random_internal.h"

/* --- an op under way -------------------------------------------------------------------------- */

enum { CD_CALL_TEMPORARIES = 8, CD_CALL_INPUTS = 8, CD_CALL_NUMBERS = 4, CD_NODE_SAVED = 4 };

/* A number as a 0-d tensor that kernels can read: no object, so it costs nothing to make. */
typedef struct cd_old_number {
    cd_tensor tensor;
    cd_storage storage;
} cd_old_number;

/* What anomaly mode notes of a call. Unless `on`, the rest is not filled in. */
typedef struct cd_anomaly {
    bool on;
    bool excused; /* in place: an input was not finite before */
    int numbers;
    double number[2]; /* operands that are no tensors */
    cd_range before;  /* in place: of what is changed */
} cd_anomaly;

typedef struct cd_old_call {
    const cd_op *op;
    bool record; /* a node will be wanted: grad mode is on and an input requires gradients */
    bool failed;
    bool in_place;
    bool keeps; /* for the op to set: all it saves are numbers of its own, which a second backward
                   pass may use without retain_graph */
    int inputs, outputs, saved, temporaries;
    cd_tensor *const *input; /* near_input, or the caller's array when there are more */
    cd_tensor *near_input[CD_CALL_INPUTS];
    cd_tensor *output[CD_NODE_OUTPUTS];
    struct {
        cd_tensor *tensor;
        int output; /* which output, when tensor is NULL */
        uint32_t version;
    } save[CD_NODE_SAVED];
    cd_tensor *temporary[CD_CALL_TEMPORARIES];
    cd_parameters parameters;
    int numbers;
    cd_old_number number[CD_CALL_NUMBERS];
    cd_anomaly anomaly;
} cd_old_call;

/* Checks that each input is a live tensor; an input may be NULL only through cd_op_begin_optional.
 * False, and nothing to undo, when not. An array of more than CD_CALL_INPUTS inputs must outlive
 * the call (the one that cd_op_begin makes ends with the statement it stands in). */
bool cd_op_begin_n(cd_old_call *call, const cd_op *op, int inputs, cd_tensor *const *input);
#define cd_op_begin(call_, op_, ...)                                                               \
    cd_op_begin_n((call_), (op_), (int)(sizeof((cd_tensor *[]){ __VA_ARGS__ }) / sizeof(void *)),  \
                  (cd_tensor *const[]){ __VA_ARGS__ })
/* The same, where inputs from `required` on may be NULL (a bias, a number in a tensor's place). */
bool cd_op_begin_optional(cd_old_call *call, const cd_op *op, int required, int inputs,
                          cd_tensor *const *input);
/* For op_(x, ...): x is changed. Also refuses while an error is pending, and a leaf that requires
 * gradients in grad mode. Its output 0 is x. */
bool cd_op_begin_in_place(cd_old_call *call, const cd_op *op, int required, int inputs,
                          cd_tensor *const *input);

/* A new contiguous output, contents undefined, kept by the call until its end. NULL, and the call
 * has failed, without memory. */
cd_tensor *cd_op_output(cd_old_call *call, cd_dtype dtype, cd_shape shape);
/* An output that shares the storage of `base`. */
cd_tensor *cd_op_output_view(cd_old_call *call, cd_tensor *base, cd_shape shape,
                             const int64_t *stride, int64_t offset);
/* Temporaries, which the call releases at its end: at most CD_CALL_TEMPORARIES. Uninitialised; a
 * contiguous copy of x; x itself or such a copy: of this dtype, or contiguous. */
cd_tensor *cd_op_temporary(cd_old_call *call, cd_dtype dtype, cd_shape shape);
cd_tensor *cd_op_copy(cd_old_call *call, cd_tensor *x, cd_dtype dtype);
cd_tensor *cd_op_as(cd_old_call *call, cd_tensor *x, cd_dtype dtype);
cd_tensor *cd_op_contiguous(cd_old_call *call, cd_tensor *x);
/* A temporary's worth of bytes for a kernel, released at the end; NULL, and failed, without memory.
 */
void *cd_op_workspace(cd_old_call *call, size_t bytes);

/* What backward will need, in the order that cd_saved_value counts. Nothing when not recording. */
void cd_op_save(cd_old_call *call, cd_tensor *input);
void cd_op_save_output(cd_old_call *call, int index);

/* Sets the error "name: ..." and makes the call fail; returns false. */
bool cd_op_fail(cd_old_call *call, cd_code code, const char *format, ...) CD_PRINTF(3, 4);

/* For an in-place op, after it has saved what it needs and before its kernel writes: everything
 * that can fail is done here, so that a failed call changes nothing. False when the call has
 * failed. */
bool cd_op_before_write(cd_old_call *call);

/* Records the node if one is wanted, releases temporaries, and hands out output 0; NULL, with all
 * outputs released, if the call failed. cd_op_end_both hands out a second output by *second. */
cd_tensor *cd_op_end(cd_old_call *call);
cd_tensor *cd_op_end_both(cd_old_call *call, cd_tensor **second);

/* --- elementwise ops -------------------------------------------------------------------------- */

/* A loop over y and up to four inputs, which broadcast to y's shape. */
void cd_map_n(cd_loop *loop, cd_tensor *y, int inputs, const cd_tensor *const *input,
              const void *parameters);
/* y = map(), all elements alike. */
void cd_map_0(cd_map map, cd_tensor *y, const void *parameters);
/* y = map(x), all of one shape and dtype. */
void cd_map_1(cd_map map, cd_tensor *y, const cd_tensor *x, const void *parameters);
/* y = map(a, b), broadcast to y's shape; a and b of one dtype. */
void cd_map_2(cd_map map, cd_tensor *y, const cd_tensor *a, const cd_tensor *b,
              const void *parameters);
/* y = map(a, b, c). The loop is that of b's dtype. */
void cd_map_3(cd_map map, cd_tensor *y, const cd_tensor *a, const cd_tensor *b, const cd_tensor *c,
              const void *parameters);

/* y = x, broadcast to y's shape and converted to its dtype. */
void cd_map_convert(cd_tensor *y, const cd_tensor *x);

/* What backward needs of the tensor that an op in steps changes. */
typedef enum cd_saves { CD_SAVES_NOTHING, CD_SAVES_INPUT, CD_SAVES_OUTPUT } cd_saves;

/* --- elementwise ops of one tensor, perhaps in place ------------------------------------------ */

/* The same in steps, for ops that have numbers beside x: begin; save the numbers; the target, which
 * is a new output, or x where the dtype fits it. The target is asked for last of all that can fail,
 * since in place that is where the change is announced. CD_SAVES_INPUT and CD_SAVES_OUTPUT become
 * saved value 0. NULL when the call has failed. */
bool cd_op_begin_on(cd_old_call *call, const cd_op *op, cd_tensor *x, bool in_place);
cd_tensor *cd_op_target(cd_old_call *call, cd_tensor *x, cd_dtype dtype, cd_saves saves);

/* What a rule that needs x should save: a copy of it, with its history, if the call is recorded and
 * in place; else x itself. */
cd_tensor *cd_op_before_change(cd_old_call *call, cd_tensor *x);
/* b, to be read while x is changed in place: a copy where it overlaps x without being it, as in
 * x -= x[0]. */
cd_tensor *cd_op_apart(cd_old_call *call, cd_tensor *x, cd_tensor *b);
/* A result of this dtype may go into x: an integer into a floating one, not the other way round. */
bool cd_op_check_fits(cd_old_call *call, const cd_tensor *x, cd_dtype dtype);
/* The map exists for this dtype. */
bool cd_op_check_map(cd_old_call *call, cd_map map, cd_dtype dtype);

/* An operand as a tensor of this dtype, for kernels to read until the call's end (a number becomes
 * 0-d; at most CD_CALL_NUMBERS of them). */
cd_tensor *cd_op_operand(cd_old_call *call, cd_operand o, cd_dtype dtype);
/* In anomaly mode: a number is among what the op was given. cd_op_operand says it of its own. */
void cd_op_given(cd_old_call *call, double number);
/* Keeps a number operand in the node's parameters (operand k in i[3k], i[3k + 1] and d[k]; k 0 or
 * 1) and a tensor operand among the saved values, and gives it back in backward. */
void cd_op_save_operand(cd_old_call *call, int k, cd_operand o);
cd_operand cd_saved_operand(cd_node *node, int k);

#endif
