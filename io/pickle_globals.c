/* The names that a pickle may use. Anything else is refused and quoted. Nothing from builtins, os,
 * sys, posix, nt, subprocess or numpy may ever be added. */
#include <string.h>

#include "io/pickle_internal.h"

typedef struct global {
    const char *full; /* "module.name" */
    cd_global_kind kind;
    cd_file_dtype dtype;
} global;

#define STORAGE(name_, dtype_)                                                                     \
    { "torch." name_, CD_GLOBAL_STORAGE, dtype_ },                                                 \
    {                                                                                              \
        "torch.cuda." name_, CD_GLOBAL_STORAGE, dtype_                                             \
    }
#define TENSOR(name_)                                                                              \
    { "torch." name_, CD_GLOBAL_TENSOR_CLASS, CD_FILE_NONE },                                      \
    {                                                                                              \
        "torch.cuda." name_, CD_GLOBAL_TENSOR_CLASS, CD_FILE_NONE                                  \
    }
#define DTYPE(name_, dtype_)                                                                       \
    {                                                                                              \
        "torch." name_, CD_GLOBAL_DTYPE, dtype_                                                    \
    }

static const global globals[] = {
    { "collections.OrderedDict", CD_GLOBAL_ORDERED_DICT, CD_FILE_NONE },
    { "torch._utils._rebuild_tensor", CD_GLOBAL_REBUILD_TENSOR, CD_FILE_NONE },
    { "torch._utils._rebuild_tensor_v2", CD_GLOBAL_REBUILD_TENSOR_V2, CD_FILE_NONE },
    { "torch._utils._rebuild_tensor_v3", CD_GLOBAL_REBUILD_TENSOR_V3, CD_FILE_NONE },
    { "torch._utils._rebuild_parameter", CD_GLOBAL_REBUILD_PARAMETER, CD_FILE_NONE },
    { "torch._utils._rebuild_parameter_with_state", CD_GLOBAL_REBUILD_PARAMETER_WITH_STATE,
      CD_FILE_NONE },
    { "torch.nn.parameter.Parameter", CD_GLOBAL_PARAMETER, CD_FILE_NONE },
    { "torch.Size", CD_GLOBAL_SIZE, CD_FILE_NONE },
    { "torch.device", CD_GLOBAL_DEVICE, CD_FILE_NONE },
    STORAGE("DoubleStorage", CD_FILE_F64),
    STORAGE("FloatStorage", CD_FILE_F32),
    STORAGE("HalfStorage", CD_FILE_F16),
    STORAGE("BFloat16Storage", CD_FILE_BF16),
    STORAGE("LongStorage", CD_FILE_I64),
    STORAGE("IntStorage", CD_FILE_I32),
    STORAGE("ShortStorage", CD_FILE_I16),
    STORAGE("CharStorage", CD_FILE_I8),
    STORAGE("ByteStorage", CD_FILE_U8),
    STORAGE("BoolStorage", CD_FILE_BOOL),
    STORAGE("ComplexFloatStorage", CD_FILE_C64),
    STORAGE("ComplexDoubleStorage", CD_FILE_C128),
    { "torch.storage.UntypedStorage", CD_GLOBAL_STORAGE, CD_FILE_NONE },
    { "torch.Tensor", CD_GLOBAL_TENSOR_CLASS, CD_FILE_NONE },
    TENSOR("DoubleTensor"),
    TENSOR("FloatTensor"),
    TENSOR("HalfTensor"),
    TENSOR("BFloat16Tensor"),
    TENSOR("LongTensor"),
    TENSOR("IntTensor"),
    TENSOR("ShortTensor"),
    TENSOR("CharTensor"),
    TENSOR("ByteTensor"),
    TENSOR("BoolTensor"),
    DTYPE("float64", CD_FILE_F64),
    DTYPE("float32", CD_FILE_F32),
    DTYPE("float16", CD_FILE_F16),
    DTYPE("bfloat16", CD_FILE_BF16),
    DTYPE("int64", CD_FILE_I64),
    DTYPE("int32", CD_FILE_I32),
    DTYPE("int16", CD_FILE_I16),
    DTYPE("int8", CD_FILE_I8),
    DTYPE("uint64", CD_FILE_U64),
    DTYPE("uint32", CD_FILE_U32),
    DTYPE("uint16", CD_FILE_U16),
    DTYPE("uint8", CD_FILE_U8),
    DTYPE("bool", CD_FILE_BOOL),
    DTYPE("complex64", CD_FILE_C64),
    DTYPE("complex128", CD_FILE_C128),
    DTYPE("float8_e4m3fn", CD_FILE_F8_E4M3),
    DTYPE("float8_e5m2", CD_FILE_F8_E5M2),
    DTYPE("float8_e4m3fnuz", CD_FILE_F8_E4M3FNUZ),
    DTYPE("float8_e5m2fnuz", CD_FILE_F8_E5M2FNUZ),
    DTYPE("float8_e8m0fnu", CD_FILE_F8_E8M0),
};

/* Known, and not done here: the message says so, and not that the name is suspicious. */
static const char *const unsupported[] = {
    "torch._utils._rebuild_qtensor",
    "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_sparse_csr_tensor",
    "torch._utils._rebuild_nested_tensor",
    "torch._utils._rebuild_meta_tensor_no_storage",
    "torch._utils._rebuild_wrapper_subclass",
    "torch._utils._rebuild_device_tensor_from_numpy",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor",
    "torch._tensor._rebuild_from_type_v2",
    "torch.serialization._get_layout",
    "torch.QUInt8Storage",
    "torch.QInt8Storage",
    "torch.QInt32Storage",
    "torch.QUInt4x2Storage",
    "torch.QUInt2x4Storage",
    "torch.per_tensor_affine",
    "torch.per_channel_affine",
};

enum { LONGEST = 256 };

/* module + "." + name is the text. Both parts are compared, so that "torch" + "cuda.FloatStorage"
 * is not the same as "torch.cuda" + "FloatStorage". */
static bool is_named(const char *full, const char *module, size_t module_size, const char *name,
                     size_t name_size)
{
    return strlen(full) == module_size + 1 + name_size && memcmp(full, module, module_size) == 0 &&
           full[module_size] == '.' && memcmp(full + module_size + 1, name, name_size) == 0 &&
           !memchr(name, '.', name_size);
}

bool cd_pickle_find_global(const cd_pickle *pickle, const char *module, size_t module_size,
                           const char *name, size_t name_size, uint32_t *index)
{
    for (uint32_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        if (is_named(globals[i].full, module, module_size, name, name_size)) {
            *index = i;
            return true;
        }
    }
    char a[LONGEST / 2], b[LONGEST / 2];
    cd_printable(a, sizeof a, module, module_size);
    cd_printable(b, sizeof b, name, name_size);
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
        if (is_named(unsupported[i], module, module_size, name, name_size)) {
            return cd_pickle_fail(
                pickle, CD_ERR_UNSUPPORTED,
                "%s.%s makes a quantised, sparse or otherwise special tensor, which "
                "is not supported: save plain tensors",
                a, b);
        }
    }
    return cd_pickle_fail(pickle, CD_ERR_UNSUPPORTED,
                          "it names %s.%s, which is no part of a tensor and is never loaded: save "
                          "model.state_dict() rather than the model, and no other objects",
                          a, b);
}

cd_global_kind cd_pickle_global_kind(uint32_t index)
{
    return globals[index].kind;
}

cd_file_dtype cd_pickle_global_dtype(uint32_t index)
{
    return globals[index].dtype;
}

const char *cd_pickle_global_name(uint32_t index)
{
    return globals[index].full;
}
