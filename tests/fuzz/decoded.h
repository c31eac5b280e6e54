/* Decoding a picture and checking it, for the targets of the picture formats. */
#ifndef CANDELA_TESTS_FUZZ_DECODED_H
#define CANDELA_TESTS_FUZZ_DECODED_H

#include "io/image_internal.h"
#include "tests/fuzz/fuzz.h"

/* The memory that a decoder may take. Large pictures are errors here, since they only cost time. */
enum { FUZZ_PICTURE_MEMORY = 8 << 20 };

/* Decodes the bytes twice, each time with new memory filled with another byte (fuzz.c), and checks:
 * both times the same RGB pixels, of a size within the limits, or both times the same error and
 * *out empty. The decoder is given a copy of exactly `size` bytes, so that a sanitizer sees a read
 * past the end. */
bool fuzz_decoded(const void *bytes, size_t size, cd_pixels *out);

bool fuzz_same_pixels(const cd_pixels *a, const cd_pixels *b);

#endif
