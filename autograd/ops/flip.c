/* flip: a copy with the order along some dimensions reversed.
 *
 * Saves nothing. Kernel: core/cpu/copy.c, which reads x from its end by negative strides. */
#include "autograd/families/rearrange_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { { "dims", CD_FIELD_SHAPE, offsetof(cd_shape_attributes, shape) },
                                   CD_FIELDS_END };

static void flip_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shape_attributes *a = cd_attributes_of(node);
    dx[0] = cd_flip(dy[0], a->shape);
}

/* The dimensions, counted from the front, take the place of those that were given. */
static bool flip_infer(cd_call *call)
{
    unsigned set = 0;
    cd_shape_attributes *a = call->launch.attributes;
    if (!cd_set_of_dims(call->name, call->in[0].tensor, a->shape, &set)) return false;
    if (call->in[0].tensor->shape.ndim == 0) set = 0;
    a->shape.ndim = 0;
    for (int i = 0; i < CD_MAX_DIMS; i++) {
        if (set >> i & 1) a->shape.dim[a->shape.ndim++] = i;
    }
    return cd_infer_same(call);
}

static void flip_run(const cd_launch *launch)
{
    const cd_shape_attributes *a = launch->attributes;
    cd_array x = launch->in[0];
    cd_layout layout = *x.layout;
    if (layout.numel == 0) return;
    for (int i = 0; i < a->shape.ndim; i++) cd_reverse(&x, &layout, (int)a->shape.dim[i]);
    cd_cpu_convert(&launch->out[0], &x);
}

cd_tensor *cd_flip(cd_tensor *x, cd_shape dims)
{
    cd_shape_attributes a = { dims };
    return cd_op_with(&cd_op_flip, &a, x);
}

const cd_op cd_op_flip = {
    .name = "flip",
    .grad_fn = "FlipBackward0",
    .like = "torch.flip(x, dims)",
    .formula = "y[.., i, ..] = x[.., n - 1 - i, ..] for each of the dimensions",
    .gradient = "dx = dy flipped",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_shape_attributes, fields),
    .infer = flip_infer,
    .cpu = { .run = flip_run },
    .backward = flip_backward,
};
