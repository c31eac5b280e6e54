/* rot90: a copy turned by 90 degrees in the plane of two dimensions, k times, from the first of
 * them towards the second.
 *
 * Saves nothing. Kernel: core/cpu/copy.c, which reads x in another order. */
#include "autograd/families/rearrange_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_rot90_attributes, k, INTEGER),
                                   CD_FIELD(cd_rot90_attributes, dim0, DIM),
                                   CD_FIELD(cd_rot90_attributes, dim1, DIM), CD_FIELDS_END };

static void rot90_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_rot90_attributes *a = cd_attributes_of(node);
    dx[0] = cd_rot90(dy[0], -a->k, a->dim0, a->dim1);
}

static bool rot90_infer(cd_call *call)
{
    cd_rot90_attributes *a = call->launch.attributes;
    cd_diagonal_attributes plane = { .dim1 = a->dim0, .dim2 = a->dim1 };
    const cd_shape x = call->in[0].tensor->shape;
    if (!cd_check_diagonal(call->name, x.ndim, &plane)) return false;
    a->k = (a->k % 4 + 4) % 4;
    a->dim0 = plane.dim1;
    a->dim1 = plane.dim2;
    (void)cd_infer_same(call);
    if (a->k % 2 == 1) {
        call->out[0].shape.dim[a->dim0] = x.dim[a->dim1];
        call->out[0].shape.dim[a->dim1] = x.dim[a->dim0];
    }
    return true;
}

/* Twice: both dimensions are reversed. Once, or three times: they are exchanged, and one of them is
 * reversed. */
static void rot90_run(const cd_launch *launch)
{
    const cd_rot90_attributes *a = launch->attributes;
    cd_array x = launch->in[0];
    cd_layout layout = *x.layout, turned;
    if (layout.numel == 0) return;
    if (a->k == 1 || a->k == 2) cd_reverse(&x, &layout, a->dim1);
    if (a->k == 3 || a->k == 2) cd_reverse(&x, &layout, a->dim0);
    turned = layout;
    if (a->k % 2 == 1) {
        turned.shape = launch->out[0].layout->shape;
        turned.stride[a->dim0] = layout.stride[a->dim1];
        turned.stride[a->dim1] = layout.stride[a->dim0];
        turned.contiguous = false;
    }
    x.layout = &turned;
    cd_cpu_convert(&launch->out[0], &x);
}

cd_tensor *cd_rot90(cd_tensor *x, int64_t k, int dim0, int dim1)
{
    cd_rot90_attributes a = { .k = k, .dim0 = dim0, .dim1 = dim1 };
    return cd_op_with(&cd_op_rot90, &a, x);
}

const cd_op cd_op_rot90 = {
    .name = "rot90",
    .grad_fn = "Rot90Backward0",
    .like = "torch.rot90(x, k, (dim0, dim1))",
    .formula = "y[i, j] = x[j, m - 1 - i] for k = 1, and so on k times",
    .gradient = "dx = dy turned back",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_rot90_attributes, fields),
    .infer = rot90_infer,
    .cpu = { .run = rot90_run },
    .backward = rot90_backward,
};
