/* index: x[i, j, ...], with integers, slices, new dimensions, tensors of indices and masks.
 *
 * Integers, slices and new dimensions are views, made of other ops. What is left are the tensors,
 * each of which stands for a dimension, or, if it is a mask, for several. They are joined to one
 * index (index_join), and the op picks the elements of x there.
 *
 * A mask counts as the positions where it is true; there are as many as it has such elements.
 *
 * Saves the index. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"
#include "autograd/families/subscripts_internal.h"
#include "autograd/ops_internal.h"

static bool index_infer(cd_call *call)
{
    return cd_infer_indexed_read(call, CD_INDEX_PLAIN);
}

/* x, which has the subscripts' views behind it, at their tensors. */
static cd_tensor *pick(cd_tensor *x, const cd_subscript_plan *plan)
{
    cd_indexed_attributes a = { .dims = plan->dims, .placed = plan->placed };
    cd_tensor *index = cd_subscripts_join("index", plan);
    return index ? cd_op_with(&cd_op_index, &a, x, index) : NULL;
}

cd_tensor *cd_index_with(cd_tensor *x, cd_subscripts at)
{
    cd_subscript_plan plan;
    if (at.count == 1 && at.subscript && at.subscript->kind == CD_AT_NUMBER) {
        return cd_select_for("index", x, 0, at.subscript->from);
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_subscripts_view("index", x, at, &plan);
    if (y && plan.tensors > 0) y = pick(y, &plan);
    if (y && y == x) y = cd_view(x, x->shape);
    return cd_ops_end(scope, y);
}

const cd_op cd_op_index = {
    .name = "index",
    .grad_fn = "IndexBackward0",
    .like = "x[i, j]",
    .formula = "y = x at the indices; a view if they are integers and slices",
    .gradient = "dx = 0, with dy added at the indices",
    .dtypes = "all; the indices are int64, int32 or bool",
    .inputs = 2,
    .input = { "x", "the index" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_fields),
    .infer = index_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_read },
    .backward = cd_indexed_read_backward,
};

/* --- index_join: several indices made one ----------------------------------------------------- */

static const cd_field fields[] = { CD_FIELD(cd_index_join_attributes, sizes, SHAPE),
                                   CD_FIELDS_END };

static bool join_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    cd_shape shape = CD_SCALAR, both;
    for (int k = 0; k < call->inputs; k++) {
        const cd_tensor *index = call->in[k].tensor;
        if (!cd_shape_broadcast(shape, index->shape, &both)) {
            return cd_refuse(call, CD_ERR_SHAPE,
                             "the indices (%s and %s) do not broadcast: aligned at the last "
                             "dimension, sizes must be equal or 1",
                             cd_sizes_text(&shape, text), cd_sizes_text(&index->shape, other));
        }
        shape = both;
        call->need[k] = (cd_need){ .dtype = CD_I64, .order = CD_STRETCHED };
    }
    call->stretched = shape;
    call->out[0].dtype = CD_I64;
    call->out[0].shape = shape;
    return true;
}

/* The number in the fault is which index it is. */
static bool join_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_index_join_attributes *a = launch->attributes;
    for (int k = 0; k < launch->inputs; k++) {
        const int64_t n = a->sizes.dim[k];
        fault->number = k;
        if (!cd_check_indices_from(&launch->in[k], -n, n, fault)) return false;
    }
    return true;
}

static bool join_refuse(cd_call *call, const cd_fault *fault)
{
    const cd_index_join_attributes *a = call->launch.attributes;
    const int64_t n = a->sizes.dim[(int)fault->number];
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "index %lld (number %lld of index tensor %d) is out of range: it must be %lld "
                     "to %lld",
                     (long long)fault->integer, (long long)fault->position, (int)fault->number,
                     -(long long)n, (long long)n - 1);
}

static void join_run(const cd_launch *launch)
{
    const cd_index_join_attributes *a = launch->attributes;
    const int64_t *index[CD_MAX_DIMS];
    for (int k = 0; k < launch->inputs; k++) index[k] = launch->in[k].data;
    cd_cpu_index_join(launch->out[0].layout->numel, launch->inputs, a->sizes.dim, index,
                      launch->out[0].data);
}

const cd_op cd_op_index_join = {
    .name = "index",
    .like = "numpy.ravel_multi_index",
    .formula = "y = (i n + j) m + k ..., with sizes n, m, ... and negative indices from the end",
    .gradient = "none: an index has no gradient",
    .dtypes = "int64 and int32; y is int64",
    .variadic = true,
    .input = { "index" },
    CD_OP_ATTRIBUTES(cd_index_join_attributes, fields),
    .infer = join_infer,
    .refuse = join_refuse,
    .cpu = { .check = join_check, .run = join_run },
};
