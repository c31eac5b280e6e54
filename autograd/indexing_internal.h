/* What gather and scatter_add share: an index along one dimension. */
#ifndef CANDELA_AUTOGRAD_INDEXING_INTERNAL_H
#define CANDELA_AUTOGRAD_INDEXING_INTERNAL_H

#include "autograd/op_internal.h"
#include "core/cpu/gather_internal.h"

/* The index of such a call, as contiguous int64 that lives as long as the call: int32 or int64, of
 * x's number of dimensions (a scalar counts as a vector of one), nowhere larger than x but along
 * dim, and every element in range. An empty one may have any shape. NULL when the call has failed.
 */
cd_tensor *cd_op_checked_index(cd_old_call *call, const cd_tensor *x, int dim, cd_tensor *index);

/* How the kernels walk an index of this shape: `table` is what it points into along dim, `values`
 * has an element for each index. Not for an empty index. */
cd_index_walk cd_index_walk_of(cd_shape index, int dim, const cd_tensor *table,
                               const cd_tensor *values);

/* scatter_add and scatter_add_: the index as above; src has x's dtype and the index's number of
 * dimensions, and is nowhere smaller than it. */
cd_tensor *cd_op_checked_scatter(cd_old_call *call, const cd_tensor *x, int dim, cd_tensor *index,
                                 const cd_tensor *src);
/* to += src where the index says, which cd_op_checked_scatter gave. */
void cd_scatter_into(cd_tensor *to, int dim, const cd_tensor *index, const cd_tensor *src);
/* The rule of both: x, index and src are the node's inputs, dim is i[0]. */
void cd_scatter_add_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

static inline const int64_t *cd_indices(const cd_tensor *index)
{
    return (const int64_t *)(const void *)cd_tensor_data(index);
}

#endif
