/* The check of file_ending_internal.h. */
#include "io/file_ending_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/text_internal.h"
#include "io/bytes_internal.h"

/* The endings of other formats. Programs choose a reader by them, and some readers (pickle) run
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

bool cd_check_ending(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name) return true; /* ".pth" is a hidden file without an ending */
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!cd_same_ignoring_case(dot + 1, others[i].ending)) continue;
        char shown[100], label[CD_BYTES_LABEL];
        cd_bytes_label(label, path);
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: the ending %s is that of %s files, and what is written is a "
                       "safetensors file: please call it %s.safetensors",
                       label, dot, others[i].format,
                       cd_escape_bytes(shown, sizeof shown, name, (size_t)(dot - name)));
    }
    return true;
}
