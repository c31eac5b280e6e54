/* glu: the first half of x along a dimension, times the sigmoid of the second half.
 *
 * Saves x. Kernels, of glu and of its gradient, which is an op itself: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"
#include "core/cpu/elementwise_internal.h"

static void glu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_dim_attributes *given = cd_attributes_of(node);
    cd_dim_attributes a = *given;
    dx[0] = cd_op_with(&cd_op_glu_backward, &a, dy[0], cd_activation_x(node));
}

static bool glu_infer(cd_call *call)
{
    cd_dim_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    char text[CD_SHAPE_TEXT];
    if (!cd_check_floating(call, x->dtype)) return false;
    if (x->shape.ndim == 0) {
        return cd_refuse(call, CD_ERR_SHAPE, "x is a scalar, which cannot be halved");
    }
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    if (x->shape.dim[a->dim] % 2 != 0) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the size of dimension %d of x (%s) is odd, and must be halved", a->dim,
                         cd_sizes_text(&x->shape, text));
    }
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    call->out[0].shape.dim[a->dim] /= 2;
    return true;
}

/* A half of an argument of a kernel along a dimension. */
typedef struct half {
    cd_layout layout;
    cd_array array;
} half;

static void take_half(const cd_array *x, int dim, bool second, half *h)
{
    h->layout = *x->layout;
    const int64_t size = h->layout.shape.dim[dim] /= 2;
    h->layout.numel /= 2;
    for (int i = 0; i < dim; i++) {
        if (h->layout.shape.dim[i] != 1) h->layout.contiguous = false;
    }
    const int64_t bytes = (int64_t)cd_dtype_size(h->layout.dtype) * h->layout.stride[dim] * size;
    h->array = (cd_array){ (char *)x->data + (second ? bytes : 0), &h->layout };
}

static void glu_run(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    if (launch->out[0].layout->numel == 0) return;
    half first, second;
    take_half(&launch->in[0], a->dim, false, &first);
    take_half(&launch->in[0], a->dim, true, &second);
    const cd_array halves[2] = { first.array, second.array };
    cd_cpu_apply(CD_MAP_glu, &launch->out[0], 2, halves);
}

cd_tensor *cd_glu(cd_tensor *x, int dim)
{
    cd_dim_attributes a = { .dim = dim };
    return cd_op_with(&cd_op_glu, &a, x);
}

const cd_op cd_op_glu = {
    .name = "glu",
    .grad_fn = "GluBackward0",
    .like = "torch.nn.functional.glu(x, dim=-1)",
    .formula = "y = a sigmoid(b), where a and b are the halves of x",
    .gradient = "da = dy s, db = dy a s (1 - s), s = sigmoid(b)",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = glu_infer,
    .cpu = { .run = glu_run },
    .backward = glu_backward,
};

/* --- glu_backward: the gradient, computed by one kernel for each half ------------------------- */

/* g is the gradient of dx, with the halves ga and gb. With s' = s (1 - s), dy gets ga s + gb a
 * s'. a gets gb dy s', and b gets dy s' (ga + gb a (1 - 2 s)). */
static void glu_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_dim_attributes *given = cd_attributes_of(node);
    const int dim = given->dim;
    cd_tensor *x = cd_activation_x(node);
    if (!x || !g[0]) return;
    const int64_t size = x->shape.dim[dim] / 2;
    cd_tensor *a = cd_narrow(x, dim, 0, size), *s = cd_sigmoid(cd_narrow(x, dim, size, size));
    cd_tensor *ga = cd_narrow(g[0], dim, 0, size), *gb = cd_narrow(g[0], dim, size, size);
    cd_tensor *slope = cd_mul(s, cd_sub(1, s));
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_add(cd_mul(ga, s), cd_mul(gb, cd_mul(a, slope)));
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    cd_tensor *dy_slope = cd_mul(cd_saved_value(node, CD_ACTIVATION_SAVED_DY), slope);
    cd_tensor *bend = cd_mul(cd_mul(gb, a), cd_sub(1, cd_mul(s, 2)));
    cd_tensor *of_a = cd_mul(gb, dy_slope), *of_b = cd_mul(dy_slope, cd_add(ga, bend));
    grad[CD_ACTIVATION_X] = cd_cat(CD_TENSORS(of_a, of_b), dim);
}

static bool glu_backward_infer(cd_call *call)
{
    const cd_dim_attributes *a = call->launch.attributes;
    const cd_tensor *dy = call->in[CD_ACTIVATION_DY].tensor, *x = call->in[CD_ACTIVATION_X].tensor;
    cd_shape half_shape = x->shape;
    half_shape.dim[a->dim] /= 2;
    if (!cd_check_gradient_shape(call, dy, half_shape)) return false;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

static void run_backward(const cd_launch *launch)
{
    const cd_dim_attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[CD_ACTIVATION_DY], *x = &launch->in[CD_ACTIVATION_X];
    if (x->layout->numel == 0) return;
    half first, second, of_first, of_second;
    take_half(x, a->dim, false, &first);
    take_half(x, a->dim, true, &second);
    take_half(&launch->out[0], a->dim, false, &of_first);
    take_half(&launch->out[0], a->dim, true, &of_second);
    const cd_array gate[2] = { *dy, second.array };
    const cd_array all[3] = { *dy, first.array, second.array };
    cd_cpu_apply(CD_MAP_glu, &of_first.array, 2, gate); /* dy sigmoid(b) */
    cd_cpu_apply(CD_MAP_glu_gate_backward, &of_second.array, 3, all);
}

const cd_op cd_op_glu_backward = {
    .name = "glu_backward",
    .grad_fn = "GluBackwardBackward0",
    .formula = "da = dy s, db = dy a s (1 - s), s = sigmoid(b)",
    .gradient = "for dy: ga s + gb a s', for a: gb dy s', for b: dy s' (ga + gb a (1 - 2 s)), s' = "
                "s (1 - s)",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "x" },
    .save = CD_ACTIVATION_SAVES_BOTH,
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = glu_backward_infer,
    .cpu = { .run = run_backward },
    .backward = glu_backward_backward,
};
