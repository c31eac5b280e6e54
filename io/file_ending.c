/* The check of file_ending_internal.h. */
#include "io/file_ending_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/text_internal.h"
#include "io/bytes_internal.h"

/* The endings of formats. Programs choose a reader by them, and some readers (pickle) run
 * what they find in a file. */
static const struct {
    const char *ending, *format;
} others[] = {
    { "pth", "PyTorch" },
    { "pt", "PyTorch" },
    { "th", "PyTorch" },
    { "bin", "PyTorch" },
    { "ckpt", "PyTorch" },
    { "pkl", "pickle" },
    { "pickle", "pickle" },
    { "npy", "NumPy" },
    { "npz", "NumPy" },
    { "safetensors", "safetensors" },
    { "onnx", "ONNX" },
    { "h5", "HDF5" },
    { "hdf5", "HDF5" },
    { "keras", "Keras" },
    { "pb", "TensorFlow" },
    { "tflite", "TensorFlow Lite" },
    { "gguf", "GGUF" },
    { "ggml", "GGML" },
    { "mlmodel", "Core ML" },
    { "json", "JSON" },
    { "msgpack", "MessagePack" },
    { "zip", "zip" },
    { "tar", "tar" },
    { "gz", "gzip" },
    { "csv", "CSV" },
};

/* The ending of the path's last part, behind its point; NULL without one. */
static const char *ending_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? dot + 1 : NULL; /* ".pth" is a hidden file without an ending */
}

bool cd_has_ending(const char *path, const char *ending)
{
    const char *own = ending_of(path);
    return own && cd_same_ignoring_case(own, ending);
}

static bool refuse(const char *path, const char *ending, const char *format, const char *own)
{
    char shown[100], label[CD_BYTES_LABEL];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *article = own[0] == 'n' ? "an" : "a"; /* an npy file, a safetensors file */
    cd_bytes_label(label, path);
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: the ending .%s is that of %s files, and what is written is %s %s file: "
                   "please call it %s.%s",
                   label, ending, format, article, own,
                   cd_escape_bytes(shown, sizeof shown, name, (size_t)(ending - 1 - name)), own);
}

bool cd_check_ending(const char *path, const char *own)
{
    const char *ending = ending_of(path);
    if (!ending || cd_same_ignoring_case(ending, own)) return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!cd_same_ignoring_case(ending, others[i].ending)) continue;
        return refuse(path, ending, others[i].format, own);
    }
    return true;
}
