/* trace: the sum of a matrix's main diagonal. Integers are summed as int64.
 *
 * Saves nothing. Kernel: core/cpu/reduce_sums.c, over the diagonal. */
#include "autograd/families/rearrange_internal.h"
#include "autograd/families/reduction_internal.h"

static const cd_diagonal_attributes main_diagonal = { .dim1 = 0, .dim2 = 1 };

static void trace_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_value_info *x = &node->input[0];
    cd_layout layout = cd_layout_row_major(x->dtype, x->shape);
    cd_diagonal_layout(&layout, &main_diagonal);
    dx[0] = cd_layout_backward(cd_expand(dy[0], layout.shape), x->shape, &layout);
}

static bool trace_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_tensor *x = call->in[0].tensor;
    call->out[0].dtype = cd_sum_type(x->dtype);
    call->out[0].shape = CD_SCALAR;
    if (x->shape.ndim != 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "x has shape %s, and must be a matrix",
                         cd_sizes_text(&x->shape, text));
    }
    return cd_check_computes_in(call, x->dtype);
}

static void trace_run(const cd_launch *launch)
{
    cd_layout layout = *launch->in[0].layout;
    const int64_t first = layout.offset;
    cd_diagonal_layout(&layout, &main_diagonal);
    layout.numel = layout.shape.dim[0];
    layout.contiguous = false;
    const cd_array diagonal = { (char *)launch->in[0].data +
                                    (layout.offset - first) * (int64_t)cd_dtype_size(layout.dtype),
                                &layout };
    cd_run_sum_of(&diagonal, &launch->out[0]);
}

cd_tensor *cd_trace(cd_tensor *x)
{
    return cd_op_apply(&cd_op_trace, x);
}

const cd_op cd_op_trace = {
    .name = "trace",
    .grad_fn = "TraceBackward0",
    .like = "torch.trace(x)",
    .formula = "y = the sum of x[i, i]",
    .gradient = "dx = dy on the diagonal, 0 elsewhere",
    .dtypes = "all but bool; integers become int64",
    .inputs = 1,
    .input = { "x" },
    .computes_in = CD_NUMERIC,
    .infer = trace_infer,
    .cpu = { .run = trace_run },
    .backward = trace_backward,
};
