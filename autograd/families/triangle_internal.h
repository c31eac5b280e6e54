/* What tril and triu share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_TRIANGLE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_TRIANGLE_INTERNAL_H

#include "autograd/ops_internal.h"

extern const cd_field cd_triangle_fields[];

/* infer: x is a matrix, or has matrices as its last two dimensions. */
bool cd_infer_triangle(cd_call *call);
/* run: y = x, but 0 on one side of the diagonal: left of it if `upper`, else right of it. */
void cd_run_triangle(const cd_launch *launch, bool upper);

#endif
