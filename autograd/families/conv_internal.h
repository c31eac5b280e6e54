/* What the convolutions share, in one and two dimensions, and transposed. See ops/conv2d.c. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_CONV_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_CONV_INTERNAL_H

#include "autograd/conv_ops.h"
#include "autograd/dispatch/call_internal.h"
#include "core/conv_sizes_internal.h"

/* --- calls ------------------------------------------------------------------------------------ */

/* What a call of a convolution is given: its operands; of the options height and width, or the
 * width alone where `line`, and then the height's are not read. */
typedef struct cd_conv_given {
    const char *name; /* of the function, for errors */
    cd_tensor *x, *weight, *bias;
    int64_t stride[2], padding[2], dilation[2], output_padding[2], groups;
    bool line;
} cd_conv_given;

/* Sets *width to what an option gives for the width, which is `height` where it gives nothing.
 * `zero`: it gives 0. False with an error, where it gives 0 and another number. */
bool cd_conv_width(const char *name, const char *option, int64_t height, int64_t given, bool zero,
                   int64_t *width);

/* Whether the paddings of height and width are numbers, not CD_PADDING_SAME or CD_PADDING_VALID.
 * False with an error. */
bool cd_check_padding_number(const char *name, const int64_t *padding);
/* Whether both are numbers, or both the same word. False with an error. */
bool cd_check_padding_pair(const char *name, const int64_t *padding);

/* Calls a convolution, or a transposed one. An x without a batch gets a batch of one. A stride,
 * dilation or groups of 0 is 1. */
cd_tensor *cd_conv_call(const cd_conv_given *given);
cd_tensor *cd_conv_transpose_call(const cd_conv_given *given);

/* The convolution of an x that has a batch; bias may be NULL. Here and below `like` gives the
 * stride, padding, dilation and groups, and whether it is one-dimensional. */
cd_tensor *cd_convolution(cd_tensor *x, cd_tensor *weight, cd_tensor *bias,
                          const cd_conv2d_sizes *like);
/* The gradient of x, which has the shape `x`. */
cd_tensor *cd_conv2d_input_backward(cd_tensor *dy, cd_tensor *weight, cd_shape x,
                                    const cd_conv2d_sizes *like);
/* The gradient of the weight, which has the shape `weight`. */
cd_tensor *cd_conv2d_weight_backward(cd_tensor *dy, cd_tensor *x, cd_shape weight,
                                     const cd_conv2d_sizes *like);

/* --- sizes ------------------------------------------------------------------------------------ */

/* Completes the call's attributes, a cd_conv2d_sizes: the sizes of a convolution of these shapes.
 * False with an error when they do not fit each other. */
bool cd_infer_conv(cd_call *call, cd_shape x, cd_shape weight);
/* The fields of a convolution and of its gradients. */
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

/* --- convolutions and transposed convolutions ------------------------------------------------- */

enum { CD_CONV_X, CD_CONV_WEIGHT, CD_CONV_BIAS };
enum { CD_CONV_SAVED_X, CD_CONV_SAVED_WEIGHT };

/* Members that the descriptors of all four have. */
#define CD_CONV_OPERANDS                                                                           \
    .inputs = 3, .optional = CD_SET(CD_CONV_BIAS), .input = { "x", "weight", "bias" },             \
    .save = { [CD_CONV_SAVED_X] = { CD_INPUT, CD_CONV_X, CD_SET(CD_CONV_WEIGHT) },                 \
              [CD_CONV_SAVED_WEIGHT] = { CD_INPUT, CD_CONV_WEIGHT, CD_SET(CD_CONV_X) } }

bool cd_infer_conv_forward(cd_call *call);
size_t cd_conv_workspace(const cd_launch *launch);
void cd_conv_run(const cd_launch *launch);
void cd_conv_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

extern const cd_field cd_conv_transpose_fields[];
bool cd_infer_conv_transpose(cd_call *call);
size_t cd_conv_transpose_workspace(const cd_launch *launch);
void cd_conv_transpose_run(const cd_launch *launch);
void cd_conv_transpose_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
