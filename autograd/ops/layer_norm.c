/* layer_norm: normalises x over its last dimensions by their mean and variance, then scales and
 * shifts it.
 *
 * weight and bias, which may be left out, have the shape of these dimensions. Saves mean and
 * rstd = 1 / sqrt(var + eps), which are hidden outputs, weight for the gradient of x, and x.
 * Kernels: core/cpu/row_norm.c.
 *
 * The gradients come from a second op, layer_norm_backward, in one kernel. It cannot be
 * differentiated; with .create_graph they are computed by ops instead. */
#include "autograd/families/row_norm_internal.h"

cd_tensor *cd_layer_norm_with(cd_layer_norm_options o)
{
    return cd_row_norm(&cd_op_layer_norm, &o, 1e-5);
}

const cd_op cd_op_layer_norm = {
    .name = "layer_norm",
    .grad_fn = "NativeLayerNormBackward0",
    .like = "torch.nn.functional.layer_norm(x, shape, weight, bias, eps)",
    .formula = "y = weight xhat + bias, with xhat = (x - mean) rstd and rstd = "
               "1 / sqrt(var + eps), over the last dimensions",
    .gradient = "dbias = sum of dy, dweight = sum of dy xhat; dx = rstd (g - mean of g - "
                "xhat mean of g xhat), g = weight dy",
    .dtypes = "floating, the same for all",
    .inputs = CD_NORM_INPUTS,
    .optional = CD_SET(CD_NORM_WEIGHT) | CD_SET(CD_NORM_BIAS),
    .input = { "x", "weight", "bias" },
    .outputs = CD_NORM_OUTPUTS,
    .output = { [CD_NORM_RSTD] = { .hidden = true }, [CD_NORM_MEAN] = { .hidden = true } },
    .save = { [CD_NORM_SAVED_RSTD] = { CD_OUTPUT, CD_NORM_RSTD },
              [CD_NORM_SAVED_WEIGHT] = { CD_INPUT, CD_NORM_WEIGHT, CD_SET(CD_NORM_X) },
              [CD_NORM_SAVED_X] = { CD_INPUT, CD_NORM_X,
                                    CD_SET(CD_NORM_X) | CD_SET(CD_NORM_WEIGHT) },
              [CD_NORM_SAVED_MEAN] = { CD_OUTPUT, CD_NORM_MEAN } },
    CD_OP_ATTRIBUTES(cd_row_norm_attributes, cd_row_norm_fields),
    .infer = cd_infer_row_norm,
    .cpu = { .run = cd_run_layer_norm },
    .backward = cd_layer_norm_gradients,
};

const cd_op cd_op_layer_norm_backward = {
    .name = "layer_norm_backward",
    .formula = "dx, dweight and dbias of layer_norm",
    .gradient = "none: to be differentiated again, the gradients are computed by ops",
    .dtypes = "floating",
    .inputs = CD_NORM_GRAD_MEAN + 1,
    .optional = CD_SET(CD_NORM_GRAD_X) | CD_SET(CD_NORM_GRAD_WEIGHT),
    .input = { "dy", "x", "weight", "rstd", "mean" },
    .outputs = CD_NORM_BIAS + 1,
    CD_OP_ATTRIBUTES(cd_row_norm_attributes, cd_row_norm_fields),
    .infer = cd_infer_row_norm_backward,
    .cpu = { .workspace = cd_row_norm_backward_workspace, .run = cd_run_layer_norm_backward },
};
