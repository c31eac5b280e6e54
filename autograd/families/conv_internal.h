/* The three convolutions that are each other's gradients: see ops/conv2d.c. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_CONV_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_CONV_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/conv_sizes_internal.h"

/* cd_conv2d of an x that is N x C x H x W; bias may be NULL. Here and below `like` gives the
 * stride, padding, dilation and groups. */
cd_tensor *cd_convolution(cd_tensor *x, cd_tensor *weight, cd_tensor *bias,
                          const cd_conv2d_sizes *like);
/* The gradient of x, which has the shape `x`. */
cd_tensor *cd_conv2d_input_backward(cd_tensor *dy, cd_tensor *weight, cd_shape x,
                                    const cd_conv2d_sizes *like);
/* The gradient of the weight, which has the shape `weight`. */
cd_tensor *cd_conv2d_weight_backward(cd_tensor *dy, cd_tensor *x, cd_shape weight,
                                     const cd_conv2d_sizes *like);

/* Completes the call's attributes, a cd_conv2d_sizes: the sizes of a convolution of these shapes.
 * False with an error when they do not fit each other. */
bool cd_infer_conv(cd_call *call, cd_shape x, cd_shape weight);
/* The fields of all three. */
extern const cd_field cd_conv_fields[];

/* Sets the sizes of an input of this shape, and of a weight. */
void cd_conv_set_input(cd_conv2d_sizes *conv, const cd_shape *x);
void cd_conv_set_weight(cd_conv2d_sizes *conv, const cd_shape *weight);
cd_shape cd_conv_input_shape(const cd_conv2d_sizes *conv);
cd_shape cd_conv_weight_shape(const cd_conv2d_sizes *conv);
cd_shape cd_conv_output_shape(const cd_conv2d_sizes *conv);
/* For a gradient: input 0 is what a convolution of the attributes gives, and both inputs are
 * floating and of one dtype; asks for them row-major. */
bool cd_infer_conv_gradient(cd_call *call, cd_shape out);

#endif
