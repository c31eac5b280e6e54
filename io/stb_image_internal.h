/* The PNG decoder of stb_image, fenced in: the rest of the library sees this call only. */
#ifndef CANDELA_IO_STB_IMAGE_INTERNAL_H
#define CANDELA_IO_STB_IMAGE_INTERNAL_H

#include "core/api.h"

/* Decodes a PNG file whose chunks were checked to `channels` (1: grey, of a grey file only; 3: RGB)
 * of 8 bits, or, with `wide`, of 16 bits in the machine's byte order. `wide` must say whether the
 * file has 16 bits: the decoder's own change of depth loses memory when an allocation fails. No
 * block of more than `block_bytes` is taken. The result is the caller's, for cd_free; NULL on
 * failure, with CD_ERR_MEMORY set if that was the cause, else with the decoder's few words in
 * *reason. */
void *cd_stb_png_decode(const unsigned char *bytes, size_t size, size_t block_bytes, int channels,
                        bool wide, int *width, int *height, const char **reason);

#endif
