/* Reads a safetensors file. An input that begins with '{' is the header and, behind a NUL, the
 * data; the target puts the eight bytes of the header's length in front. Any other input is the
 * whole file.
 *
 * Checked: what was read can be written and read again bit for bit (rewritten.h); a refused file
 * leaves nothing behind, and the writer leaves no file except the one it wrote. */
#include <stdlib.h>

#include "tests/fuzz/rewritten.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH_BYTES];
    fuzz_input in = { data, size };
    fuzz_bytes file = { .size = 0 };
    if (size > 0 && data[0] == '{') {
        fuzz_input header = fuzz_word(&in);
        fuzz_put_le(&file, header.size, 8);
        fuzz_put(&file, header.data, header.size);
    }
    fuzz_put(&file, in.data, in.size);
    fuzz_write(fuzz_path("fuzz.safetensors", path), file.data, file.size);
    free(file.data);

    fuzz_begin(FUZZ_TENSOR_MEMORY);
    file = fuzz_rewritten(path, false);
    free(file.data);
    fuzz_end();
    FUZZ_CHECK(fuzz_files() == 1);
    return 0;
}
