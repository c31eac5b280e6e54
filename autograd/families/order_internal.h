/* What median, nanmedian and mode share, and what quantile and nanquantile do. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_ORDER_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_ORDER_INTERNAL_H

#include "autograd/families/min_max_internal.h"
#include "core/cpu/order_internal.h"

/* infer of the median of all elements: output 0 is 0-d. Not for bool. */
bool cd_infer_median(cd_call *call);
/* infer of medians along one dimension: output 1 has the indices. Not for bool. */
bool cd_infer_median_dim(cd_call *call);

size_t cd_median_workspace(const cd_launch *launch);
size_t cd_mode_workspace(const cd_launch *launch);
void cd_run_order(const cd_launch *launch, cd_order_statistic what);

/* quantile and nanquantile, of x along one dimension or of all its elements. */
cd_tensor *cd_quantile_call(const cd_op *op, const cd_quantile_options *options);
extern const cd_field cd_quantile_fields[];
bool cd_infer_quantile(cd_call *call);
void cd_run_quantile(const cd_launch *launch, bool ignore_nan);
void cd_quantile_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
/* The outputs behind the first, for the gradient alone: the indices of the elements below and
 * above, and the weight of the latter. */
enum { CD_QUANTILE_BELOW = 1, CD_QUANTILE_ABOVE, CD_QUANTILE_WEIGHT };

#endif
