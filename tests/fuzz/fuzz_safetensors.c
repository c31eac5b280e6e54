/* A safetensors file. Bytes that begin with '{' are its header and, behind a NUL, its data; the
 * eight bytes of the header's length are added here. Other bytes are the whole file: one that has a
 * header length of its own, or one of another kind, which is refused.
 *
 * Checked: what was read is written and read again bit for bit (rewritten.h); a refused file leaves
 * nothing behind, and a writer leaves no file but the one it wrote. */
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
