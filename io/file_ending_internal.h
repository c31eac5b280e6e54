/* The name of a saved file must not say that it is of another format. */
#ifndef CANDELA_IO_FILE_ENDING_INTERNAL_H
#define CANDELA_IO_FILE_ENDING_INTERNAL_H

#include "core/api.h"

/* Whether a file of the format `own` ("safetensors", "npy", "npz" or "csv") may have this name.
 * False with CD_ERR_UNSUPPORTED when the name has the ending of another format ("m.pth", "m.ONNX");
 * the error says what would be right. Any other ending, or none, is allowed. */
bool cd_check_ending(const char *path, const char *own);

/* Whether the file's name ends in a point and `ending`, in any case of letters, and has more before
 * it: ".npz" is a hidden file without an ending. */
bool cd_has_ending(const char *path, const char *ending);

#endif
