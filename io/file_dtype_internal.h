/* Element types as files know them: more than tensors have. */
#ifndef CANDELA_IO_FILE_DTYPE_INTERNAL_H
#define CANDELA_IO_FILE_DTYPE_INTERNAL_H

#include "core/dtype.h"

/* In the order in which the safetensors writer lays tensors out: from wide to narrow, so that each
 * is aligned to its own size. */
typedef enum cd_file_dtype {
    CD_FILE_NONE = 0,
    CD_FILE_C128, /* PyTorch's files only */
    CD_FILE_U64,
    CD_FILE_I64,
    CD_FILE_F64,
    CD_FILE_C64,
    CD_FILE_F32,
    CD_FILE_U32,
    CD_FILE_I32,
    CD_FILE_BF16,
    CD_FILE_F16,
    CD_FILE_U16,
    CD_FILE_I16,
    CD_FILE_F8_E5M2FNUZ,
    CD_FILE_F8_E4M3FNUZ,
    CD_FILE_F8_E8M0,
    CD_FILE_F8_E4M3,
    CD_FILE_F8_E5M2,
    CD_FILE_I8,
    CD_FILE_U8,
    CD_FILE_F6_E3M2,
    CD_FILE_F6_E2M3,
    CD_FILE_F4,
    CD_FILE_BOOL /* one byte, 0 or not */
} cd_file_dtype;

enum { CD_FILE_DTYPE_COUNT = CD_FILE_BOOL + 1 };

typedef enum cd_file_kind {
    CD_FILE_KIND_OTHER, /* complex numbers and floats below 16 bits: listed, but not read */
    CD_FILE_KIND_BOOL,
    CD_FILE_KIND_INTEGER,
    CD_FILE_KIND_FLOAT
} cd_file_kind;

/* safetensors' name, "F32"; "?" for a number that is none. */
const char *cd_file_dtype_name(cd_file_dtype dtype);
/* CD_FILE_NONE for a name that is none. */
cd_file_dtype cd_file_dtype_named(const char *name);
/* Bits per element, 0 for a number that is none. Types of 8 bits and more are whole bytes. */
int cd_file_dtype_bits(cd_file_dtype dtype);
cd_file_kind cd_file_dtype_kind(cd_file_dtype dtype);

/* The tensor dtype that holds every value: F16 and BF16 become f32, I8, I16 and U16 i32, U32 and
 * U64 i64 (a U64 above its range is an error when it is read). CD_DTYPE_DEFAULT if there is none.
 */
cd_dtype cd_file_dtype_native(cd_file_dtype dtype);
/* The type that a tensor dtype has in a file. */
cd_file_dtype cd_file_dtype_of(cd_dtype dtype);

#endif
