/* The table of dtypes, and promotion. */
#include "core/dtype_internal.h"

#include <float.h>
#include <math.h>

static const char *const names[CD_DTYPE_COUNT] = {
    [CD_DTYPE_DEFAULT] = "?", [CD_F32] = "float32", [CD_F64] = "float64", [CD_I64] = "int64",
    [CD_I32] = "int32",       [CD_U8] = "uint8",    [CD_BOOL] = "bool",
};

const size_t cd_dtype_bytes[CD_DTYPE_COUNT] = {
    [CD_F32] = 4, [CD_F64] = 8, [CD_I64] = 8, [CD_I32] = 4, [CD_U8] = 1, [CD_BOOL] = 1,
};

static bool known(cd_dtype dtype)
{
    return (unsigned)dtype < CD_DTYPE_COUNT;
}

const char *cd_dtype_name(cd_dtype dtype)
{
    return known(dtype) ? names[dtype] : "?";
}

size_t cd_dtype_size(cd_dtype dtype)
{
    return known(dtype) ? cd_dtype_bytes[dtype] : 0;
}

bool cd_dtype_is_floating(cd_dtype dtype)
{
    return known(dtype) && cd_is_floating(dtype);
}

/* PyTorch's promotion table. Without int8 and int16 it is a total order: the result of two dtypes
 * is the one of higher rank. */
static int rank(cd_dtype dtype)
{
    switch (dtype) {
    case CD_BOOL:
        return 1;
    case CD_U8:
        return 2;
    case CD_I32:
        return 3;
    case CD_I64:
        return 4;
    case CD_F32:
        return 5;
    case CD_F64:
        return 6;
    case CD_DTYPE_DEFAULT:
        break;
    }
    return 0;
}

const cd_float_format cd_float_formats[CD_DTYPE_COUNT] = {
    [CD_F32] = { (double)FLT_MAX, FLT_MANT_DIG },
    [CD_F64] = { DBL_MAX, DBL_MANT_DIG },
};

/* 2^digits of a floating dtype. */
#define WHOLE(digits_) (INT64_C(1) << (digits_))

const cd_integer_range cd_integer_ranges[CD_DTYPE_COUNT] = {
    [CD_F32] = { -WHOLE(FLT_MANT_DIG), WHOLE(FLT_MANT_DIG) },
    [CD_F64] = { -WHOLE(DBL_MANT_DIG), WHOLE(DBL_MANT_DIG) },
    [CD_I64] = { INT64_MIN, INT64_MAX },
    [CD_I32] = { INT32_MIN, INT32_MAX },
    [CD_U8] = { 0, UINT8_MAX },
    [CD_BOOL] = { 0, 1 },
};

cd_dtype cd_promote_types(cd_dtype a, cd_dtype b)
{
    return rank(a) >= rank(b) ? a : b;
}

bool cd_dtype_takes(cd_dtype dtype, double value)
{
    switch (dtype) {
    case CD_F32:
        return !isfinite(value) || isfinite((float)value);
    case CD_I64:
        return value >= -0x1p63 && value < 0x1p63;
    case CD_I32:
        return value >= INT32_MIN && value <= INT32_MAX;
    case CD_U8:
        return value >= -UINT8_MAX && value <= UINT8_MAX;
    default:
        return true;
    }
}
