/* Decoding a picture and checking it, for the targets of the picture formats. */
#ifndef CANDELA_TESTS_FUZZ_DECODED_H
#define CANDELA_TESTS_FUZZ_DECODED_H

#include "io/image_internal.h"
#include "tests/fuzz/fuzz.h"

/* The bytes of memory that a decoder may take. Large pictures are errors here, since they would
 * only cost time. */
enum { FUZZ_PICTURE_MEMORY = 8 << 20 };

/* Decodes the bytes twice. Checks that both times give the same RGB pixels, of a size within the
 * limits, or that both times give the same error and leave *out empty. New memory is filled with a
 * different byte each time (fuzz.c), so a decoder that reads memory before it has written it gives
 * different pixels. The decoder is given a copy of exactly `size` bytes, so that a sanitizer sees a
 * read past the end.
 *
 * Returns whether the bytes are a picture; then the caller frees *out with cd_pixels_free. */
bool fuzz_decoded(const void *bytes, size_t size, cd_pixels *out);

/* Whether two pictures have the same sides, channels and pixels. */
bool fuzz_same_pixels(const cd_pixels *a, const cd_pixels *b);

#endif
