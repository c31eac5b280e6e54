/* What ops share that show or copy the elements of x by other strides: diagonal, unfold_dim, trace,
 * flip, rot90, select_scatter, slice_scatter. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_REARRANGE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_REARRANGE_INTERNAL_H

#include "autograd/ops_internal.h"

/* The layout of a diagonal of x: see cd_diagonal. The dimensions count from the front. */
void cd_diagonal_layout(cd_layout *x, const cd_diagonal_attributes *a);
/* Counts the dimensions from the front; false with an error when they are no two dimensions of a
 * tensor that has `ndim`. */
bool cd_check_diagonal(const char *what, int ndim, cd_diagonal_attributes *a);

/* Output 0 is a view of input 0 by this layout, of whose members shape, strides and offset
 * count. */
void cd_infer_layout(cd_call *call, const cd_layout *layout);
/* The gradient of x, of this shape, of which a view was taken that had this layout when x was
 * contiguous: zeros, with dy added where the view shows x. */
cd_tensor *cd_layout_backward(cd_tensor *dy, cd_shape x, const cd_layout *layout);

/* Copies src to a part of a tensor, of src's shape. False with an error, or if part is NULL. */
bool cd_copy_to_part(const char *what, cd_tensor *part, cd_tensor *src);

/* Reverses the order along a dimension of the array's layout, which is a copy that the caller
 * has. */
void cd_reverse(cd_array *array, cd_layout *layout, int dim);

/* Sets *dims to the set of these dimensions of x. False with an error when one is none of x's, or
 * comes twice. */
bool cd_set_of_dims(const char *what, const cd_tensor *x, cd_shape dims, unsigned *set);

#endif
