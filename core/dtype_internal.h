/* Dtypes, for the library's own files. */
#ifndef CANDELA_CORE_DTYPE_INTERNAL_H
#define CANDELA_CORE_DTYPE_INTERNAL_H

#include "core/dtype.h"

/* Whether a number can be stored as an element of the dtype without overflow. Infinities and NaN:
 * only in floating dtypes. As in PyTorch, uint8 also takes -255 to -1, which wrap around, and bool
 * takes any number. */
bool cd_dtype_takes(cd_dtype dtype, double value);

/* The bytes of an element, by dtype: cd_dtype_size without a check, for a tensor's dtype. */
extern const size_t cd_dtype_bytes[CD_DTYPE_COUNT];

/* As cd_dtype_is_floating, without a check, for a tensor's dtype. */
static inline bool cd_is_floating(cd_dtype dtype)
{
    return dtype == CD_F32 || dtype == CD_F64;
}

#endif
