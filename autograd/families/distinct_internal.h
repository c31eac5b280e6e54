/* What unique and unique_consecutive share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_DISTINCT_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_DISTINCT_INTERNAL_H

#include "autograd/families/sort_internal.h"
#include "autograd/ops_internal.h"

/* The distinct elements or parts of x: in order, or of each run of equal ones the first. `what`
 * stands at the beginning of error sentences. NULL with an error. */
cd_tensor *cd_distinct(const char *what, const cd_unique_options *options, bool in_order);

#endif
