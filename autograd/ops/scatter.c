/* scatter: x, with the elements of src, or one number, at the positions that an index gives
 * along one dimension. Where several meet, the last one in the order of the index stays,
 * whatever the number of threads.
 *
 * Index and src as for scatter_add. PyTorch's graph has another name for the op with a number:
 * scatter_value. With .reduce the elements are added or multiplied instead: the op scatter_reduced,
 * which has no gradient in PyTorch either.
 *
 * Saves the index. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexing_internal.h"
#include "autograd/index_ops.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static void scatter_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *a = cd_attributes_of(node);
    cd_tensor *index = cd_saved_value(node, 0);
    if (cd_wanted(node, CD_INDEXED)) dx[CD_INDEXED] = cd_scatter(dy[0], a->dim, index, 0);
    if (cd_wanted(node, CD_SRC)) {
        dx[CD_SRC] = cd_gather_grown(dy[0], a->dim, index, node->input[CD_SRC].shape);
    }
}

static bool scatter_infer(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_INDEXED].tensor;
    const cd_operand src = call->in[CD_SRC];
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    if (src.kind == CD_OPERAND_TENSOR) {
        if (!cd_check_src(call)) return false;
    } else if (!cd_number_fits(x->dtype, src.kind != CD_OPERAND_DOUBLE, src.number)) {
        return cd_refuse_number(call, x->dtype, src.number);
    }
    if (!cd_infer_index(call, a->dim)) return false;
    call->need[CD_SRC].dtype = x->dtype;
    call->need[CD_SRC].apart = CD_APART;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

static void put(const cd_launch *launch, cd_scatter how)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[CD_INDEXED], *index = &launch->in[CD_INDEX];
    const cd_array *src = &launch->in[CD_SRC], *y = &launch->out[0];
    const cd_layout number = { .dtype = x->layout->dtype };
    (void)cd_cpu_start_from(y, x);
    if (index->layout->numel == 0) return;
    const bool repeats = src->layout->shape.ndim == 0;
    cd_index_walk walk =
        cd_index_walk_of(index->layout, a->dim, y->layout, repeats ? &number : src->layout);
    cd_cpu_scatter(how, y->layout->dtype, &walk, index->data, src->data, y->data);
}

static void scatter_run(const cd_launch *launch)
{
    put(launch, CD_SCATTER_SET);
}

static const cd_op *op_of(const cd_scatter_options *o)
{
    if (o->reduce != CD_SCATTER_REPLACES) return &cd_op_scatter_reduced;
    return o->src.kind == CD_OPERAND_TENSOR ? &cd_op_scatter : &cd_op_scatter_value;
}

static cd_tensor *scatter(const cd_scatter_options *o, bool in_place)
{
    cd_call call;
    cd_scatter_attributes a = { .along.dim = o->dim, .operation = (int64_t)o->reduce };
    const cd_operand in[3] = { cd_operand_tensor(o->x), cd_operand_tensor(o->index), o->src };
    cd_call_begin(&call, op_of(o), in, 3);
    call.launch.attributes = &a;
    call.in_place = in_place;
    return cd_call_run(&call);
}

cd_tensor *cd_scatter_with(cd_scatter_options options)
{
    return scatter(&options, false);
}

cd_tensor *cd_scatter_with_(cd_scatter_options options)
{
    return scatter(&options, true);
}

const cd_op cd_op_scatter = {
    .name = "scatter",
    .in_place_name = "scatter_",
    .grad_fn = "ScatterBackward0",
    .like = "x.scatter(dim, index, src, reduce=...)",
    .formula = "y = x, with y[.., index[.., j, ..], ..] = src[.., j, ..] along one dimension",
    .gradient = "dx = dy, but 0 at the index; dsrc = dy gathered by the index, 0 beyond it",
    .dtypes = "all, the same for x and src; the index is int64 or int32",
    .inputs = 3,
    .numbers = CD_SET(CD_SRC),
    .input = { "x", "index", "src" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = scatter_infer,
    .refuse = cd_refuse_index_range,
    .cpu = { .check = cd_check_index_range, .run = scatter_run },
    .backward = scatter_backward,
};

const cd_op cd_op_scatter_value = {
    .name = "scatter",
    .in_place_name = "scatter_",
    .grad_fn = "ScatterBackward1",
    .formula = "as scatter, with a number in place of src",
    .gradient = "as scatter",
    .dtypes = "all; the index is int64 or int32",
    .inputs = 3,
    .numbers = CD_SET(CD_SRC),
    .input = { "x", "index", "src" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = scatter_infer,
    .refuse = cd_refuse_index_range,
    .cpu = { .check = cd_check_index_range, .run = scatter_run },
    .backward = scatter_backward,
};

/* --- scatter_reduced -------------------------------------------------------------------------- */

static const cd_field reduced_fields[] = { { "dim", CD_FIELD_DIM,
                                             offsetof(cd_scatter_attributes, along.dim) },
                                           CD_FIELD(cd_scatter_attributes, operation, INTEGER),
                                           CD_FIELDS_END };

static void reduced_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node, (void)dy, (void)dx;
    (void)cd_fail(CD_ERR_AUTOGRAD, "scatter: with .reduce it has no gradient: detach its operands, "
                                   "or use cd_scatter_add");
}

static bool reduced_infer(cd_call *call)
{
    const cd_scatter_attributes *a = call->launch.attributes;
    if (a->operation < CD_SCATTER_REPLACES || a->operation > CD_SCATTER_MULTIPLIES) {
        return cd_refuse(call, CD_ERR_ARGUMENT, ".reduce is %lld, which is none",
                         (long long)a->operation);
    }
    return scatter_infer(call);
}

static void reduced_run(const cd_launch *launch)
{
    const cd_scatter_attributes *a = launch->attributes;
    put(launch, a->operation == CD_SCATTER_ADDS ? CD_SCATTER_ADD : CD_SCATTER_MUL);
}

const cd_op cd_op_scatter_reduced = {
    .name = "scatter",
    .in_place_name = "scatter_",
    .grad_fn = "NotImplemented",
    .formula = "as scatter, with src added to what is there, or multiplied with it",
    .gradient = "not implemented, as in PyTorch: an error",
    .dtypes = "all, the same for x and src; the index is int64 or int32",
    .inputs = 3,
    .numbers = CD_SET(CD_SRC),
    .input = { "x", "index", "src" },
    CD_OP_ATTRIBUTES(cd_scatter_attributes, reduced_fields),
    .infer = reduced_infer,
    .refuse = cd_refuse_index_range,
    .cpu = { .check = cd_check_index_range, .run = reduced_run },
    .backward = reduced_backward,
};
