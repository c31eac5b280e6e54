/* index_reduce: x, with a source reduced into the positions that a vector of indices gives along
 * one dimension: by a product, mean, maximum or minimum. With exclude_self what x was there does
 * not count.
 *
 * Index and source as for index_add. Elements that meet are taken in the order of the index,
 * whatever the number of threads. Saves x, index, source and y, as PyTorch does. Kernel:
 * families/index_reduce.c. */
#include "autograd/families/index_reduce_internal.h"
#include "autograd/ops_internal.h"

static const cd_field fields[] = {
    { "dim", CD_FIELD_DIM, offsetof(cd_index_reduce_attributes, at.dim) },
    { "how", CD_FIELD_INTEGER, offsetof(cd_index_reduce_attributes, by.how) },
    { "exclude_self", CD_FIELD_BOOL, offsetof(cd_index_reduce_attributes, by.exclude_self) },
    CD_FIELDS_END
};

static cd_tensor *index_reduce(const cd_index_reduce_options *o, bool in_place)
{
    cd_index_reduce_attributes a = { .at.dim = o->dim,
                                     .by = { .how = o->how, .exclude_self = o->exclude_self } };
    cd_tensor *const in[3] = { o->x, o->index, o->source };
    return cd_op_tensors(&cd_op_index_reduce, in_place, &a, 3, in);
}

/* --- the gradient ----------------------------------------------------------------------------- */

static cd_tensor *pick(cd_tensor *x, int dim, cd_tensor *index)
{
    return cd_index_select(x, dim, index);
}

static cd_tensor *add(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *source)
{
    return cd_index_add(x, dim, index, source);
}

static cd_tensor *clear(cd_tensor *x, int dim, cd_tensor *index)
{
    return cd_index_fill(x, dim, cd_to(index, CD_I64), 0);
}

static cd_tensor *multiply(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *source,
                           bool exclude_self)
{
    return cd_index_reduce(x, dim, index, source, CD_REDUCE_PROD, .exclude_self = exclude_self);
}

static void index_reduce_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    static const cd_index_functions functions = { pick, add, clear, multiply };
    const cd_index_reduce_attributes *a = cd_attributes_of(node);
    cd_index_reduce_backward(node, dy[0], dx, a->at.dim, &a->by, cd_saved_value(node, CD_SAVED_SRC),
                             &functions);
}

/* --- the op ----------------------------------------------------------------------------------- */

static bool index_reduce_infer(cd_call *call)
{
    const cd_index_reduce_attributes *a = call->launch.attributes;
    if (!cd_infer_indexed_write(call, CD_INDEX_VECTOR | CD_INDEX_NOT_NEGATIVE) ||
        !cd_check_source(call) || !cd_check_reduce(call, &a->by) ||
        !cd_check_computes_in(call, call->out[0].dtype)) {
        return false;
    }
    return a->by.how != CD_REDUCE_SUM ||
           cd_refuse(call, CD_ERR_ARGUMENT, "there is no CD_REDUCE_SUM here: it is index_add");
}

static size_t index_reduce_workspace(const cd_launch *launch)
{
    const cd_index_reduce_attributes *a = launch->attributes;
    return cd_index_reduce_workspace(launch, &a->by);
}

/* The position along the dimension comes from the vector, all others are those of x. */
static cd_index_walk walk_of(const cd_launch *launch, const cd_layout *table,
                             const cd_layout *values)
{
    const cd_index_reduce_attributes *a = launch->attributes;
    const int dim = a->at.dim;
    cd_index_walk walk = { .ndim = 1, .size = { launch->in[CD_INDEX].layout->numel } };
    if (table->shape.ndim == 0) return walk;
    walk.ndim = table->shape.ndim;
    for (int i = 0; i < walk.ndim; i++) {
        walk.size[i] = i == dim ? launch->in[CD_INDEX].layout->numel : table->shape.dim[i];
        walk.table_stride[i] = i == dim ? 0 : table->stride[i];
        walk.value_stride[i] = i < values->shape.ndim ? values->stride[i] : 0;
    }
    walk.index_stride[dim] = 1;
    walk.along = table->stride[dim];
    return walk;
}

static void index_reduce_run(const cd_launch *launch)
{
    const cd_index_reduce_attributes *a = launch->attributes;
    cd_run_index_reduce(launch, &a->by, walk_of);
}

cd_tensor *cd_index_reduce_with(cd_index_reduce_options options)
{
    return index_reduce(&options, false);
}

cd_tensor *cd_index_reduce_with_(cd_index_reduce_options options)
{
    return index_reduce(&options, true);
}

const cd_op cd_op_index_reduce = {
    .name = "index_reduce",
    .in_place_name = "index_reduce_",
    .grad_fn = "IndexReduceBackward0",
    .like = "torch.index_reduce(x, dim, index, source, reduce)",
    .formula = "y = x, with y[.., index[k], ..] reduced with source[.., k, ..]",
    .gradient = "that of the reduction, for each element that went into it",
    .dtypes = "all but bool, the same for x and source; the index is int64 or int32",
    .inputs = 3,
    .input = { "x", "index", "source" },
    .computes_in = CD_NUMERIC,
    .save = { [CD_SAVED_X] = { CD_INPUT, CD_INDEXED },
              [CD_SAVED_INDEX] = { CD_INPUT, CD_INDEX },
              [CD_SAVED_SRC] = { CD_INPUT, CD_SRC },
              [CD_SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_index_reduce_attributes, fields),
    .infer = index_reduce_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = index_reduce_workspace,
             .check = cd_check_indexed,
             .run = index_reduce_run },
    .backward = index_reduce_backward,
};
