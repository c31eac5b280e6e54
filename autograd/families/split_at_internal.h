/* What tensor_split, hsplit, vsplit and dsplit share: lists of views of x, each with a node of its
 * own. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_SPLIT_AT_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_SPLIT_AT_INTERNAL_H

#include "autograd/families/parts_internal.h"
#include "autograd/shape_ops.h"

/* x cut along dim, which counts from the front, into so many parts: the first ones are larger by 1
 * where they do not come out even. Errors begin with `what`. */
cd_tensors cd_split_evenly(const char *what, cd_tensor *x, int64_t sections, int dim);
/* x cut along dim before each of these indices. */
cd_tensors cd_split_at(const char *what, cd_tensor *x, cd_sizes indices, int dim);

/* Checks x, which must have `least` dimensions or more. */
bool cd_check_least(const char *what, const cd_tensor *x, int least);
/* cd_split_evenly, where the parts must come out even, and cd_split_at; x must have `least`
 * dimensions or more. A vector is cut along its only dimension in any case. */
cd_tensors cd_split_equally(const char *what, cd_tensor *x, int64_t sections, int least, int dim);
cd_tensors cd_split_before(const char *what, cd_tensor *x, cd_sizes indices, int least, int dim);

#endif
