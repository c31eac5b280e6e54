/* What pools share. x is N x C x H x W or C x H x W; its planes, H x W, are pooled one by one. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_POOL_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_POOL_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/pool_sizes_internal.h"

/* Sets how many planes a tensor of this shape has, and their height and width. */
void cd_pool_planes(cd_shape shape, cd_pool2d_sizes *pool);
/* The shape with planes of this size. */
cd_shape cd_pool_resized(cd_shape shape, int64_t height, int64_t width);
/* Whether x is floating and has 3 or 4 dimensions; false with an error. */
bool cd_check_planes(const cd_call *call, const cd_tensor *x);
/* For a gradient, whose attributes are a cd_shape_attributes, the shape of x: input 0, dy, could
 * come from a pooling of x; the output has x's shape. False with an error. */
bool cd_infer_pool_backward(cd_call *call);
/* The sizes of the pooling from planes of shape x to planes of shape y: those of the planes alone.
 */
cd_pool2d_sizes cd_pool_between(const cd_shape *x, const cd_shape *y);

/* The gradients of the two poolings, for an x of this shape. `indices` is output 1 of
 * max_pool2d. */
cd_tensor *cd_max_pool2d_backward(cd_tensor *dy, cd_tensor *indices, cd_shape shape);
cd_tensor *cd_adaptive_avg_pool2d_backward(cd_tensor *dy, cd_shape shape);

#endif
