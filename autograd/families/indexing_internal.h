/* What gather, scatter and scatter_add share: an index that says, for each of its elements, which
 * element of x along one dimension is meant. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_INDEXING_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_INDEXING_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/gather_internal.h"

enum { CD_INDEXED, CD_INDEX, CD_SRC }; /* their inputs: x, index, src */

/* The shape, or that of a vector of one element for a 0-d tensor, as which it counts in PyTorch. */
cd_shape cd_as_vector(cd_shape shape);

/* Whether the index has as many dimensions as x, and is no larger along any but dim; -1: along any.
 * An empty index always fits. */
bool cd_index_fits(const cd_tensor *index, const cd_tensor *x, int dim);

/* infer: checks that the index is int32 or int64 and fits (cd_index_fits), and asks for it as
 * contiguous int64 that does not overlap what is written. False with an error. */
bool cd_infer_index(cd_call *call, int dim);
/* infer: checks that src has x's dtype, and is no smaller than the index along any dimension. False
 * with an error. */
bool cd_check_src(const cd_call *call);
/* infer of scatter_add and scatter_reduce: x with src where the index says. The attributes begin
 * with a cd_dim_attributes. False with an error. */
bool cd_infer_scatter(cd_call *call);
/* For check: whether every index, of contiguous int64, is from 0 to size - 1. False with the fault
 * of the first that is not. */
bool cd_check_indices(const cd_array *indices, int64_t size, cd_fault *fault);
/* The same for indices from `low` to size - 1. */
bool cd_check_indices_from(const cd_array *indices, int64_t low, int64_t size, cd_fault *fault);
/* The kernels' check that every index is in range, and the error when one is not. The attributes
 * begin with a cd_dim_attributes. */
bool cd_check_index_range(const cd_launch *launch, cd_fault *fault);
bool cd_refuse_index_range(cd_call *call, const cd_fault *fault);

/* How kernels go through an index of this layout: `table` is the tensor that indices point into
 * along dim, `values` has an element for each index. The index must not be empty. */
cd_index_walk cd_index_walk_of(const cd_layout *index, int dim, const cd_layout *table,
                               const cd_layout *values);

/* The gradient of a src of this shape, from that of the part of it that the index used: zeros for
 * the rest. */
cd_tensor *cd_grow_used(cd_tensor *taken, cd_shape src);
/* The gradient of a src of this shape: dy gathered by the index, and 0 for the part of src beyond
 * the index. */
cd_tensor *cd_gather_grown(cd_tensor *dy, int dim, cd_tensor *index, cd_shape src);
/* The gradient of cd_gather: zeros of this shape, with each element of dy added where it came
 * from. */
cd_tensor *cd_gather_backward(cd_tensor *dy, int dim, cd_tensor *index, cd_shape shape);

#endif
