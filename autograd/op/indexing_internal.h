/* What gather and scatter_add share: an index along one dimension. */
#ifndef CANDELA_AUTOGRAD_OP_INDEXING_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_INDEXING_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/cpu/gather_internal.h"

enum { CD_INDEXED, CD_INDEX, CD_SRC }; /* their inputs: x, index, and what is added */

/* A scalar counts as a vector of one element, as in PyTorch. */
cd_shape cd_as_vector(cd_shape shape);

/* The index has as many dimensions as x, and is nowhere larger but along dim (-1: nowhere); an
 * empty one always fits. */
bool cd_index_fits(const cd_tensor *index, const cd_tensor *x, int dim);

/* The index is int32 or int64, of x's number of dimensions, and nowhere larger than x but along
 * dim; an empty one may have any shape. Asks for it as contiguous int64, apart from what is
 * written. */
bool cd_infer_index(cd_call *call, int dim);
/* For check: every index, of contiguous int64, is from 0 to size - 1. False with the fault of the
 * first that is not. */
bool cd_check_indices(const cd_argument *indices, int64_t size, cd_fault *fault);
/* The kernels' check that every element of the index is in range, and the sentence when not. The
 * attributes begin with a cd_dim_attributes. */
bool cd_check_index_range(const cd_launch *launch, cd_fault *fault);
bool cd_refuse_index_range(cd_call *call, const cd_fault *fault);

/* How the kernels walk an index of this shape: `table` is what it points into along dim, `values`
 * has an element for each index. Not for an empty index. */
cd_index_walk cd_index_walk_of(const cd_layout *index, int dim, const cd_layout *table,
                               const cd_layout *values);

/* The gradient of cd_gather: zeros of this shape with dy added where its elements came from. */
cd_tensor *cd_gather_backward(cd_tensor *dy, int dim, cd_tensor *index, cd_shape shape);

#endif
