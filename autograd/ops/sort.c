/* sort: x in order along one dimension, and the indices by which it comes into order, which are the
 * second output.
 *
 * NaN is larger than all numbers. Equal elements, as 0 and -0, stay in the order of x, descending
 * too, whether or not .stable is given: PyTorch's node has another name with it. A scalar is sorted
 * as a vector of one. Saves the indices. Kernel: core/cpu/sort.c. */
#include "autograd/order_ops.h"

#include "autograd/families/indexing_internal.h"
#include "autograd/families/min_max_internal.h"
#include "autograd/families/sort_internal.h"
#include "autograd/families/workspace_internal.h"
#include "core/cpu/sort_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_sort_attributes, dim, DIM),
                                   CD_FIELD(cd_sort_attributes, descending, BOOL), CD_FIELDS_END };

static void sort_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_sort_attributes *a = cd_attributes_of(node);
    dx[0] = cd_gather_backward(dy[0], a->dim, cd_saved_value(node, 0), node->input[0].shape);
}

static bool sort_infer(cd_call *call)
{
    cd_sort_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    if (x->shape.ndim > 0 && x->shape.dim[a->dim] > CD_SORT_MOST) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "dimension %d has %lld elements, and may have %lld at most", a->dim,
                         (long long)x->shape.dim[a->dim], (long long)CD_SORT_MOST);
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[1].dtype = CD_I64;
    call->out[0].shape = call->out[1].shape = x->shape;
    return true;
}

/* Takes the parts of the workspace: the kernel's scratch memory, and the indices if nobody asks for
 * them. */
static void *take_parts(const cd_launch *launch, cd_work *work, cd_layout layout[2],
                        int64_t **indices)
{
    const cd_sort_attributes *a = launch->attributes;
    const cd_layout *x = launch->in[0].layout;
    const cd_outer_size_inner at = cd_outer_size_inner_of(&x->shape, a->dim);
    const size_t bytes = cd_cpu_sort_bytes(x->dtype, at.outer * at.inner, at.size);
    if (bytes > INT64_MAX) {
        work->bytes = SIZE_MAX;
        return NULL;
    }
    layout[0] = cd_layout_row_major(CD_U8, CD_SHAPE((int64_t)bytes));
    layout[1] = cd_layout_row_major(CD_I64, x->shape);
    void *scratch = cd_work_take(work, &layout[0]).data;
    *indices = launch->out[1].data ? launch->out[1].data : cd_work_take(work, &layout[1]).data;
    return scratch;
}

static size_t sort_workspace(const cd_launch *launch)
{
    cd_layout layout[2];
    int64_t *indices;
    cd_work work = { NULL, 0 };
    (void)take_parts(launch, &work, layout, &indices);
    return work.bytes;
}

static void sort_run(const cd_launch *launch)
{
    const cd_sort_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_outer_size_inner at = cd_outer_size_inner_of(&x->layout->shape, a->dim);
    if (x->layout->numel == 0) return;
    cd_layout layout[2];
    int64_t *indices;
    cd_work work = { launch->workspace, 0 };
    void *scratch = take_parts(launch, &work, layout, &indices);
    cd_cpu_sort(x->layout->dtype, at.outer, at.size, at.inner, a->descending, x->data,
                launch->out[0].data, indices, scratch);
}

cd_tensor *cd_sort_for(const char *what, const cd_sort_options *options)
{
    cd_call call;
    cd_sort_attributes a = { .dim = options->dim, .descending = options->descending };
    const cd_operand in = cd_operand_tensor(options->x);
    cd_call_begin(&call, options->stable ? &cd_op_sort_stable : &cd_op_sort, &in, 1);
    call.name = what;
    call.launch.attributes = &a;
    call.others = options->indices;
    if (options->indices) call.asked |= CD_SET(1);
    return cd_call_run(&call);
}

cd_tensor *cd_sort_with(cd_sort_options options)
{
    return cd_sort_for("sort", &options);
}

#define SORT(name_, node_, like_)                                                                  \
    {                                                                                              \
        .name = (name_), .grad_fn = (node_), .like = (like_),                                      \
        .formula = "y = x in order along one dimension", .gradient = "dx = dy at the indices",     \
        .dtypes = "all", .inputs = 1, .input = { "x" }, .outputs = 2,                              \
        .save = { { CD_OUTPUT, 1 } }, CD_OP_ATTRIBUTES(cd_sort_attributes, fields),                \
        .infer = sort_infer, .cpu = { .workspace = sort_workspace, .run = sort_run },              \
        .backward = sort_backward,                                                                 \
    }

const cd_op cd_op_sort = SORT("sort", "SortBackward0", "torch.sort(x, dim)");
const cd_op cd_op_sort_stable =
    SORT("sort_stable", "SortBackward1", "torch.sort(x, dim=dim, stable=True)");
