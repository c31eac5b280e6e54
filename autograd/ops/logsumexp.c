/* autograd/ops/logsumexp.c
 *
 *   y = log(sum(exp(x))) along one dimension          dx = dy exp(x - y)
 *
 * Computed as m + log(sum(exp(x - m))) with m the largest, or 0 where that is infinite, so it does
 * not overflow. Over nothing, and of -inf alone, it is -inf. Integers become float32. The dimension
 * goes, or stays with size 1 (.keepdim). */
#include <string.h>

#include "autograd/op/reduction_internal.h"
#include "autograd/op/workspace_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { SAVED_X, SAVED_Y };

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_reduce_attributes *a = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    cd_tensor *y = cd_op_restore_dim(cd_saved_value(node, SAVED_Y), shape, a->dim);
    cd_tensor *part = cd_exp(cd_sub(cd_saved_value(node, SAVED_X), y));
    dx[0] = cd_mul(cd_op_restore_dim(dy[0], shape, a->dim), part);
}

static bool infer(cd_call *call)
{
    if (!cd_infer_reduced_dim(call)) return false;
    const cd_dtype dtype = cd_floating_type(call->in[0].tensor->dtype);
    call->need[0].dtype = call->out[0].dtype = dtype;
    return true;
}

/* What is computed on the way: m, and exp(x - m). The dimension is kept, so that m broadcasts. */
typedef struct parts {
    cd_layout of_most, of_elements;
    cd_argument most, elements;
} parts;

static void take_parts(const cd_launch *launch, cd_work *work, parts *p)
{
    const cd_reduce_attributes *a = launch->attributes;
    const cd_layout *x = launch->in[0].layout;
    p->of_most = cd_layout_row_major(x->dtype, cd_reduced_shape(x->shape, a->reduced, true));
    p->of_elements = cd_layout_row_major(x->dtype, x->shape);
    p->most = cd_work_take(work, &p->of_most);
    p->elements = cd_work_take(work, &p->of_elements);
}

static size_t workspace(const cd_launch *launch)
{
    parts p;
    cd_work work = { NULL, 0 };
    take_parts(launch, &work, &p);
    return work.bytes;
}

static void find_most(const cd_argument *x, const cd_reduce_attributes *a, const cd_argument *most)
{
    const cd_dtype dtype = x->layout->dtype;
    if (x->layout->shape.ndim > 0 && x->layout->shape.dim[a->dim] == 0) {
        memset(most->data, 0, (size_t)most->layout->numel * cd_dtype_size(dtype));
    } else {
        const cd_reduce_shape walk = cd_reduce_walk(x->layout, a->reduced);
        cd_cpu_max(dtype, &walk, x->data, most->data, NULL);
    }
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_zero_infinity, dtype), most, 1, most, NULL);
}

static void run(const cd_launch *launch)
{
    parts p;
    cd_work work = { launch->workspace, 0 };
    const cd_reduce_attributes *a = launch->attributes;
    const cd_argument *x = &launch->in[0];
    const cd_dtype dtype = x->layout->dtype;
    take_parts(launch, &work, &p);
    find_most(x, a, &p.most);
    const cd_argument both[2] = { *x, p.most };
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_sub, dtype), &p.elements, 2, both, NULL);
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_exp, dtype), &p.elements, 1, &p.elements, NULL);
    /* y, with the dimension kept. */
    const cd_argument y = { launch->out[0].data, &p.of_most };
    const cd_reduce_shape walk = cd_reduce_walk(&p.of_elements, a->reduced);
    cd_cpu_sum(dtype, &walk, p.elements.data, y.data);
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_log, dtype), &y, 1, &y, NULL);
    const cd_argument terms[2] = { y, p.most };
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_add, dtype), &y, 2, terms, NULL);
}

cd_tensor *cd_logsumexp_with(cd_dim_options o)
{
    if (!cd_refuse_indices("logsumexp", o.indices)) return NULL;
    cd_reduce_attributes a = { .dim = o.dim, .keepdim = o.keepdim };
    return cd_op_with(&cd_op_logsumexp, &a, o.x);
}

const cd_op cd_op_logsumexp = {
    .name = "logsumexp",
    .grad_fn = "LogsumexpBackward0",
    .like = "torch.logsumexp(x, dim)",
    .formula = "y = log(sum(exp(x))) along one dimension",
    .gradient = "dx = dy exp(x - y)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .save = { [SAVED_X] = { CD_INPUT, 0 }, [SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_reduce_attributes, cd_reduce_dim_fields),
    .infer = infer,
    .cpu = { .workspace = workspace, .run = run },
    .backward = backward,
};
