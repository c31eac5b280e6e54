/* What ops that sort and search share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_SORT_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_SORT_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/order_ops.h"

/* cd_sort, with `what` at the beginning of its error sentences. */
cd_tensor *cd_sort_for(const char *what, const cd_sort_options *options);
/* cd_searchsorted likewise. */
cd_tensor *cd_searchsorted_for(const char *what, const cd_searchsorted_options *options);

#endif
