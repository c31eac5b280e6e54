/* Element types. */
#ifndef CANDELA_CORE_DTYPE_H
#define CANDELA_CORE_DTYPE_H

#include "core/api.h"

CD_BEGIN_DECLS

/* f16 and bf16 exist in files only: readers convert them to f32. CD_DTYPE_DEFAULT is what an option
 * left out means: f32, or what the call says it infers. No tensor has it. */
typedef enum cd_dtype {
    CD_DTYPE_DEFAULT = 0,
    CD_F32,
    CD_F64,
    CD_I64,
    CD_I32,
    CD_U8,
    CD_BOOL /* one byte, 0 or 1 */
} cd_dtype;

enum { CD_DTYPE_COUNT = CD_BOOL + 1 };

/* "float32", "float64", "int64", "int32", "uint8", "bool": PyTorch's names without "torch.".
 * "?" for a number that is no dtype. */
CD_API const char *cd_dtype_name(cd_dtype dtype);
/* Bytes per element; 0 for a number that is no dtype. */
CD_API size_t cd_dtype_size(cd_dtype dtype);
CD_API bool cd_dtype_is_floating(cd_dtype dtype);
/* The dtype that two tensors (both with dimensions) meet in, as torch.promote_types. */
CD_API cd_dtype cd_promote_types(cd_dtype a, cd_dtype b);

CD_END_DECLS

#endif
