/* scatter_add: x, with the elements of src added at the positions that an index gives along one
 * dimension.
 *
 * The index is int64 or int32. It has as many dimensions as x and src, and is nowhere larger than
 * src, nor than x except along dim. Elements of src beyond the index are not used, and their
 * gradient is 0. Elements that are added at one position are added in the order of the index,
 * whatever the number of threads. In place, index and src may overlap x.
 *
 * Saves the index, for the gradient of src. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexing_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

/* --- the gradient ----------------------------------------------------------------------------- */

static void scatter_add_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    if (cd_wanted(node, CD_INDEXED)) dx[CD_INDEXED] = dy[0];
    if (!cd_wanted(node, CD_SRC)) return;
    cd_tensor *index = cd_saved_value(node, 0);
    dx[CD_SRC] = cd_gather_grown(dy[0], a->dim, index, node->input[CD_SRC].shape);
}

/* --- the op ----------------------------------------------------------------------------------- */

static void scatter_add_run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[CD_INDEXED], *index = &launch->in[CD_INDEX];
    const cd_array *src = &launch->in[CD_SRC], *y = &launch->out[0];
    (void)cd_cpu_start_from(y, x);
    if (index->layout->numel == 0) return;
    cd_index_walk walk = cd_index_walk_of(index->layout, a->dim, y->layout, src->layout);
    cd_cpu_scatter(CD_SCATTER_ADD, y->layout->dtype, &walk, index->data, src->data, y->data);
}

cd_tensor *cd_scatter_add(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_scatter_add, &a, x, index, src);
}

cd_tensor *cd_scatter_add_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_in_place_with(&cd_op_scatter_add, &a, x, index, src);
}

const cd_op cd_op_scatter_add = {
    .name = "scatter_add",
    .in_place_name = "scatter_add_",
    .grad_fn = "ScatterAddBackward0",
    .like = "x.scatter_add(dim, index, src)",
    .formula = "y = x, with y[.., index[.., j, ..], ..] += src[.., j, ..] along one dimension",
    .gradient = "dx = dy, dsrc = dy gathered by the index, 0 for what of src is beyond the index",
    .dtypes = "all, the same for x and src; the index is int64 or int32",
    .inputs = 3,
    .input = { "x", "index", "src" },
    .save = { { CD_INPUT, CD_INDEX, CD_SET(CD_SRC) } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cd_infer_scatter,
    .refuse = cd_refuse_index_range,
    .cpu = { .check = cd_check_index_range, .run = scatter_add_run },
    .backward = scatter_add_backward,
};
