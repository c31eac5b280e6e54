/* What pools share. x is N x C x H x W or C x H x W; its planes, H x W, are pooled one by one. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_POOL_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_POOL_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/layer_ops.h"
#include "core/pool_sizes_internal.h"

/* Sets how many planes a tensor of this shape has, and their height and width. */
void cd_pool_planes(cd_shape shape, cd_pool2d_sizes *pool);
/* The shape with planes of this size. */
cd_shape cd_pool_resized(cd_shape shape, int64_t height, int64_t width);
/* What a call of a pool says of its windows. stride_w and its like are 0 where they are as for the
 * height; a stride of 0 is the kernel's size, a dilation of 0 is 1. */
typedef struct cd_pool_window_options {
    int64_t kernel, stride, padding, dilation;
    int64_t kernel_w, stride_w, padding_w, dilation_w;
    bool padding_w_is_zero, ceil_mode;
} cd_pool_window_options;

/* Sets kernel, stride, padding and dilation of the pool. False with an error, which begins with
 * `name`. */
bool cd_pool_window_complete(const char *name, const cd_pool_window_options *o,
                             cd_pool2d_sizes *pool);
/* False with an error for an option that only the module has. */
bool cd_check_no_return_indices(const char *name, bool return_indices);
/* infer of pools whose attributes are a cd_pool2d_sizes: completes it; output 0 has the dtype of x.
 * False with an error. */
bool cd_infer_pool2d(cd_call *call);
/* infer of pools to a given height and width, whose attributes are a cd_adaptive_pool2d_attributes,
 * likewise. */
bool cd_infer_adaptive_pool2d(cd_call *call);
/* Calls a pool on x, N x C x L or C x L, as planes of one row; y, and the indices, if they are
 * asked for, are without that row again. NULL with an error, which begins with `name`. */
cd_tensor *cd_pool1d(const char *name, const cd_op *op, void *attributes, cd_tensor *x,
                     cd_tensor **indices);

/* Whether lp_pool1d or lp_pool2d can begin: x is a floating tensor, and p is not 0. False with an
 * error. */
bool cd_check_lp_pool(const char *name, const cd_lp_pool_options *o);
/* (sign(a) relu(|a|) k)^(1/p), where a is the average of x^p and k the size of the window: as
 * PyTorch computes it. */
cd_tensor *cd_lp_root(cd_tensor *average, double k, double p);
/* x for p = INFINITY, -x for -INFINITY: so a maximum gives the smallest element too. */
cd_tensor *cd_lp_signed(cd_tensor *x, double p);

/* Whether x has 3 or 4 dimensions and a dtype that the op computes in; false with an error. */
bool cd_check_planes(const cd_call *call, const cd_tensor *x);
/* For a gradient, whose attributes are a cd_shape_attributes, the shape of x: input 0, dy, could
 * come from a pooling of x; the output has x's shape. False with an error. */
bool cd_infer_pool_backward(cd_call *call);
/* The sizes of the pooling from planes of shape x to planes of shape y: those of the planes alone.
 */
cd_pool2d_sizes cd_pool_between(const cd_shape *x, const cd_shape *y);

/* Of each plane of x the elements at these indices, in their shape. */
cd_tensor *cd_pool_pick(cd_tensor *x, cd_tensor *indices);
/* max_unpool2d to planes of this height and width. NULL with an error, which begins with `name`. */
cd_tensor *cd_max_unpool(const char *name, cd_tensor *x, cd_tensor *indices, int64_t height,
                         int64_t width);
/* Sets the size of dimension d that is unpooled from n elements by this kernel, stride and padding:
 * `given`, if it is not NULL, or else (n - 1) stride - 2 padding + kernel. False with an error. */
bool cd_unpooled_size(const char *name, int d, int64_t n, const int64_t window[3],
                      const int64_t *given, int64_t *size);

/* The gradients of the two poolings, for an x of this shape. `indices` is output 1 of
 * max_pool2d. */
cd_tensor *cd_max_pool2d_backward(cd_tensor *dy, cd_tensor *indices, cd_shape shape);
cd_tensor *cd_adaptive_avg_pool2d_backward(cd_tensor *dy, cd_shape shape);

#endif
