/* Dtypes: the types of a tensor's elements. */
#ifndef CANDELA_CORE_DTYPE_H
#define CANDELA_CORE_DTYPE_H

#include "core/api.h"

CD_BEGIN_DECLS

/* Files may also have float16 and bfloat16 elements: reading a file converts them to float32. */
typedef enum cd_dtype {
    CD_DTYPE_DEFAULT = 0, /* an option that was left out: CD_F32, unless the call says otherwise. No
                             tensor has this dtype */
    CD_F32,
    CD_F64,
    CD_I64,
    CD_I32,
    CD_U8,
    CD_BOOL /* one byte, 0 or 1 */
} cd_dtype;

enum { CD_DTYPE_COUNT = CD_BOOL + 1 };

/* PyTorch's names without "torch.": "float32", "float64", "int64", "int32", "uint8", "bool".
 * "?" for a number that is not a dtype. */
CD_API const char *cd_dtype_name(cd_dtype dtype);
/* Bytes per element; 0 for a number that is not a dtype. */
CD_API size_t cd_dtype_size(cd_dtype dtype);
/* Whether the dtype is CD_F32 or CD_F64. */
CD_API bool cd_dtype_is_floating(cd_dtype dtype);
/* The dtype in which an op computes on inputs of dtypes a and b, as torch.promote_types. (That is
 * for tensors that have dimensions: a number or a 0-d tensor counts less, as in PyTorch.) */
CD_API cd_dtype cd_promote_types(cd_dtype a, cd_dtype b);

CD_END_DECLS

#endif
