/* What median, nanmedian and mode share. */
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

#endif
