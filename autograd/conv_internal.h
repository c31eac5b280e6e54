/* The three convolutions that are each other's derivatives: see ops/conv2d.c. */
#ifndef CANDELA_AUTOGRAD_CONV_INTERNAL_H
#define CANDELA_AUTOGRAD_CONV_INTERNAL_H

#include "autograd/ops_internal.h"
#include "core/cpu/conv_internal.h"

typedef struct cd_geometry {
    int64_t stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w, groups;
} cd_geometry;

/* As the ops keep it in i[0..6]. */
static inline cd_geometry cd_geometry_of(const cd_node *node)
{
    const int64_t *i = node->parameters->i;
    return (cd_geometry){ i[0], i[1], i[2], i[3], i[4], i[5], i[6] };
}

/* One that is the same for height and width. A stride, a dilation, a number of groups that is 0
 * becomes 1. */
static inline cd_geometry cd_square_geometry(int64_t stride, int64_t padding, int64_t dilation,
                                             int64_t groups)
{
    if (stride == 0) stride = 1;
    if (dilation == 0) dilation = 1;
    return (cd_geometry){ .stride_h = stride,
                          .stride_w = stride,
                          .padding_h = padding,
                          .padding_w = padding,
                          .dilation_h = dilation,
                          .dilation_w = dilation,
                          .groups = groups ? groups : 1 };
}

/* C(x, w) + bias: x N x C x H x W; bias may be NULL. */
cd_tensor *cd_convolution(cd_tensor *x, cd_tensor *weight, cd_tensor *bias, cd_geometry g);
/* I(dy, w), shaped `x`; and W(dy, x), shaped `weight`: the shapes must fit each other. */
cd_tensor *cd_conv2d_input_backward(cd_tensor *dy, cd_tensor *weight, cd_shape x, cd_geometry g);
cd_tensor *cd_conv2d_weight_backward(cd_tensor *dy, cd_tensor *x, cd_shape weight, cd_geometry g);

/* Fills *conv for these shapes and keeps the geometry in the call's parameters; the call fails with
 * a sentence when they do not fit. */
bool cd_op_conv(cd_old_call *call, cd_shape x, cd_shape weight, cd_geometry g, cd_conv2d *conv);
/* The kernel's scratch memory, NULL for none; false when the call has failed. */
bool cd_op_conv_workspace(cd_old_call *call, const cd_conv2d *conv, cd_conv2d_pass pass,
                          cd_dtype dtype, void **out);
/* dy is what a convolution of these shapes gives, and all is floating and of one dtype. */
bool cd_op_conv_dy(cd_old_call *call, const cd_conv2d *conv, const cd_tensor *dy,
                   const cd_tensor *other);

#endif
