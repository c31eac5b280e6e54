/* What ops share that read or change x at an index of some of its dimensions: index, index_put,
 * index_select, index_add, index_copy, index_fill, take, put.
 *
 * Where an index stands for several dimensions, it is the position among their elements, counted
 * row by row. In the result, and in the values that are put there, the dimensions of the index
 * stand where those of x stood that it is for; in front, if those are not next to each other.
 * (Of x[i, j] the dimensions that a 0-d tensor is for do not count for this: see cd_index.) */
#ifndef CANDELA_AUTOGRAD_FAMILIES_INDEXED_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_INDEXED_INTERNAL_H

#include "autograd/families/indexing_internal.h"
#include "autograd/index_ops.h"

enum { CD_VALUES = CD_SRC }; /* their inputs are x, the index, and the values that are put there */

/* How an op treats its index. Without a rule the index may have any shape and stands for the
 * dimensions that the attributes name; its values are int64 or int32, negative ones from the
 * end. */
typedef enum cd_index_rule {
    CD_INDEX_PLAIN = 0,
    CD_INDEX_VECTOR = 1,       /* a vector, or 0-d for a vector of one, for one dimension */
    CD_INDEX_INTO_ALL = 2,     /* for all dimensions of x at once */
    CD_INDEX_NOT_NEGATIVE = 4, /* a negative index is out of range */
    CD_INDEX_INT64 = 8,        /* int32 is refused */
    CD_INDEX_CONVERTS = 16     /* the values are converted to x's dtype, not refused */
} cd_index_rule;

/* For an index of given dimensions, and for one along a dimension; take and put have
 * cd_no_fields or their own. */
extern const cd_field cd_indexed_fields[];
extern const cd_field cd_indexed_dim_fields[];

/* infer, for all of them: checks the index by these rules, and asks for it as contiguous int64.
 * Completes the attributes. False with an error. */
bool cd_infer_indexed(cd_call *call, unsigned rules);
/* The shape of the elements of x at the index. */
cd_shape cd_indexed_shape(const cd_indexed_attributes *a, const cd_shape *x, const cd_shape *index);
/* infer, for those that read: the output is the elements at the index. */
bool cd_infer_indexed_read(cd_call *call, unsigned rules);
/* infer, for those that change x: checks the dtype of the values, and asks for them in x's. The
 * output is like x. */
bool cd_infer_indexed_write(cd_call *call, unsigned rules);

/* infer: whether the source of an op by a vector of indices has the shape of x, but for as many
 * elements along the dimension as the index has. False with an error. */
bool cd_check_source(const cd_call *call);

/* The kernels' check that every index is in range, and the error when one is not. */
bool cd_check_indexed(const cd_launch *launch, cd_fault *fault);
bool cd_refuse_indexed(cd_call *call, const cd_fault *fault);

/* The kernels: y = the elements of x at the index; y = x with the values there, replaced or, with
 * `accumulate` in the attributes, added. */
size_t cd_indexed_workspace(const cd_launch *launch);
void cd_run_indexed_read(const cd_launch *launch);
void cd_run_indexed_write(const cd_launch *launch);

/* The call of an op that changes x, or a copy of it. */
cd_tensor *cd_op_indexed(const cd_op *op, cd_indexed_attributes *a, cd_tensor *x, cd_tensor *index,
                         cd_operand values, bool in_place);

/* The gradient of what an op with these attributes has read: zeros of the shape, with dy added at
 * the index. */
cd_tensor *cd_indexed_scatter(const cd_indexed_attributes *a, cd_tensor *dy, cd_tensor *index,
                              cd_shape shape);
/* The elements of x at the index. */
cd_tensor *cd_indexed_read(const cd_indexed_attributes *a, cd_tensor *x, cd_tensor *index);
/* x with 0 at the index. */
cd_tensor *cd_indexed_clear(const cd_indexed_attributes *a, cd_tensor *x, cd_tensor *index);
/* The gradient of all that read x; the index is in slot 0. */
void cd_indexed_read_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
/* The gradients of all that change x: dx is dy, or, unless they accumulate, dy with 0 at the index;
 * the values have dy at the index. */
void cd_indexed_write_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
