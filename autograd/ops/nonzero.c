/* nonzero: the indices of the elements that are not 0, row by row. NaN is not 0. As a tuple: the
 * columns of that.
 *
 * The number of rows depends on the elements: measure counts them. x is read as bool. Kernel:
 * core/cpu/masked.c. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/index_ops.h"
#include "autograd/ops_internal.h"
#include "core/cpu/masked_internal.h"

static bool nonzero_infer(cd_call *call)
{
    call->need[0] = (cd_need){ .dtype = CD_BOOL, .order = CD_ROW_MAJOR };
    call->out[0].dtype = CD_I64;
    call->out[0].shape = CD_SHAPE(CD_MEASURED, call->in[0].tensor->shape.ndim);
    return true;
}

static int64_t nonzero_measure(const cd_launch *launch)
{
    return cd_cpu_mask_count(launch->in[0].data, launch->in[0].layout->numel);
}

static void nonzero_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    cd_cpu_nonzero(x->data, y->layout->shape.dim[0], x->layout->shape, y->data);
}

cd_tensor *cd_nonzero(cd_tensor *x)
{
    return cd_op_apply(&cd_op_nonzero, x);
}

cd_tensors cd_nonzero_as_tuple(cd_tensor *x)
{
    const cd_tensors none = { .count = 0 };
    if (!cd_check_tensor(x, "nonzero", "x")) return none;
    const cd_scope scope = cd_scope_begin();
    cd_tensor *rows = cd_nonzero(cd_atleast_1d(x));
    return cd_unbind(cd_ops_end(scope, rows), 1);
}

const cd_op cd_op_nonzero = {
    .name = "nonzero",
    .like = "torch.nonzero(x, as_tuple)",
    .formula = "y[k] = the indices of the k-th element of x that is not 0",
    .gradient = "none: an index has no gradient",
    .dtypes = "all; y is int64",
    .inputs = 1,
    .input = { "x" },
    .infer = nonzero_infer,
    .cpu = { .measure = nonzero_measure, .run = nonzero_run },
};
