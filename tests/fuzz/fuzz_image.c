/* Any bytes: an error with a sentence, or pixels that can be preprocessed; nothing is lost.
 *
 * The CRCs of a PNG's chunks are made right first, so that changed bytes reach the decoder. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/image_internal.h"
#include "io/preprocess_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void repair_png(unsigned char *bytes, size_t size)
{
    for (size_t at = 8; size >= 12 && at <= size - 12;) {
        size_t length = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 |
                        (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length > size - 12 - at) return;
        uint32_t crc = (uint32_t)crc32(0, bytes + at + 4, (uInt)length + 4);
        for (int i = 0; i < 4; i++) {
            bytes[at + 8 + length + (size_t)i] = (unsigned char)(crc >> (24 - 8 * i));
        }
        at += 12 + length;
    }
}

/* Whatever was decoded can be prepared, as long as there is memory. */
static void prepare(const cd_preprocess *recipe, const cd_pixels *pixels)
{
    static float out[3 * 8 * 6];
    cd_error error;
    if (cd_preprocess_run(recipe, pixels, out)) return;
    if (!cd_error_take(&error) || error.code != CD_ERR_MEMORY) abort();
}

static void preprocess(const cd_pixels *pixels)
{
    const cd_preprocess color = {
        .resize = 9, .crop_width = 8, .crop_height = 6, .channels = 3, .std = { 1, 1, 1 }
    };
    const cd_preprocess grey = { .crop_width = 8, .crop_height = 6, .channels = 1, .std = { 1 } };
    prepare(&color, pixels);
    prepare(&grey, pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) return 0;
    cd_memory_limit(24 << 20); /* a large picture is an error here: it only takes time */
    int64_t blocks = cd_memory_stats().blocks_in_use;
    unsigned char *copy = malloc(size);
    if (!copy) return 0;
    memcpy(copy, bytes, size);
    if (copy[0] == 0x89) repair_png(copy, size);
    cd_pixels pixels = { .data = NULL };
    bool done = cd_image_decode(copy, size, "fuzz", &pixels);
    free(copy);
    if (done != cd_ok() || (!done && pixels.data) || (!done && !cd_error_message()[0])) abort();
    if (done) preprocess(&pixels);
    cd_pixels_free(&pixels);
    cd_clear_error();
    if (cd_memory_stats().blocks_in_use != blocks) abort();
    return 0;
}
