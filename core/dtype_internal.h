/* Element types, for the library's own files. */
#ifndef CANDELA_CORE_DTYPE_INTERNAL_H
#define CANDELA_CORE_DTYPE_INTERNAL_H

#include "core/dtype.h"

/* The value can be an element of this dtype; infinities and NaN only of a floating one. As in
 * PyTorch, a byte takes negative numbers down to -255, which wrap, and a bool any. */
bool cd_dtype_takes(cd_dtype dtype, double value);

#endif
