/* linear_scan: the recurrence by which the gradients of products and cumulative sums are
 * computed. PyTorch has no such op.
 *
 *     y[k] = b[k] + a[k] y[k - 1]         y[0] = b[0]
 *     y[k] = b[k] + a[k + 1] y[k + 1]     y[n - 1] = b[n - 1], with .reverse
 *
 * Each is the gradient of the other, so this op can be differentiated any number of times. a[0]
 * is not used, and its gradient is 0. a has the shape and dtype of b. Saves a and y. Kernel:
 * core/cpu/scan.c. */
#include "autograd/families/scan_internal.h"
#include "autograd/ops_internal.h"

enum { B, A }; /* its inputs */
enum { SAVED_A, SAVED_Y };

static void linear_scan_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_scan_attributes *s = cd_attributes_of(node);
    const cd_shape shape = node->input[0].shape;
    cd_tensor *sums = cd_linear_scan(dy[0], cd_saved_value(node, SAVED_A), s->dim, !s->reverse);
    if (cd_wanted(node, B)) dx[B] = sums;
    if (!cd_wanted(node, A)) return;
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (shape.ndim == 0 || shape.dim[s->dim] == 0) {
        dx[A] = cd_zeros_like(y);
        return;
    }
    cd_tensor *product = cd_mul(cd_all_but_one(sums, s->dim, s->reverse ? 0 : 1),
                                cd_all_but_one(y, s->dim, s->reverse ? 1 : 0));
    dx[A] = cd_slice_backward(product, shape, s->dim, 1, shape.dim[s->dim], 1);
}

static bool linear_scan_infer(cd_call *call)
{
    const cd_tensor *b = call->in[B].tensor, *a = call->in[A].tensor;
    char text[2][CD_SHAPE_TEXT];
    if (!cd_infer_scan(call) || !cd_check_floating(call, b->dtype)) return false;
    if (a->dtype != b->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE, "b is %s, and a is %s", cd_dtype_name(b->dtype),
                         cd_dtype_name(a->dtype));
    }
    return cd_same_sizes(&a->shape, &b->shape) ||
           cd_refuse(call, CD_ERR_SHAPE, "b (%s) and a (%s) must have one shape",
                     cd_sizes_text(&b->shape, text[0]), cd_sizes_text(&a->shape, text[1]));
}

static void linear_scan_run(const cd_launch *launch)
{
    cd_run_scan(launch, CD_SCAN_LINEAR);
}

cd_tensor *cd_linear_scan(cd_tensor *b, cd_tensor *a, int dim, bool reverse)
{
    cd_scan_attributes attributes = { .dim = dim, .reverse = reverse };
    return cd_op_with(&cd_op_linear_scan, &attributes, b, a);
}

const cd_op cd_op_linear_scan = {
    .name = "linear_scan",
    .grad_fn = "LinearScanBackward0",
    .like = "none: a loop over b[k] + a[k] * y[k - 1]",
    .formula = "y[k] = b[k] + a[k] y[k - 1], or backwards y[k] = b[k] + a[k + 1] y[k + 1]",
    .gradient = "db = the same backwards, of dy; da[k] = db[k] y[k - 1]",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "b", "a" },
    .save = { [SAVED_A] = { CD_INPUT, A }, [SAVED_Y] = { CD_OUTPUT, 0, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_scan_attributes, cd_scan_fields),
    .infer = linear_scan_infer,
    .cpu = { .run = linear_scan_run },
    .backward = linear_scan_backward,
};
