/* scatter_reduce: x, with the elements of src reduced into the positions that an index gives along
 * one dimension: by a sum, product, mean, maximum or minimum. With exclude_self what x was there
 * does not count.
 *
 * Index and src as for scatter_add; int32 or int64. Elements that meet are taken in the order of
 * the index, whatever the number of threads. The part of src beyond the index has the gradient 0,
 * where PyTorch has an error.
 *
 * Saves x, index, src and y, as PyTorch does. Kernel: families/index_reduce.c. */
#include "autograd/families/index_reduce_internal.h"
#include "autograd/ops_internal.h"

static const cd_field fields[] = {
    CD_FIELD(cd_scatter_reduce_attributes, dim, DIM),
    { "how", CD_FIELD_INTEGER, offsetof(cd_scatter_reduce_attributes, by.how) },
    { "exclude_self", CD_FIELD_BOOL, offsetof(cd_scatter_reduce_attributes, by.exclude_self) },
    CD_FIELDS_END
};

static cd_tensor *scatter_reduce(const cd_scatter_reduce_options *o, bool in_place)
{
    cd_scatter_reduce_attributes a = { .dim = o->dim,
                                       .by = { .how = o->how, .exclude_self = o->exclude_self } };
    cd_tensor *const in[3] = { o->x, o->index, o->src };
    return cd_op_tensors(&cd_op_scatter_reduce, in_place, &a, 3, in);
}

/* --- the gradient ----------------------------------------------------------------------------- */

static cd_tensor *clear(cd_tensor *x, int dim, cd_tensor *index)
{
    return cd_scatter(x, dim, index, 0);
}

static cd_tensor *multiply(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src,
                           bool exclude_self)
{
    return cd_scatter_reduce(x, dim, index, src, CD_REDUCE_PROD, .exclude_self = exclude_self);
}

/* The part of src that the index uses, in the shape of the index. */
static cd_tensor *used_part(cd_tensor *src, const cd_tensor *index)
{
    if (!src || !index) return NULL;
    const cd_shape whole = cd_as_vector(src->shape), part = cd_as_vector(index->shape);
    for (int i = 0; i < part.ndim && part.ndim == whole.ndim; i++) {
        if (part.dim[i] < whole.dim[i]) src = cd_slice(src, i, 0, part.dim[i], 1);
    }
    return cd_reshape(src, index->shape);
}

static void scatter_reduce_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    static const cd_index_functions functions = { cd_gather, cd_scatter_add, clear, multiply };
    const cd_scatter_reduce_attributes *a = cd_attributes_of(node);
    cd_tensor *src = cd_saved_value(node, CD_SAVED_SRC),
              *index = cd_saved_value(node, CD_SAVED_INDEX);
    if (!src || !index) return;
    if (index->numel == 0) {
        if (!cd_saved_value(node, CD_SAVED_X) || !cd_saved_value(node, CD_SAVED_Y)) return;
        dx[CD_INDEXED] = dy[0];
        if (cd_wanted(node, CD_SRC)) dx[CD_SRC] = cd_zeros_like(src);
        return;
    }
    cd_index_reduce_backward(node, dy[0], dx, a->dim, &a->by, used_part(src, index), &functions);
    if (dx[CD_SRC]) dx[CD_SRC] = cd_grow_used(dx[CD_SRC], src->shape);
}

/* --- the op ----------------------------------------------------------------------------------- */

static bool scatter_reduce_infer(cd_call *call)
{
    const cd_scatter_reduce_attributes *a = call->launch.attributes;
    return cd_infer_scatter(call) && cd_check_reduce(call, &a->by);
}

static size_t scatter_reduce_workspace(const cd_launch *launch)
{
    const cd_scatter_reduce_attributes *a = launch->attributes;
    return cd_index_reduce_workspace(launch, &a->by);
}

static cd_index_walk walk_of(const cd_launch *launch, const cd_layout *table,
                             const cd_layout *values)
{
    const cd_scatter_reduce_attributes *a = launch->attributes;
    return cd_index_walk_of(launch->in[CD_INDEX].layout, a->dim, table, values);
}

static void scatter_reduce_run(const cd_launch *launch)
{
    const cd_scatter_reduce_attributes *a = launch->attributes;
    cd_run_index_reduce(launch, &a->by, walk_of);
}

cd_tensor *cd_scatter_reduce_with(cd_scatter_reduce_options options)
{
    return scatter_reduce(&options, false);
}

cd_tensor *cd_scatter_reduce_with_(cd_scatter_reduce_options options)
{
    return scatter_reduce(&options, true);
}

const cd_op cd_op_scatter_reduce = {
    .name = "scatter_reduce",
    .in_place_name = "scatter_reduce_",
    .grad_fn = "ScatterReduceBackward0",
    .like = "torch.scatter_reduce(x, dim, index, src, reduce)",
    .formula = "y = x, with y[.., index[.., j, ..], ..] reduced with src[.., j, ..]",
    .gradient = "that of the reduction, for each element that went into it",
    .dtypes = "all, the same for x and src; no mean of bool; the index is int64 or int32",
    .inputs = 3,
    .input = { "x", "index", "src" },
    .save = { [CD_SAVED_X] = { CD_INPUT, CD_INDEXED },
              [CD_SAVED_INDEX] = { CD_INPUT, CD_INDEX },
              [CD_SAVED_SRC] = { CD_INPUT, CD_SRC },
              [CD_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_scatter_reduce_attributes, fields),
    .infer = scatter_reduce_infer,
    .refuse = cd_refuse_index_range,
    .cpu = { .workspace = scatter_reduce_workspace,
             .check = cd_check_index_range,
             .run = scatter_reduce_run },
    .backward = scatter_reduce_backward,
};
