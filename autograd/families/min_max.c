/* What max and min share with their variants: over all dimensions or along one, the value or its
 * index. */
#include "autograd/families/min_max_internal.h"
#include "autograd/families/indexing_internal.h"
#include "autograd/families/workspace_internal.h"

/* --- infer ------------------------------------------------------------------------------------ */

bool cd_check_not_empty(const cd_call *call, const cd_tensor *x, unsigned reduced)
{
    char text[CD_SHAPE_TEXT];
    for (int i = 0; i < x->shape.ndim; i++) {
        if (!(reduced >> i & 1) || x->shape.dim[i] > 0) continue;
        return cd_refuse(call, CD_ERR_SHAPE,
                         "dimension %d of x (%s) is empty, and of nothing there is no largest or "
                         "smallest",
                         i, cd_sizes_text(&x->shape, text));
    }
    return true;
}

static bool check_reduced_not_empty(cd_call *call)
{
    const cd_reduce_attributes *a = call->launch.attributes;
    return cd_check_not_empty(call, call->in[0].tensor, a->reduced);
}

bool cd_infer_min_max(cd_call *call)
{
    cd_infer_reduced(call, cd_all_dims(call->in[0].tensor->shape));
    return check_reduced_not_empty(call);
}

bool cd_infer_amin_amax(cd_call *call)
{
    return cd_infer_reduced_dims(call) && check_reduced_not_empty(call);
}

bool cd_infer_min_max_dim(cd_call *call)
{
    if (!cd_infer_reduced_dim(call) || !check_reduced_not_empty(call)) return false;
    call->out[1].dtype = CD_I64;
    call->out[1].shape = call->out[0].shape;
    return true;
}

static bool infer_index_dtype(cd_call *call)
{
    call->out[0].dtype = CD_I64;
    return call->in[0].tensor->dtype != CD_BOOL ||
           cd_refuse(call, CD_ERR_DTYPE, "is not defined for bool: convert with cd_to first");
}

bool cd_infer_argmin_argmax(cd_call *call)
{
    return cd_infer_min_max(call) && infer_index_dtype(call);
}

bool cd_infer_argmin_argmax_dim(cd_call *call)
{
    return cd_infer_reduced_dim(call) && check_reduced_not_empty(call) && infer_index_dtype(call);
}

/* --- run -------------------------------------------------------------------------------------- */

/* cd_cpu_max or cd_cpu_min. */
typedef void min_max_kernel(cd_dtype dtype, const cd_reduce_shape *shape, const void *in, void *out,
                            int64_t *indices);

static void run(const cd_launch *launch, min_max_kernel *kernel, void *values, void *indices)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
    kernel(x->layout->dtype, &walk, x->data, values, indices);
}

void *cd_indices_of(const cd_launch *launch)
{
    return launch->out[1].data ? launch->out[1].data : launch->workspace;
}

size_t cd_indices_workspace(const cd_launch *launch)
{
    if (launch->out[1].data) return 0;
    cd_work work = { NULL, 0 };
    const cd_layout indices = cd_layout_row_major(CD_I64, launch->out[0].layout->shape);
    (void)cd_work_take(&work, &indices);
    return work.bytes;
}

/* Where max_dim and min_dim put their indices; NULL for max and min. Indices are computed even if
 * nobody asks for them: without, the kernel may return another of several equal elements (a 0 of
 * the other sign, another NaN). */
static void *indices_or_null(const cd_launch *launch)
{
    return launch->outputs > 1 ? cd_indices_of(launch) : NULL;
}

void cd_run_max(const cd_launch *launch)
{
    run(launch, cd_cpu_max, launch->out[0].data, indices_or_null(launch));
}

void cd_run_min(const cd_launch *launch)
{
    run(launch, cd_cpu_min, launch->out[0].data, indices_or_null(launch));
}

void cd_run_argmax(const cd_launch *launch)
{
    run(launch, cd_cpu_max, NULL, launch->out[0].data);
}

void cd_run_argmin(const cd_launch *launch)
{
    run(launch, cd_cpu_min, NULL, launch->out[0].data);
}

/* --- the calls -------------------------------------------------------------------------------- */

cd_tensor *cd_op_with_indices(const cd_op *op, void *attributes, cd_tensor *x, cd_tensor **indices)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, op, &in, 1);
    call.launch.attributes = attributes;
    call.others = indices;
    if (indices) call.asked |= CD_SET(1);
    return cd_call_run(&call);
}

cd_tensor *cd_op_with_second(const cd_op *op, void *attributes, cd_tensor *x, cd_tensor **second,
                             const char *what)
{
    if (!second) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %s is NULL, and it is where the second result is put",
                      op->name, what);
        return NULL;
    }
    return cd_op_with_indices(op, attributes, x, second);
}

cd_tensor *cd_op_min_max_dim(const cd_op *op, const cd_dim_options *options)
{
    cd_reduce_attributes a = { .dim = options->dim, .keepdim = options->keepdim };
    return cd_op_with_indices(op, &a, options->x, options->indices);
}

/* --- the gradient ----------------------------------------------------------------------------- */

void cd_min_max_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *x = cd_saved_value(node, CD_MIN_MAX_SAVED_X);
    cd_tensor *reached = cd_is_reached(x, cd_saved_value(node, CD_MIN_MAX_SAVED_Y));
    dx[0] = cd_where(reached, cd_div(dy[0], cd_sum(reached)), 0);
}

cd_tensor *cd_op_share(cd_tensor *dy, cd_tensor *y, cd_tensor *x, cd_dims dims)
{
    if (!x) return NULL;
    const unsigned reduced = cd_dims_set(&dims);
    cd_tensor *reached = cd_eq(x, cd_op_restore_dims(y, x->shape, reduced));
    cd_tensor *count = cd_sum(reached, .dims = dims, .keepdim = true);
    return cd_div(cd_mul(cd_op_restore_dims(dy, x->shape, reduced), reached), count);
}

void cd_amin_amax_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_dims_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, CD_MIN_MAX_SAVED_X);
    dx[0] = cd_op_share(dy[0], cd_saved_value(node, CD_MIN_MAX_SAVED_Y), x, a->dims);
}

cd_tensor *cd_is_reached(cd_tensor *x, cd_tensor *y)
{
    return cd_add(cd_eq(x, y), cd_mul(cd_ne(x, x), cd_ne(y, y)));
}

void cd_min_max_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    cd_tensor *index = cd_op_restore_dims(cd_saved_value(node, 0), shape, a->reduced);
    dx[0] = cd_gather_backward(cd_op_restore_dims(dy[0], shape, a->reduced), a->dim, index, shape);
}
