/* What scans share: cumsum, cumprod, cummax, cummin, logcumsumexp, and linear_scan, by which their
 * gradients are computed. Their attributes are a cd_scan_attributes. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_SCAN_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_SCAN_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/cpu/scan_internal.h"

extern const cd_field cd_scan_fields[];

/* infer: output 0 has x's dtype and shape. */
bool cd_infer_scan(cd_call *call);
/* infer of cumsum and cumprod: the same, in the dtype of the attributes; by default int64 for
 * integers and bool, but in place x's own. */
bool cd_infer_cumulative(cd_call *call);
/* infer of cummax and cummin: output 1 has the indices. */
bool cd_infer_scan_indices(cd_call *call);
/* run */
void cd_run_scan(const cd_launch *launch, cd_scan kind);

/* Calls cumsum or cumprod. */
cd_tensor *cd_op_cumulative(const cd_op *op, const cd_cumulative_options *options, bool in_place);
/* Calls cummax or cummin. */
cd_tensor *cd_op_scan_indices(const cd_op *op, const cd_scan_options *options);
/* backward of cummax and cummin: the gradient goes to the index. */
void cd_scan_indices_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* x[begin:begin + size - 1] along dim, the whole size being x's own: all elements but the last
 * (begin 0) or the first (begin 1). */
cd_tensor *cd_all_but_one(cd_tensor *x, int dim, int64_t begin);
/* x along dim behind a slice of ones, so that the size there is one more. */
cd_tensor *cd_after_ones(cd_tensor *x, int dim);
/* Of a product along dim: y[k] = x[0] ... x[k - 1], from the cumulative product. */
cd_tensor *cd_exclusive(cd_tensor *cumprod, int dim);
/* The op linear_scan: y[k] = b[k] + a[k] y[k - 1], or with `reverse`
 * y[k] = b[k] + a[k + 1] y[k + 1]. */
cd_tensor *cd_linear_scan(cd_tensor *b, cd_tensor *a, int dim, bool reverse);

#endif
