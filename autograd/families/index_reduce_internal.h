/* What scatter_reduce and index_reduce share: elements of a source that are reduced into those of x
 * at an index. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_INDEX_REDUCE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_INDEX_REDUCE_INTERNAL_H

#include "autograd/families/indexed_internal.h"
#include "autograd/stats_ops.h"

/* What their nodes save; the index of the output is that of y. */
enum { CD_SAVED_X, CD_SAVED_INDEX, CD_SAVED_SRC, CD_SAVED_Y };

/* The walk over a table of the output's shape at the index of the launch. `values` is the layout of
 * the source, or of one number for all. */
typedef cd_index_walk cd_walk_function(const cd_launch *launch, const cd_layout *table,
                                       const cd_layout *values);

/* infer, after the shapes: whether there is such a reduction of the dtype. False with an error. */
bool cd_check_reduce(const cd_call *call, const cd_reduce_by *by);

/* The kernel. */
size_t cd_index_reduce_workspace(const cd_launch *launch, const cd_reduce_by *by);
void cd_run_index_reduce(const cd_launch *launch, const cd_reduce_by *by, cd_walk_function *walk);

/* What the gradients are made of: functions of x by the index of the node. */
typedef struct cd_index_functions {
    cd_tensor *(*pick)(cd_tensor *x, int dim, cd_tensor *index); /* x at the index */
    cd_tensor *(*add)(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src);
    cd_tensor *(*clear)(cd_tensor *x, int dim, cd_tensor *index); /* x with 0 at the index */
    cd_tensor *(*multiply)(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src,
                           bool exclude_self);
} cd_index_functions;

/* The gradients of x and of src, which is as large as the index. */
void cd_index_reduce_backward(cd_node *node, cd_tensor *dy, cd_tensor **dx, int dim,
                              const cd_reduce_by *by, cd_tensor *src, const cd_index_functions *f);

#endif
