/* Dtypes, for the library's own files. */
#ifndef CANDELA_CORE_DTYPE_INTERNAL_H
#define CANDELA_CORE_DTYPE_INTERNAL_H

#include <math.h>

#include "core/dtype.h"

/* Whether a number can be stored as an element of the dtype without overflow. Infinities and NaN:
 * only in floating dtypes. As in PyTorch, uint8 also takes -255 to -1, which wrap around, and bool
 * takes any number. */
bool cd_dtype_takes(cd_dtype dtype, double value);

/* The bytes of an element, by dtype: cd_dtype_size without a check, for a tensor's dtype. */
extern const size_t cd_dtype_bytes[CD_DTYPE_COUNT];

/* What numbers a floating dtype has; zero for other dtypes. */
typedef struct cd_float_format {
    double max; /* the largest finite number */
    int digits; /* the bits of the significand */
} cd_float_format;
extern const cd_float_format cd_float_formats[CD_DTYPE_COUNT];

/* The integers that a dtype has; of a floating one, those between which it has every integer. */
typedef struct cd_integer_range {
    int64_t min, max;
} cd_integer_range;
extern const cd_integer_range cd_integer_ranges[CD_DTYPE_COUNT];

/* Whether an integer or floating dtype has this integer, and all between it and 0. */
static inline bool cd_dtype_has_integer(cd_dtype dtype, int64_t value)
{
    return value >= cd_integer_ranges[dtype].min && value <= cd_integer_ranges[dtype].max;
}

/* As cd_dtype_is_floating, without a check, for a tensor's dtype. */
static inline bool cd_is_floating(cd_dtype dtype)
{
    return cd_float_formats[dtype].digits != 0;
}

/* Element i of an array of this floating dtype; NaN for other dtypes. */
static inline double cd_real_at(cd_dtype dtype, const void *data, int64_t i)
{
    switch (dtype) {
    case CD_F32:
        return (double)((const float *)data)[i];
    case CD_F64:
        return ((const double *)data)[i];
    default:
        return (double)NAN;
    }
}

/* Writes element i of an array of this floating dtype; nothing for other dtypes. */
static inline void cd_put_real(cd_dtype dtype, void *data, int64_t i, double value)
{
    switch (dtype) {
    case CD_F32:
        ((float *)data)[i] = (float)value;
        break;
    case CD_F64:
        ((double *)data)[i] = value;
        break;
    default:
        break;
    }
}

#endif
