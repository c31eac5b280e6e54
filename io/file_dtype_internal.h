/* The dtypes of tensors in files. There are more of them than cd_dtype, the dtypes of tensors here,
 * has; their names are those of safetensors. */
#ifndef CANDELA_IO_FILE_DTYPE_INTERNAL_H
#define CANDELA_IO_FILE_DTYPE_INTERNAL_H

#include "core/dtype.h"

/* In the order in which the safetensors writer lays out tensors: from wide to narrow, so that each
 * tensor is aligned to the width of its elements. */
typedef enum cd_file_dtype {
    CD_FILE_NONE = 0,
    CD_FILE_C128, /* only in PyTorch's files */
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
    CD_FILE_BOOL, /* one byte, 0 for false */

    /* Only in NumPy's files. Their elements have no size here: they are listed and never read. */
    CD_FILE_OBJECT, /* Python objects, in a pickle */
    CD_FILE_TEXT,
    CD_FILE_RECORD, /* several fields, or raw bytes */
    CD_FILE_DATE,   /* dates and times, or differences between them */
    CD_FILE_F128    /* floats of more than 64 bits, or complex numbers of more than 128 */
} cd_file_dtype;

enum { CD_FILE_DTYPE_COUNT = CD_FILE_F128 + 1 };

typedef enum cd_file_kind {
    CD_FILE_KIND_OTHER, /* complex numbers, floats of less than 16 bits, texts, ...: listed, never
                           read */
    CD_FILE_KIND_BOOL,
    CD_FILE_KIND_INTEGER,
    CD_FILE_KIND_FLOAT
} cd_file_kind;

/* The name, "F32"; "?" for a number that is no dtype. */
const char *cd_file_dtype_name(cd_file_dtype dtype);
/* safetensors' dtype of this name; CD_FILE_NONE when there is none. */
cd_file_dtype cd_file_dtype_named(const char *name);
/* What elements of a dtype that is never read are, and why, for sentences: "Python objects, in a
 * pickle, which is never run". */
const char *cd_file_dtype_meaning(cd_file_dtype dtype);
/* Bits per element: a multiple of 8 for all but F4 and F6; 0 for a number that is no dtype, and for
 * those of NumPy's dtypes that have no size here. */
int cd_file_dtype_bits(cd_file_dtype dtype);
cd_file_kind cd_file_dtype_kind(cd_file_dtype dtype);

/* The tensor dtype that a tensor of this dtype is read as. It holds every value: F16 and BF16
 * become f32; I8, I16 and U16 become i32; U32 and U64 become i64 (a U64 beyond it is an error when
 * it is read). CD_DTYPE_DEFAULT when the dtype is never read. */
cd_dtype cd_file_dtype_native(cd_file_dtype dtype);
/* The file dtype with the same bits as a tensor dtype. */
cd_file_dtype cd_file_dtype_of(cd_dtype dtype);

#endif
