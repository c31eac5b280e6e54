/* What the ending of a file's name promises to whoever opens it. */
#ifndef CANDELA_IO_FILE_ENDING_INTERNAL_H
#define CANDELA_IO_FILE_ENDING_INTERNAL_H

#include "core/api.h"

/* Whether a safetensors file may be written under this name: not when its ending is that of another
 * format ("m.pth", "m.ONNX"); any other ending, or none, is allowed. False with CD_ERR_UNSUPPORTED
 * and a sentence on what would be right. */
bool cd_check_ending(const char *path);

#endif
