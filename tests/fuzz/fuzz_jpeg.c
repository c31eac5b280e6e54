/* Decodes a JPEG file: ff d8 ff, then the input. The system's libjpeg is built without coverage, so
 * only our own code guides the fuzzer; crashes and leaks in libjpeg are found nevertheless.
 *
 * Checked: what fuzz_decoded checks (decoded.h); bytes behind the end of a picture without warnings
 * do not change its pixels. */
#include <stdlib.h>

#include "tests/fuzz/decoded.h"

/* Decodes the file again with an end marker and further bytes behind it. */
static void follow(fuzz_bytes *file, const cd_pixels *pixels)
{
    static const uint8_t end[] = { 0xff, 0xd9 }, rest[] = "what an editor left";
    cd_pixels followed;
    if (pixels->warnings > 0) return;
    fuzz_put(file, end, sizeof end);
    fuzz_put(file, rest, sizeof rest);
    FUZZ_CHECK(fuzz_decoded(file->data, file->size, &followed));
    FUZZ_CHECK(fuzz_same_pixels(pixels, &followed));
    cd_pixels_free(&followed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t begin[] = { 0xff, 0xd8, 0xff };
    fuzz_bytes file = { .room = size + sizeof begin, .data = malloc(size + sizeof begin) };
    fuzz_put(&file, begin, sizeof begin);
    fuzz_put(&file, data, size);
    fuzz_begin(FUZZ_PICTURE_MEMORY);
    cd_pixels pixels;
    if (fuzz_decoded(file.data, file.size, &pixels)) follow(&file, &pixels);
    cd_pixels_free(&pixels);
    fuzz_end();
    free(file.data);
    return 0;
}
