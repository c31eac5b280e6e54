/* Decodes a picture twice and compares the results: see decoded.h. */
#include "tests/fuzz/decoded.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

bool fuzz_same_pixels(const cd_pixels *a, const cd_pixels *b)
{
    return a->width == b->width && a->height == b->height && a->channels == b->channels &&
           memcmp(a->data, b->data, (size_t)a->width * (size_t)a->height * (size_t)a->channels) ==
               0;
}

/* Decodes once. The memory limit is counted from what is in use now, so that both calls may take
 * the same amount. */
static bool decode(const void *bytes, size_t size, cd_pixels *out)
{
    void *copy = malloc(size);
    if (size > 0) memcpy(copy, bytes, size);
    cd_memory_limit(cd_memory_stats().bytes_in_use + FUZZ_PICTURE_MEMORY);
    bool done = cd_image_decode(copy, size, "fuzz", out);
    free(copy);
    return done;
}

bool fuzz_decoded(const void *bytes, size_t size, cd_pixels *out)
{
    cd_pixels again = { .data = NULL };
    *out = again;
    bool done = decode(bytes, size, out);
    int code = done ? 0 : fuzz_refused();
    FUZZ_CHECK(decode(bytes, size, &again) == done);
    if (!done) {
        FUZZ_CHECK(!out->data && !again.data);
        FUZZ_CHECK(fuzz_refused() == code);
        return false;
    }
    FUZZ_CHECK(out->width >= 1 && out->width <= CD_IMAGE_MAX_SIDE);
    FUZZ_CHECK(out->height >= 1 && out->height <= CD_IMAGE_MAX_SIDE);
    FUZZ_CHECK((int64_t)out->width * out->height <= CD_IMAGE_MAX_PIXELS);
    FUZZ_CHECK(out->channels == 3 && out->orientation >= 0 && out->orientation <= 8);
    FUZZ_CHECK(fuzz_same_pixels(out, &again));
    FUZZ_CHECK(out->orientation == again.orientation && out->warnings == again.warnings);
    cd_pixels_free(&again);
    return true;
}
