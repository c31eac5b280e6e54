/* rms_norm: divides x by the root of the mean of its squares over its last dimensions, then scales
 * it.
 *
 * weight, which may be left out, has the shape of these dimensions. Saves rstd, which is a hidden
 * output, weight for the gradient of x, and x. Kernels: core/cpu/row_norm.c, in which the mean
 * counts as 0. The gradients come from a second op, rms_norm_backward, as those of layer_norm. */
#include <float.h>

#include "autograd/families/row_norm_internal.h"

cd_tensor *cd_rms_norm_with(cd_layer_norm_options o)
{
    static const double epsilon[CD_DTYPE_COUNT] = {
        [CD_F32] = FLT_EPSILON, [CD_F64] = DBL_EPSILON
    };
    if (!cd_check_tensor(o.x, "rms_norm", "x")) return NULL;
    if (o.bias) {
        (void)cd_fail(CD_ERR_ARGUMENT, "rms_norm: .bias was given, and there is none");
        return NULL;
    }
    return cd_row_norm(&cd_op_rms_norm, &o, epsilon[o.x->dtype]);
}

const cd_op cd_op_rms_norm = {
    .name = "rms_norm",
    .grad_fn = "MulBackward0",
    .like = "torch.nn.functional.rms_norm(x, shape, weight, eps)",
    .formula = "y = weight xhat, with xhat = x rstd and rstd = 1 / sqrt(mean of x^2 + eps), over "
               "the last dimensions",
    .gradient = "dweight = sum of dy xhat; dx = rstd (g - xhat mean of g xhat), g = weight dy",
    .dtypes = "floating, the same for all",
    .inputs = CD_NORM_WEIGHT + 1,
    .optional = CD_SET(CD_NORM_WEIGHT),
    .input = { "x", "weight" },
    .outputs = CD_NORM_RSTD + 1,
    .output = { [CD_NORM_RSTD] = { .hidden = true } },
    .save = { [CD_NORM_SAVED_RSTD] = { CD_OUTPUT, CD_NORM_RSTD },
              [CD_NORM_SAVED_WEIGHT] = { CD_INPUT, CD_NORM_WEIGHT, CD_SET(CD_NORM_X) },
              [CD_NORM_SAVED_X] = { CD_INPUT, CD_NORM_X,
                                    CD_SET(CD_NORM_X) | CD_SET(CD_NORM_WEIGHT) } },
    CD_OP_ATTRIBUTES(cd_row_norm_attributes, cd_row_norm_fields),
    .infer = cd_infer_row_norm,
    .cpu = { .run = cd_run_rms_norm },
    .backward = cd_rms_norm_gradients,
};

const cd_op cd_op_rms_norm_backward = {
    .name = "rms_norm_backward",
    .formula = "dx and dweight of rms_norm",
    .gradient = "none: to be differentiated again, the gradients are computed by ops",
    .dtypes = "floating",
    .inputs = CD_NORM_GRAD_RSTD + 1,
    .optional = CD_SET(CD_NORM_GRAD_X) | CD_SET(CD_NORM_GRAD_WEIGHT),
    .input = { "dy", "x", "weight", "rstd" },
    .outputs = CD_NORM_WEIGHT + 1,
    CD_OP_ATTRIBUTES(cd_row_norm_attributes, cd_row_norm_fields),
    .infer = cd_infer_row_norm_backward,
    .cpu = { .workspace = cd_row_norm_backward_workspace, .run = cd_run_rms_norm_backward },
};
