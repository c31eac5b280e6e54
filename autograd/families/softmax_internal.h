/* What softmax and log_softmax share: ops along one dimension. Their attributes are a
 * cd_softmax_attributes, those of their gradients a cd_dim_attributes. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_SOFTMAX_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_SOFTMAX_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/softmax_internal.h"

/* The inputs of their gradients, which are ops too. */
enum { CD_SOFTMAX_DY, CD_SOFTMAX_Y };

/* The output has the shape of x, and its dtype or that of the attributes, which is floating. */
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

/* Calls softmax or log_softmax. */
cd_tensor *cd_op_softmax_call(const cd_op *op, const cd_softmax_options *options);
/* Calls op, one of the gradients. */
cd_tensor *cd_softmax_gradient(const cd_op *op, cd_tensor *dy, cd_tensor *y, int dim);

#endif
