/* logsumexp: the logarithm of a sum of exponentials, over dimensions, which are dropped, or stay
 * with size 1 (.keepdim).
 *
 * Computed as follows, with m the largest element, or 0 where that is infinite, so that exp does
 * not overflow:
 *
 *     y = m + log(sum(exp(x - m)))
 *
 * Over nothing, and over nothing but -inf, y is -inf. Integers and bool become float32.
 *
 * Saves x and y. Kernels: maps of core/cpu/, and the max and the sum of core/cpu/reduce*.c. */
#include <string.h>

#include "autograd/families/reduction_internal.h"
#include "autograd/families/workspace_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { SAVED_X, SAVED_Y };

static void logsumexp_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    cd_tensor *y = cd_op_restore_dims(cd_saved_value(node, SAVED_Y), shape, a->reduced);
    cd_tensor *softmax = cd_exp(cd_sub(cd_saved_value(node, SAVED_X), y));
    dx[0] = cd_mul(cd_op_restore_dims(dy[0], shape, a->reduced), softmax);
}

static bool logsumexp_infer(cd_call *call)
{
    if (!cd_infer_reduced_dims(call)) return false;
    const cd_dtype dtype = cd_floating_type(call->in[0].tensor->dtype);
    call->need[0].dtype = call->out[0].dtype = dtype;
    return true;
}

/* The workspace: m, in which the dimension stays with size 1 so that m broadcasts to x; and
 * exp(x - m). */
typedef struct parts {
    cd_layout m_layout, exps_layout;
    cd_array m, exps;
} parts;

static void take_parts(const cd_launch *launch, cd_work *work, parts *p)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_layout *x = launch->in[0].layout;
    p->m_layout = cd_layout_row_major(x->dtype, cd_reduced_shape(x->shape, a->reduced, true));
    p->exps_layout = cd_layout_row_major(x->dtype, x->shape);
    p->m = cd_work_take(work, &p->m_layout);
    p->exps = cd_work_take(work, &p->exps_layout);
}

static size_t logsumexp_workspace(const cd_launch *launch)
{
    parts p;
    cd_work work = { NULL, 0 };
    take_parts(launch, &work, &p);
    return work.bytes;
}

static void find_max(const cd_array *x, const cd_reduce_attributes *a, const cd_array *m)
{
    const cd_dtype dtype = x->layout->dtype;
    if (cd_reduced_count(&x->layout->shape, a->reduced) == 0) {
        memset(m->data, 0, (size_t)m->layout->numel * cd_dtype_size(dtype));
    } else {
        const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
        cd_cpu_max(dtype, &walk, x->data, m->data, NULL);
    }
    cd_cpu_apply(CD_MAP_zero_infinity, m, 1, m);
}

static void logsumexp_run(const cd_launch *launch)
{
    parts p;
    cd_work work = { launch->workspace, 0 };
    const cd_reduce_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_dtype dtype = x->layout->dtype;
    take_parts(launch, &work, &p);
    find_max(x, a, &p.m);
    const cd_array both[2] = { *x, p.m };
    cd_cpu_apply(CD_MAP_sub, &p.exps, 2, both);
    cd_cpu_apply(CD_MAP_exp, &p.exps, 1, &p.exps);
    /* y, in which the dimension stays too. */
    const cd_array y = { launch->out[0].data, &p.m_layout };
    const cd_reduce_shape walk = cd_reduce_walk(&p.exps_layout, a->reduced);
    cd_cpu_sum(dtype, &walk, p.exps.data, y.data);
    cd_cpu_apply(CD_MAP_log, &y, 1, &y);
    const cd_array terms[2] = { y, p.m };
    cd_cpu_apply(CD_MAP_add, &y, 2, terms);
}

cd_tensor *cd_logsumexp_with(cd_dim_options options)
{
    return cd_op_reduce_sum_dim(&cd_op_logsumexp, &options);
}

cd_tensor *cd_logsumexp_dims_with(cd_logsumexp_options options)
{
    const cd_dims_options over = { .x = options.x,
                                   .dims = options.dims,
                                   .keepdim = options.keepdim };
    return cd_op_reduce_dims(&cd_op_logsumexp, &over);
}

const cd_op cd_op_logsumexp = {
    .name = "logsumexp",
    .grad_fn = "LogsumexpBackward0",
    .like = "torch.logsumexp(x, dim)",
    .formula = "y = log(sum(exp(x))) over dimensions",
    .gradient = "dx = dy exp(x - y)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .save = { [SAVED_X] = { CD_INPUT, 0 }, [SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_dims_attributes, cd_reduce_dims_fields),
    .infer = logsumexp_infer,
    .cpu = { .workspace = logsumexp_workspace, .run = logsumexp_run },
    .backward = logsumexp_backward,
};
