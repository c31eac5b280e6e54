/* Step 5 of cd_load (checkpoint.c): the names that mean something here, which are those of
 * torch.load(weights_only=True) in PyTorch 2.15 and some of older versions, and the names that are
 * refused.
 *
 * A name only selects a case in pickle_objects.c: no Python function is called. Any other name
 * makes an object that is not looked into, or only for its attributes. */
#include <string.h>

#include "io/pickle_internal.h"

typedef struct global {
    const char *full; /* module, a dot, name */
    cd_global_kind kind;
    cd_file_dtype dtype; /* of a storage class or dtype; else CD_FILE_NONE */
    const char *refusal; /* why a tensor of it cannot be read; NULL when it can */
} global;

#define NAME(full_, kind_)                                                                         \
    {                                                                                              \
        full_, CD_GLOBAL_##kind_, CD_FILE_NONE, NULL                                               \
    }
#define STORAGE(name_, dtype_)                                                                     \
    { "torch." name_, CD_GLOBAL_STORAGE, dtype_, NULL },                                           \
    {                                                                                              \
        "torch.cuda." name_, CD_GLOBAL_STORAGE, dtype_, NULL                                       \
    }
#define TENSOR(name_) NAME("torch." name_, TENSOR_CLASS), NAME("torch.cuda." name_, TENSOR_CLASS)
#define DTYPE(name_, dtype_)                                                                       \
    {                                                                                              \
        "torch." name_, CD_GLOBAL_DTYPE, dtype_, NULL                                              \
    }
#define OTHER_DTYPE(name_)                                                                         \
    {                                                                                              \
        "torch." name_, CD_GLOBAL_DTYPE, CD_FILE_NONE,                                             \
            "its dtype is torch." name_ ", which is not supported"                                 \
    }
#define UNREADABLE(full_, refusal_)                                                                \
    {                                                                                              \
        full_, CD_GLOBAL_REBUILD_UNREADABLE, CD_FILE_NONE, refusal_                                \
    }
/* Python 2 calls the module __builtin__, and so does every pickle of protocol 2. */
#define BUILTIN(name_, kind_) NAME("__builtin__." name_, kind_), NAME("builtins." name_, kind_)

static const global globals[] = {
    NAME("collections.OrderedDict", ORDERED_DICT),
    NAME("torch._utils._rebuild_tensor", REBUILD_TENSOR),
    NAME("torch._utils._rebuild_tensor_v2", REBUILD_TENSOR_V2),
    NAME("torch._utils._rebuild_tensor_v3", REBUILD_TENSOR_V3),
    NAME("torch._utils._rebuild_parameter", REBUILD_PARAMETER),
    NAME("torch._utils._rebuild_parameter_with_state", REBUILD_PARAMETER_WITH_STATE),
    NAME("torch._tensor._rebuild_from_type_v2", REBUILD_FROM_TYPE),
    NAME("torch._tensor._rebuild_from_type", REBUILD_FROM_TYPE), /* PyTorch 1.9 and 1.10 */
    NAME("torch.tensor._rebuild_from_type", REBUILD_FROM_TYPE),  /* 1.7 and 1.8 */
    UNREADABLE("torch._utils._rebuild_sparse_tensor", "it is sparse: save it as t.to_dense()"),
    UNREADABLE("torch._utils._rebuild_nested_tensor", "it is nested: save its parts, t.unbind()"),
    UNREADABLE("torch._utils._rebuild_qtensor", "it is quantised: save it as t.dequantize()"),
    UNREADABLE("torch._utils._rebuild_meta_tensor_no_storage",
               "it was on the device \"meta\", where tensors have no values"),
    UNREADABLE("torch._utils._rebuild_wrapper_subclass",
               "it is of a class that wraps other tensors: save plain tensors"),
    UNREADABLE("torch._utils._rebuild_device_tensor_from_numpy",
               "it was saved from a device without storages: save it as t.cpu()"),
    UNREADABLE("torch._utils._rebuild_device_tensor_from_cpu_tensor",
               "it was saved from a device without storages: save it as t.cpu()"),
    NAME("torch.nn.parameter.Parameter", PARAMETER),
    NAME("torch.autograd.variable.Variable", PARAMETER), /* PyTorch before 0.4 */
    NAME("torch.Size", SIZE),
    NAME("collections.Counter", OPAQUE),
    NAME("_codecs.encode", OPAQUE), /* how protocol 2 writes bytes */
    BUILTIN("bytearray", OPAQUE),
    BUILTIN("complex", OPAQUE),
    BUILTIN("set", SET),
    BUILTIN("frozenset", SET),
    NAME("torch.device", OPAQUE),
    NAME("torch.serialization._get_layout", OPAQUE),
    NAME("torch.per_tensor_affine", CONSTANT),
    NAME("torch.per_tensor_symmetric", CONSTANT),
    NAME("torch.per_channel_affine", CONSTANT),
    NAME("torch.per_channel_symmetric", CONSTANT),
    NAME("torch.per_channel_affine_float_qparams", CONSTANT),
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
    /* The storages of quantised tensors, with a dtype of the same size. The tensors themselves have
     * a refusal, but their storages are checked like any other. */
    STORAGE("QInt32Storage", CD_FILE_I32),
    STORAGE("QInt8Storage", CD_FILE_I8),
    STORAGE("QUInt8Storage", CD_FILE_U8),
    STORAGE("QUInt4x2Storage", CD_FILE_U8),
    STORAGE("QUInt2x4Storage", CD_FILE_U8),
    NAME("torch.storage.UntypedStorage", STORAGE),
    NAME("torch.Tensor", TENSOR_CLASS),
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
    OTHER_DTYPE("complex32"),
    OTHER_DTYPE("bcomplex32"),
    OTHER_DTYPE("float4_e2m1fn_x2"),
    OTHER_DTYPE("qint32"),
    OTHER_DTYPE("qint8"),
    OTHER_DTYPE("quint8"),
    OTHER_DTYPE("quint4x2"),
    OTHER_DTYPE("quint2x4"),
    OTHER_DTYPE("bits16"),
    OTHER_DTYPE("bits8"),
    OTHER_DTYPE("bits4x2"),
    OTHER_DTYPE("bits2x4"),
    OTHER_DTYPE("bits1x8"),
    OTHER_DTYPE("int1"),
    OTHER_DTYPE("int2"),
    OTHER_DTYPE("int3"),
    OTHER_DTYPE("int4"),
    OTHER_DTYPE("int5"),
    OTHER_DTYPE("int6"),
    OTHER_DTYPE("int7"),
    OTHER_DTYPE("uint1"),
    OTHER_DTYPE("uint2"),
    OTHER_DTYPE("uint3"),
    OTHER_DTYPE("uint4"),
    OTHER_DTYPE("uint5"),
    OTHER_DTYPE("uint6"),
    OTHER_DTYPE("uint7"),
};

enum { QUOTED_MAX = 128 }; /* bytes of a module or name in an error, its NUL included */

/* Whether the list's "module.name" is this module and this name. A name has no dot, so the module
 * "torch" with the name "cuda.FloatStorage" is not the module "torch.cuda" with "FloatStorage". */
static bool is_named(const char *full, const char *module, size_t module_size, const char *name,
                     size_t name_size)
{
    return strlen(full) == module_size + 1 + name_size && memcmp(full, module, module_size) == 0 &&
           full[module_size] == '.' && memcmp(full + module_size + 1, name, name_size) == 0 &&
           !memchr(name, '.', name_size);
}

bool cd_pickle_find_global(const char *module, size_t module_size, const char *name,
                           size_t name_size, uint32_t *index)
{
    for (uint32_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        if (is_named(globals[i].full, module, module_size, name, name_size)) {
            *index = i;
            return true;
        }
    }
    return false;
}

/* --- what is refused -------------------------------------------------------------------------- */

/* Modules of Python whose functions run commands, load code or reach the network, and functions of
 * builtins that run code. No checkpoint needs them. Safety does not depend on this list: a name
 * that it lacks is never looked up either. It is there so that whoever gets such a file is told. */
static const char *const refused_modules[] = {
    "os",       "posix",     "nt",     "sys",        "subprocess",
    "commands", "popen2",    "pty",    "runpy",      "code",
    "codeop",   "pdb",       "bdb",    "timeit",     "socket",
    "shutil",   "importlib", "ctypes", "webbrowser", "multiprocessing.popen_fork"
};
static const char *const refused_builtins[] = { "eval",       "exec",  "execfile",   "compile",
                                                "open",       "file",  "__import__", "apply",
                                                "breakpoint", "input", "globals" };

static bool is_text(const char *text, size_t size, const char *other)
{
    return strlen(other) == size && memcmp(text, other, size) == 0;
}

static bool is_refused(const char *module, size_t module_size, const char *name, size_t name_size)
{
    for (size_t i = 0; i < sizeof refused_modules / sizeof *refused_modules; i++) {
        if (is_text(module, module_size, refused_modules[i])) return true;
    }
    bool builtin =
        is_text(module, module_size, "builtins") || is_text(module, module_size, "__builtin__");
    for (size_t i = 0; builtin && i < sizeof refused_builtins / sizeof *refused_builtins; i++) {
        if (is_text(name, name_size, refused_builtins[i])) return true;
    }
    return false;
}

bool cd_pickle_may_name(const cd_pickle *pickle, const char *module, size_t module_size,
                        const char *name, size_t name_size)
{
    if (!is_refused(module, module_size, name, name_size)) return true;
    char shown_module[QUOTED_MAX], shown_name[QUOTED_MAX];
    cd_printable(shown_module, sizeof shown_module, module, module_size);
    cd_printable(shown_name, sizeof shown_name, name, name_size);
    return cd_pickle_fail(pickle, CD_ERR_UNSUPPORTED,
                          "it names %s.%s, which is never loaded: with it a pickle runs code when "
                          "Python opens it, and no file of weights needs it",
                          shown_module, shown_name);
}

/* --- what the names are ----------------------------------------------------------------------- */

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

const char *cd_pickle_global_refusal(uint32_t index)
{
    return globals[index].refusal;
}
