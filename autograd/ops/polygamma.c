/* polygamma: the n-th derivative of digamma; with n = 0 digamma itself. Integers and bool become
 * float32.
 *
 * Saves x. Kernels: core/cpu/math_kernel.c. */
#include <limits.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/math.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_polygamma_attributes, n, DIM), CD_FIELDS_END };

static void polygamma_run(const cd_launch *launch)
{
    const cd_polygamma_attributes *a = launch->attributes;
    cd_cpu_map_launch(a->n == 0 ? CD_MAP_digamma : CD_MAP_polygamma, launch);
}

static void polygamma_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_polygamma_attributes *a = cd_attributes_of(node);
    dx[0] = cd_mul(dy[0], cd_polygamma(a->n + 1, cd_saved_value(node, 0)));
}

static cd_tensor *polygamma(int n, cd_tensor *x, bool in_place)
{
    cd_polygamma_attributes a = { n };
    if (!cd_check_tensor(x, "polygamma", "x")) return NULL;
    /* The gradient has the order n + 1, which must be an int too. */
    if (n >= 0 && n < INT_MAX) return cd_op_tensors(&cd_op_polygamma, in_place, &a, 1, &x);
    (void)cd_fail(CD_ERR_ARGUMENT, "polygamma: n is %d, and must not be negative or as large as %d",
                  n, INT_MAX);
    return NULL;
}

cd_tensor *cd_polygamma(int n, cd_tensor *x)
{
    return polygamma(n, x, false);
}

cd_tensor *cd_polygamma_(cd_tensor *x, int n)
{
    return polygamma(n, x, true);
}

const cd_op cd_op_polygamma = {
    .name = "polygamma",
    .grad_fn = "PolygammaBackward0",
    .like = "torch.polygamma(n, x)",
    .formula = "y = the n-th derivative of digamma at x",
    .gradient = "dx = dy * polygamma(n + 1, x)",
    .dtypes = "floating; others become float32",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_FLOATING,
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_polygamma_attributes, fields),
    .cpu = { .run = polygamma_run },
    .backward = polygamma_backward,
};
