/* What tril_indices and triu_indices share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_TRIANGLE_INDICES_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_TRIANGLE_INDICES_INTERNAL_H

#include "autograd/families/create_internal.h"
#include "autograd/stats_ops.h"

extern const cd_field cd_triangle_indices_fields[];

/* The call: the indices on and below the diagonal, or with `upper` on and above it. */
cd_tensor *cd_make_triangle_indices(const cd_op *op, const cd_triangle_options *o, bool upper);
bool cd_infer_triangle_indices(cd_call *call);
void cd_run_triangle_indices(const cd_launch *launch);

#endif
