/* The gradient of products, which prod and prod_dim share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_PROD_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_PROD_INTERNAL_H

#include "autograd/families/reduction_internal.h"

/* The gradient of the products of x along dim, of which dy, with size 1 there, is the gradient: dy
 * times the product of all other elements. Right where elements are 0. */
cd_tensor *cd_prod_gradient(cd_tensor *x, cd_tensor *dy, int dim);

#endif
