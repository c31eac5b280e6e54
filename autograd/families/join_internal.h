/* What hstack, vstack, dstack and column_stack share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_JOIN_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_JOIN_INTERNAL_H

#include "autograd/ops_internal.h"

enum { CD_JOIN_ALONG_1_OR_0 = -1 }; /* along dimension 1; along 0 if the first one is a vector */

/* cd_cat of each(tensor) for each of the tensors, along dim. */
cd_tensor *cd_join_as(const char *what, cd_tensors tensors, cd_tensor *(*each)(cd_tensor *),
                      int dim);

#endif
