/* Element types, for the library's own files. */
#ifndef CANDELA_CORE_DTYPE_INTERNAL_H
#define CANDELA_CORE_DTYPE_INTERNAL_H

#include "core/dtype.h"

/* The value can be an element of this dtype; infinities and NaN only of a floating one. As in
 * PyTorch, a byte takes negative numbers down to -255, which wrap, and a bool any. */
bool cd_dtype_takes(cd_dtype dtype, double value);

/* cd_dtype_size of a tensor's dtype, which is one: without the check, for what every op asks. */
static inline size_t cd_dtype_bytes(cd_dtype dtype)
{
    static const unsigned char bytes[CD_DTYPE_COUNT] = { 0, 4, 8, 8, 4, 1, 1 };
    return bytes[dtype];
}

/* cd_dtype_is_floating of one that is a dtype. */
static inline bool cd_is_floating(cd_dtype dtype)
{
    return dtype == CD_F32 || dtype == CD_F64;
}

#endif
