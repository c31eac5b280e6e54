/* gelu: x times the probability that a normal number is below x, or an approximation of that with
 * tanh. NaN at -inf, as in PyTorch; at inf it is inf, where PyTorch's vector code has NaN.
 *
 * Saves x. Kernels, of gelu and of its gradient, which is an op itself: core/cpu/activation.c. */
#include "autograd/families/activation_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_gelu_attributes, tanh, BOOL), CD_FIELDS_END };

static void gelu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_gelu_backward, dy[0]);
}

static void gelu_run(const cd_launch *launch)
{
    const cd_gelu_attributes *a = launch->attributes;
    cd_cpu_map_launch(a->tanh ? CD_MAP_gelu_tanh : CD_MAP_gelu, launch);
}

cd_tensor *cd_gelu_with(cd_gelu_options o)
{
    if (o.approximate != CD_GELU_NONE && o.approximate != CD_GELU_TANH) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "gelu: .approximate is %d, and must be CD_GELU_NONE or CD_GELU_TANH",
                      (int)o.approximate);
        return NULL;
    }
    cd_gelu_attributes a = { .tanh = o.approximate == CD_GELU_TANH };
    return cd_op_with(&cd_op_gelu, &a, o.x);
}

const cd_op cd_op_gelu = {
    .name = "gelu",
    .grad_fn = "GeluBackward0",
    .like = "torch.nn.functional.gelu(x, approximate=...)",
    .formula = "y = x P(x), P(x) = (1 + erf(x / sqrt(2))) / 2; or x (1 + tanh(sqrt(2 / pi) (x + "
               "0.044715 x^3))) / 2",
    .gradient =
        "dx = dy (P(x) + x exp(-x^2 / 2) / sqrt(2 pi)), or the derivative of the approximation",
    CD_ACTIVATION,
    CD_OP_ATTRIBUTES(cd_gelu_attributes, fields),
    .cpu = { .run = gelu_run },
    .save = { { CD_INPUT, 0 } },
    .backward = gelu_backward,
};

/* --- gelu_backward: the gradient, in one pass over dy and x ----------------------------------- */

/* The second derivative: exp(-x^2 / 2) / sqrt(2 pi) (2 - x^2). */
static cd_tensor *curve(cd_tensor *x)
{
    cd_tensor *square = cd_mul(x, x);
    cd_tensor *density = cd_mul(cd_exp(cd_mul(square, -0.5)), 0.39894228040143268);
    return cd_mul(density, cd_sub(2, square));
}

/* That of the approximation x s(v), s being the sigmoid and v = 2 sqrt(2 / pi) (x + 0.044715 x^3):
 * s (1 - s) (2 v' + x v'' + x v'^2 (1 - 2 s)). */
static cd_tensor *tanh_curve(cd_tensor *x)
{
    const double root = 1.5957691216057308, cubic = 0.044715;
    cd_tensor *square = cd_mul(x, x);
    cd_tensor *s = cd_sigmoid(cd_mul(cd_mul(x, root), cd_add(1, cd_mul(square, cubic))));
    cd_tensor *slope = cd_mul(cd_add(1, cd_mul(square, 3 * cubic)), root);
    cd_tensor *bend = cd_mul(cd_mul(slope, slope), cd_sub(1, cd_mul(s, 2)));
    cd_tensor *by_x = cd_add(cd_mul(x, 6 * cubic * root), bend);
    cd_tensor *sum = cd_add(cd_mul(slope, 2), cd_mul(x, by_x));
    return cd_mul(cd_mul(s, cd_sub(1, s)), sum);
}

/* g is the gradient of dx. The gradient of dy is the same op of g. */
static void gelu_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    if (cd_wanted(node, CD_ACTIVATION_DY)) {
        grad[CD_ACTIVATION_DY] = cd_activation_gradient(node, &cd_op_gelu_backward, g[0]);
    }
    if (!cd_wanted(node, CD_ACTIVATION_X)) return;
    const cd_gelu_attributes *a = cd_attributes_of(node);
    cd_tensor *x = cd_activation_x(node), *both = cd_activation_dy_times(node, g[0]);
    grad[CD_ACTIVATION_X] = cd_mul(both, a->tanh ? tanh_curve(x) : curve(x));
}

static void run_backward(const cd_launch *launch)
{
    const cd_gelu_attributes *a = launch->attributes;
    cd_cpu_map_launch(a->tanh ? CD_MAP_gelu_tanh_backward : CD_MAP_gelu_backward, launch);
}

const cd_op cd_op_gelu_backward = {
    .name = "gelu_backward",
    .grad_fn = "GeluBackwardBackward0",
    .formula =
        "dx = dy (P(x) + x exp(-x^2 / 2) / sqrt(2 pi)), or the derivative of the approximation",
    .gradient = "for dy: the same of g, for x: g dy (2 - x^2) exp(-x^2 / 2) / sqrt(2 pi), or that "
                "of the approximation",
    CD_ACTIVATION_GRADIENT,
    CD_OP_ATTRIBUTES(cd_gelu_attributes, fields),
    .cpu = { .run = run_backward },
    .save = CD_ACTIVATION_SAVES_BOTH,
    .backward = gelu_backward_backward,
};
