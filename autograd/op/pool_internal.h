/* What pools share: N x C x H x W or C x H x W, of which the planes H x W are pooled. */
#ifndef CANDELA_AUTOGRAD_OP_POOL_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_POOL_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/pool_sizes_internal.h"

/* Sets planes, height and width for this shape. */
void cd_pool_planes(cd_shape shape, cd_pool2d_sizes *pool);
/* The shape with planes of this size. */
cd_shape cd_pool_resized(cd_shape shape, int64_t height, int64_t width);
/* x is floating and has planes. */
bool cd_check_planes(const cd_call *call, const cd_tensor *x);
/* dy has the planes of `shape`, which has pixels. */
bool cd_check_fits_planes(const cd_call *call, const cd_tensor *dy, cd_shape shape);

/* The gradients of these poolings, where x had this shape; `indices` are max_pool2d's indices. */
cd_tensor *cd_max_pool2d_backward(cd_tensor *dy, cd_tensor *indices, cd_shape shape);
cd_tensor *cd_adaptive_avg_pool2d_backward(cd_tensor *dy, cd_shape shape);

#endif
