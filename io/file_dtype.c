/* The table of file dtypes. */
#include "io/file_dtype_internal.h"

#include <string.h>

static const struct {
    const char *name;
    int bits;
    cd_file_kind kind;
    cd_dtype native;
} types[CD_FILE_DTYPE_COUNT] = {
    [CD_FILE_NONE] = { "?", 0, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_C128] = { "C128", 128, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_U64] = { "U64", 64, CD_FILE_KIND_INTEGER, CD_I64 },
    [CD_FILE_I64] = { "I64", 64, CD_FILE_KIND_INTEGER, CD_I64 },
    [CD_FILE_F64] = { "F64", 64, CD_FILE_KIND_FLOAT, CD_F64 },
    [CD_FILE_C64] = { "C64", 64, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F32] = { "F32", 32, CD_FILE_KIND_FLOAT, CD_F32 },
    [CD_FILE_U32] = { "U32", 32, CD_FILE_KIND_INTEGER, CD_I64 },
    [CD_FILE_I32] = { "I32", 32, CD_FILE_KIND_INTEGER, CD_I32 },
    [CD_FILE_BF16] = { "BF16", 16, CD_FILE_KIND_FLOAT, CD_F32 },
    [CD_FILE_F16] = { "F16", 16, CD_FILE_KIND_FLOAT, CD_F32 },
    [CD_FILE_U16] = { "U16", 16, CD_FILE_KIND_INTEGER, CD_I32 },
    [CD_FILE_I16] = { "I16", 16, CD_FILE_KIND_INTEGER, CD_I32 },
    [CD_FILE_F8_E5M2FNUZ] = { "F8_E5M2FNUZ", 8, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F8_E4M3FNUZ] = { "F8_E4M3FNUZ", 8, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F8_E8M0] = { "F8_E8M0", 8, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F8_E4M3] = { "F8_E4M3", 8, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F8_E5M2] = { "F8_E5M2", 8, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_I8] = { "I8", 8, CD_FILE_KIND_INTEGER, CD_I32 },
    [CD_FILE_U8] = { "U8", 8, CD_FILE_KIND_INTEGER, CD_U8 },
    [CD_FILE_F6_E3M2] = { "F6_E3M2", 6, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F6_E2M3] = { "F6_E2M3", 6, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F4] = { "F4", 4, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_BOOL] = { "BOOL", 8, CD_FILE_KIND_BOOL, CD_BOOL },
    [CD_FILE_OBJECT] = { "OBJECT", 0, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_TEXT] = { "TEXT", 0, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_RECORD] = { "RECORD", 0, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_DATE] = { "DATE", 0, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
    [CD_FILE_F128] = { "F128", 0, CD_FILE_KIND_OTHER, CD_DTYPE_DEFAULT },
};

static bool known(cd_file_dtype dtype)
{
    return (unsigned)dtype < CD_FILE_DTYPE_COUNT;
}

const char *cd_file_dtype_name(cd_file_dtype dtype)
{
    return known(dtype) ? types[dtype].name : "?";
}

cd_file_dtype cd_file_dtype_named(const char *name)
{
    for (int i = CD_FILE_NONE + 1; i <= CD_FILE_BOOL; i++) {
        if (strcmp(types[i].name, name) == 0) return (cd_file_dtype)i;
    }
    return CD_FILE_NONE;
}

const char *cd_file_dtype_meaning(cd_file_dtype dtype)
{
    switch (dtype) {
    case CD_FILE_OBJECT:
        return "Python objects, in a pickle, which is never run";
    case CD_FILE_TEXT:
        return "texts";
    case CD_FILE_RECORD:
        return "records of several fields, or raw bytes";
    case CD_FILE_DATE:
        return "dates or times";
    case CD_FILE_F128:
        return "floats of more than 64 bits";
    case CD_FILE_C64:
    case CD_FILE_C128:
        return "complex numbers";
    default:
        return "floats of 8 bits or less";
    }
}

int cd_file_dtype_bits(cd_file_dtype dtype)
{
    return known(dtype) ? types[dtype].bits : 0;
}

cd_file_kind cd_file_dtype_kind(cd_file_dtype dtype)
{
    return known(dtype) ? types[dtype].kind : CD_FILE_KIND_OTHER;
}

cd_dtype cd_file_dtype_native(cd_file_dtype dtype)
{
    return known(dtype) ? types[dtype].native : CD_DTYPE_DEFAULT;
}

cd_file_dtype cd_file_dtype_of(cd_dtype dtype)
{
    switch (dtype) {
    case CD_F32:
        return CD_FILE_F32;
    case CD_F64:
        return CD_FILE_F64;
    case CD_I64:
        return CD_FILE_I64;
    case CD_I32:
        return CD_FILE_I32;
    case CD_U8:
        return CD_FILE_U8;
    case CD_BOOL:
        return CD_FILE_BOOL;
    case CD_DTYPE_DEFAULT:
        break;
    }
    return CD_FILE_NONE;
}
