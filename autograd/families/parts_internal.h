/* What split, split_sizes and unbind share: a list of views of x that have one node. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_PARTS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_PARTS_INTERNAL_H

#include "autograd/ops_internal.h"

/* How x is cut along a dimension: into `count` parts of these sizes, or, without `sizes`, of
 * `size`, the last one with what is left. With a size of 0 each part is one index, without the
 * dimension. */
typedef struct cd_cut {
    int dim, count;
    int64_t size;
    const int64_t *sizes;
} cd_cut;

/* The views, handed to the scope that is open, and one node of this op for them, when a graph is
 * recorded. The cut fits x. An empty list with an error. */
cd_tensors cd_op_cut(const cd_op *op, cd_tensor *x, const cd_cut *cut);
/* The gradients of the parts, with zeros for those that have none; an array of node->outputs
 * tensors, to be freed by cd_free. NULL with an error. */
cd_tensor **cd_part_gradients(cd_node *node, cd_tensor *const *dy);

/* An array for so many tensors, which the open scope owns. NULL with an error. */
cd_tensor **cd_tensor_array(const char *what, int count);

/* function(x) of each tensor of a list, which belong to the scope that is open. An empty list with
 * an error. */
cd_tensors cd_each_tensor(const char *what, cd_tensors tensors,
                          cd_tensor *(*function)(cd_tensor *x));

/* Checks x, which has a dimension to be cut, and counts the dimension from the front. */
bool cd_check_cut(const char *what, const cd_tensor *x, int dim, int *plain);

#endif
