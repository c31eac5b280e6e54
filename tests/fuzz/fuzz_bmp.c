/* Decodes a bitmap file: "BM", then the input.
 *
 * Checked: what fuzz_decoded checks (decoded.h). */
#include <stdlib.h>

#include "tests/fuzz/decoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_bytes file = { .room = size + 2, .data = malloc(size + 2) };
    fuzz_put(&file, "BM", 2);
    fuzz_put(&file, data, size);
    fuzz_begin(FUZZ_PICTURE_MEMORY);
    cd_pixels pixels;
    (void)fuzz_decoded(file.data, file.size, &pixels);
    cd_pixels_free(&pixels);
    fuzz_end();
    free(file.data);
    return 0;
}
