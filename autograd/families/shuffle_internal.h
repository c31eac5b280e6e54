/* What pixel_shuffle, pixel_unshuffle and channel_shuffle share: they copy elements in an order
 * that is a permutation of a view of x. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_SHUFFLE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_SHUFFLE_INTERNAL_H

#include "autograd/conv_ops.h"
#include "autograd/dispatch/call_internal.h"

extern const cd_field cd_shuffle_fields[];

/* Calls the op with this factor. */
cd_tensor *cd_shuffle(const cd_op *op, cd_tensor *x, int64_t factor);
/* For infer: x has at least 3 dimensions, and the factor is 1 or more. Asks for x row by row; y has
 * x's dtype and, until infer changes it, its shape. False with an error, which calls the factor by
 * its name. */
bool cd_infer_shuffle(cd_call *call, const char *factor);

/* Writes y row by row: the elements of x in this shape, of which dimension i is x's with a stride
 * of stride[i] elements. */
void cd_run_shuffle(const cd_launch *launch, cd_shape shape, const int64_t *stride);
/* How many elements the dimensions [from, to) have together. */
int64_t cd_shuffle_span(const cd_shape *shape, int from, int to);

#endif
