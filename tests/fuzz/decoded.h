/* A picture decoded, for the targets of the picture formats. */
#ifndef CANDELA_TESTS_FUZZ_DECODED_H
#define CANDELA_TESTS_FUZZ_DECODED_H

#include "io/image_internal.h"
#include "tests/fuzz/fuzz.h"

/* Memory that a decoder may take: a large picture is an error here, since it only takes time. */
enum { FUZZ_PICTURE_MEMORY = 8 << 20 };

/* Decodes the bytes twice. Either both times there are pixels, RGB of a size within the limits and
 * the same ones (with memory that is filled otherwise, see fuzz.c), or neither and the same error,
 * with *out empty. The decoder is given a copy that ends where `size` says, so that a sanitizer
 * sees who reads on. */
bool fuzz_decoded(const void *bytes, size_t size, cd_pixels *out);

bool fuzz_same_pixels(const cd_pixels *a, const cd_pixels *b);

#endif
