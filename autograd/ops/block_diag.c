/* block_diag: a matrix with tensors of 2 dimensions or fewer along its diagonal, and 0 elsewhere. A
 * vector is a row, and a 0-d tensor an element. Their dtypes are promoted to one, as by
 * torch.result_type. Saves nothing. Kernel: core/cpu/copy.c. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static int64_t rows_of(const cd_shape *x)
{
    return x->ndim == 2 ? x->dim[0] : 1;
}

static int64_t columns_of(const cd_shape *x)
{
    return x->ndim > 0 ? x->dim[x->ndim - 1] : 1;
}

static void block_diag_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    int64_t row = 0, column = 0;
    for (int k = 0; k < node->edges; k++) {
        const cd_shape *x = &node->input[k].shape;
        if (cd_wanted(node, k)) {
            cd_tensor *block = cd_narrow(dy[0], 0, row, rows_of(x));
            dx[k] = cd_reshape(cd_narrow(block, 1, column, columns_of(x)), *x);
        }
        row += rows_of(x);
        column += columns_of(x);
    }
}

static bool block_diag_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    int64_t rows = 0, columns = 0;
    for (int k = 0; k < call->inputs; k++) {
        const cd_shape *x = &call->in[k].tensor->shape;
        if (x->ndim > 2) {
            return cd_refuse(call, CD_ERR_SHAPE,
                             "tensor %d has shape %s, and must have 2 dimensions or fewer", k,
                             cd_sizes_text(x, text));
        }
        if (__builtin_add_overflow(rows, rows_of(x), &rows) ||
            __builtin_add_overflow(columns, columns_of(x), &columns)) {
            return cd_refuse(call, CD_ERR_SHAPE,
                             "with tensor %d (%s) the result has more elements than can be counted",
                             k, cd_sizes_text(x, text));
        }
    }
    call->out[0].dtype = cd_result_type(call->in, call->inputs);
    call->out[0].shape = CD_SHAPE(rows, columns);
    return true;
}

static void block_diag_run(const cd_launch *launch)
{
    const cd_array *y = &launch->out[0];
    const int64_t *stride = y->layout->stride;
    int64_t at = 0;
    cd_cpu_zero(y);
    for (int k = 0; k < launch->inputs; k++) {
        const cd_shape *x = &launch->in[k].layout->shape;
        cd_cpu_copy_into(y, stride + (2 - x->ndim), at, &launch->in[k]);
        at += rows_of(x) * stride[0] + columns_of(x) * stride[1];
    }
}

cd_tensor *cd_block_diag(cd_tensors tensors)
{
    return cd_op_variadic(&cd_op_block_diag, NULL, tensors);
}

const cd_op cd_op_block_diag = {
    .name = "block_diag",
    .grad_fn = "BlockDiagBackward0",
    .like = "torch.block_diag(*tensors)",
    .formula = "y = the tensors along the diagonal, 0 elsewhere",
    .gradient = "dx[k] = the part of dy that input k became",
    .dtypes = "all, promoted to one",
    .variadic = true,
    .input = { "tensor" },
    .infer = block_diag_infer,
    .cpu = { .run = block_diag_run },
    .backward = block_diag_backward,
};
