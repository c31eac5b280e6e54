/* Saved files are safetensors, and their names must not say something else. */
#ifndef CANDELA_IO_FILE_ENDING_INTERNAL_H
#define CANDELA_IO_FILE_ENDING_INTERNAL_H

#include "core/api.h"

/* Whether a safetensors file may have this name. False with CD_ERR_UNSUPPORTED when the name has
 * the ending of another format ("m.pth", "m.ONNX"); the error says what would be right. Any other
 * ending, or none, is allowed. */
bool cd_check_ending(const char *path);

#endif
