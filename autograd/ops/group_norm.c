/* group_norm: normalises groups of channels of each image by their mean and variance, then
 * scales and shifts each channel.
 *
 * x is N x C x ..., and weight and bias, which may be left out, have C elements. Saves mean and
 * rstd = 1 / sqrt(var + eps) of each image and group, which are hidden outputs, weight for the
 * gradient of x, and x. Kernels: core/cpu/group_norm.c.
 *
 * The gradients come from a second op, group_norm_backward. It cannot be differentiated; with
 * .create_graph they are computed by ops instead. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/norm_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/group_norm_internal.h"

enum { X, WEIGHT, BIAS, INPUTS };
enum { Y, MEAN, RSTD, OUTPUTS };
enum { SAVED_MEAN, SAVED_RSTD, SAVED_WEIGHT, SAVED_X };
enum { GRAD_DY, GRAD_X, GRAD_WEIGHT, GRAD_MEAN, GRAD_RSTD, GRAD_INPUTS };

static const cd_field fields[] = { CD_FIELD(cd_group_norm_attributes, groups, INTEGER),
                                   CD_FIELD(cd_group_norm_attributes, eps, REAL), CD_FIELDS_END };

static cd_group_norm_call kernel_call(const cd_group_norm_attributes *a, const cd_layout *x,
                                      const void *weight, const void *bias)
{
    cd_group_norm_call norm = { .dtype = x->dtype,
                                .images = x->shape.dim[0],
                                .channels = x->shape.dim[1],
                                .pixels = 1,
                                .groups = a->groups,
                                .weight = weight,
                                .bias = bias,
                                .eps = a->eps };
    for (int i = 2; i < x->shape.ndim; i++) norm.pixels *= x->shape.dim[i];
    return norm;
}

/* --- infer and run ---------------------------------------------------------------------------- */

static bool check_groups(const cd_call *call, const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    const cd_group_norm_attributes *a = call->launch.attributes;
    if (x->shape.ndim < 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must be N x C or N x C x ...",
                         cd_sizes_text(&x->shape, text));
    }
    if (a->groups >= 1 && x->shape.dim[1] % a->groups == 0) return true;
    return cd_refuse(call, CD_ERR_SHAPE, "%lld groups do not divide the %lld channels of x (%s)",
                     (long long)a->groups, (long long)x->shape.dim[1],
                     cd_sizes_text(&x->shape, text));
}

/* As in PyTorch an image has elements, and one image more than one for each group. */
static bool check_sizes(const cd_call *call, const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    const cd_group_norm_attributes *a = call->launch.attributes;
    for (int i = 1; i < x->shape.ndim; i++) {
        if (x->shape.dim[i] > 0) continue;
        return cd_refuse(call, CD_ERR_SHAPE, "the images of x (%s) have no elements",
                         cd_sizes_text(&x->shape, text));
    }
    return x->numel == 0 || x->numel > a->groups ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "x (%s) has one element for each group, which is its own mean",
                     cd_sizes_text(&x->shape, text));
}

static bool group_norm_infer(cd_call *call)
{
    const cd_group_norm_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[X].tensor;
    if (!cd_check_floating(call, x->dtype) || !check_groups(call, x) || !check_sizes(call, x) ||
        !cd_check_channels(call, WEIGHT) || !cd_check_channels(call, BIAS)) {
        return false;
    }
    for (int k = 0; k < INPUTS; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < OUTPUTS; j++) {
        call->out[j].dtype = x->dtype;
        call->out[j].shape = j == Y ? x->shape : CD_SHAPE(x->shape.dim[0], a->groups);
    }
    return true;
}

static void group_norm_run(const cd_launch *launch)
{
    const cd_array *in = launch->in, *out = launch->out;
    const cd_group_norm_call norm =
        kernel_call(launch->attributes, in[X].layout, in[WEIGHT].data, in[BIAS].data);
    cd_cpu_group_norm(&norm, in[X].data, out[Y].data, out[MEAN].data, out[RSTD].data);
}

/* --- the gradients by one kernel -------------------------------------------------------------- */

static bool infer_backward(cd_call *call)
{
    const cd_tensor *dy = call->in[GRAD_DY].tensor;
    for (int k = 0; k < GRAD_INPUTS; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < INPUTS; j++) {
        call->out[j].dtype = dy->dtype;
        call->out[j].shape = j == X ? dy->shape : CD_SHAPE(dy->shape.dim[1]);
    }
    return true;
}

static size_t workspace_of_backward(const cd_launch *launch)
{
    const cd_shape *dy = &launch->in[GRAD_DY].layout->shape;
    return 2 * sizeof(double) * (size_t)dy->dim[0] * (size_t)dy->dim[1];
}

static void run_backward(const cd_launch *launch)
{
    const cd_array *in = launch->in, *dx = launch->out;
    const void *dy = in[GRAD_DY].data, *x = in[GRAD_X].data ? in[GRAD_X].data : dy;
    const cd_group_norm_call norm =
        kernel_call(launch->attributes, in[GRAD_DY].layout, in[GRAD_WEIGHT].data, NULL);
    cd_cpu_group_norm_backward(&norm, dy, x, in[GRAD_MEAN].data, in[GRAD_RSTD].data, dx[X].data,
                               dx[WEIGHT].data, dx[BIAS].data, launch->workspace);
}

typedef struct saved {
    cd_tensor *mean, *rstd, *weight, *x; /* weight and x may be NULL */
    cd_group_norm_attributes attributes;
} saved;

static void by_kernel(cd_node *node, saved s, cd_tensor *dy, cd_tensor **dx)
{
    cd_call call;
    const cd_operand in[GRAD_INPUTS] = { cd_operand_tensor(dy), cd_operand_tensor(s.x),
                                         cd_operand_tensor(s.weight), cd_operand_tensor(s.mean),
                                         cd_operand_tensor(s.rstd) };
    cd_call_begin(&call, &cd_op_group_norm_backward, in, GRAD_INPUTS);
    call.launch.attributes = &s.attributes;
    call.asked = 0;
    for (int k = X; k <= BIAS; k++) call.asked |= cd_wanted(node, k) ? CD_SET(k) : 0;
    call.others = &dx[WEIGHT];
    dx[X] = cd_call_run(&call);
}

/* --- the gradients by ops, which can be differentiated again ---------------------------------- */

/* The mean over each group of an x of N x groups x the rest. */
static cd_tensor *group_mean(cd_tensor *x)
{
    return cd_mean_dim(x, -1, .keepdim = true);
}

static void by_ops(cd_node *node, saved s, cd_tensor *dy, cd_tensor **dx)
{
    const cd_shape shape = dy->shape, channels = CD_SHAPE(shape.dim[1]);
    const int64_t size = s.attributes.groups > 0 && shape.dim[0] > 0
                             ? dy->numel / (shape.dim[0] * s.attributes.groups)
                             : 0;
    const cd_shape grouped = CD_SHAPE(shape.dim[0], s.attributes.groups, size);
    cd_shape one = shape;
    for (int i = 0; i < one.ndim; i++) one.dim[i] = i == 1 ? shape.dim[1] : 1;
    cd_tensor *xhat = NULL, *rstd = NULL;
    if (s.x) { /* functions of x, for the gradients of these gradients */
        cd_tensor *x = cd_reshape(s.x, grouped), *off = cd_sub(x, group_mean(x));
        rstd = cd_pow(cd_add(group_mean(cd_mul(off, off)), s.attributes.eps), -0.5);
        xhat = cd_mul(off, rstd);
    }
    if (cd_wanted(node, X)) {
        cd_tensor *g = s.weight ? cd_mul(dy, cd_view(s.weight, one)) : dy;
        g = cd_reshape(g, grouped);
        cd_tensor *along = cd_mul(xhat, group_mean(cd_mul(g, xhat)));
        dx[X] = cd_reshape(cd_mul(cd_sub(cd_sub(g, group_mean(g)), along), rstd), shape);
    }
    if (cd_wanted(node, WEIGHT)) {
        cd_tensor *products = cd_mul(dy, cd_reshape(xhat, shape));
        dx[WEIGHT] = cd_view(cd_sum_to_shape(products, one), channels);
    }
    if (cd_wanted(node, BIAS)) dx[BIAS] = cd_view(cd_sum_to_shape(dy, one), channels);
}

static void group_norm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_group_norm_attributes *a = cd_attributes_of(node);
    const saved s = { .mean = cd_saved_value(node, SAVED_MEAN),
                      .rstd = cd_saved_value(node, SAVED_RSTD),
                      .weight = cd_saved_optional(node, SAVED_WEIGHT),
                      .x = cd_saved_optional(node, SAVED_X),
                      .attributes = *a };
    if (!cd_ok()) return;
    (cd_grad_enabled() ? by_ops : by_kernel)(node, s, dy[0], dx);
}

/* --- the call --------------------------------------------------------------------------------- */

cd_tensor *cd_group_norm_with(cd_group_norm_options o)
{
    cd_group_norm_attributes a = { .groups = o.groups, .eps = cd_option_or(o.eps, 1e-5) };
    return cd_op_with(&cd_op_group_norm, &a, o.x, o.weight, o.bias);
}

const cd_op cd_op_group_norm = {
    .name = "group_norm",
    .grad_fn = "NativeGroupNormBackward0",
    .like = "torch.nn.functional.group_norm(x, groups, weight, bias, eps)",
    .formula = "y = weight xhat + bias, with xhat = (x - mean) rstd and rstd = "
               "1 / sqrt(var + eps), per image and group of channels",
    .gradient = "dbias = sum of dy, dweight = sum of dy xhat; dx = rstd (g - mean of g - "
                "xhat mean of g xhat), g = weight dy",
    .dtypes = "floating, the same for all",
    .inputs = INPUTS,
    .optional = CD_SET(WEIGHT) | CD_SET(BIAS),
    .input = { "x", "weight", "bias" },
    .outputs = OUTPUTS,
    .output = { [MEAN] = { .hidden = true }, [RSTD] = { .hidden = true } },
    .save = { [SAVED_MEAN] = { CD_OUTPUT, MEAN },
              [SAVED_RSTD] = { CD_OUTPUT, RSTD },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(X) },
              [SAVED_X] = { CD_INPUT, X, CD_SET(X) | CD_SET(WEIGHT) } },
    CD_OP_ATTRIBUTES(cd_group_norm_attributes, fields),
    .infer = group_norm_infer,
    .cpu = { .run = group_norm_run },
    .backward = group_norm_backward,
};

const cd_op cd_op_group_norm_backward = {
    .name = "group_norm_backward",
    .formula = "dx, dweight and dbias of group_norm",
    .gradient = "none: to be differentiated again, the gradients are computed by ops",
    .dtypes = "floating",
    .inputs = GRAD_INPUTS,
    .optional = CD_SET(GRAD_X) | CD_SET(GRAD_WEIGHT),
    .input = { "dy", "x", "weight", "mean", "rstd" },
    .outputs = INPUTS,
    CD_OP_ATTRIBUTES(cd_group_norm_attributes, fields),
    .infer = infer_backward,
    .cpu = { .workspace = workspace_of_backward, .run = run_backward },
};
