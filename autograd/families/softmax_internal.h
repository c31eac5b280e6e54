/* What softmax and log_softmax share: ops along one dimension, which the attributes, a
 * cd_dim_attributes, name. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_SOFTMAX_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_SOFTMAX_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/softmax_internal.h"

/* The inputs of their gradients, which are ops too. */
enum { CD_SOFTMAX_DY, CD_SOFTMAX_Y };

/* The output has the dtype and shape of x, which is floating. */
bool cd_infer_softmax(cd_call *call);
/* The output has the dtype and shape of y. */
bool cd_infer_softmax_backward(cd_call *call);

/* Kernels over outer x size x inner elements, softmax along the middle. */
typedef void cd_softmax_kernel(cd_dtype dtype, int64_t outer, int64_t size, int64_t inner,
                               const void *x, void *y);
typedef void cd_softmax_backward_kernel(cd_dtype dtype, int64_t outer, int64_t size, int64_t inner,
                                        const void *y, const void *dy, void *dx);
void cd_run_softmax(const cd_launch *launch, cd_softmax_kernel *kernel);
void cd_run_softmax_backward(const cd_launch *launch, cd_softmax_backward_kernel *kernel);

/* Calls op, one of the gradients. */
cd_tensor *cd_softmax_gradient(const cd_op *op, cd_tensor *dy, cd_tensor *y, int dim);

#endif
