/* Reads a pickle stream, as torch.save wrote it before PyTorch 1.6. Byte 0 of the input says
 * whether the rest is the whole file (an odd number), or only its pickle and storages: then come
 * two bytes, the size of the pickle of what was saved, that pickle, and the elements of up to eight
 * storages with the keys "0", "1", ..., each behind its size in bytes (one byte) and the number of
 * its elements (one byte). So the fuzzer reaches what lies behind the pickle without having to
 * count.
 *
 * Checked: what was read can be written as safetensors and read again bit for bit (rewritten.h); a
 * refused file leaves nothing behind. */
#include <stdlib.h>

#include "tests/fuzz/rewritten.h"

enum { STORAGES_MAX = 8 };

#define PUT(out_, literal_) fuzz_put((out_), (literal_), sizeof(literal_) - 1)

static fuzz_bytes make_file(fuzz_input in)
{
    fuzz_bytes out = { .size = 0 }, keys = { .size = 0 }, data = { .size = 0 };
    unsigned flags = fuzz_u8(&in);
    if (flags & 1) {
        fuzz_put(&out, in.data, in.size);
        return out;
    }
    unsigned size = fuzz_u16(&in);
    fuzz_input pickle = fuzz_take(&in, size);
    for (int i = 0; i < STORAGES_MAX && in.size > 0; i++) {
        unsigned bytes = fuzz_u8(&in), count = fuzz_u8(&in);
        fuzz_input elements = fuzz_take(&in, bytes);
        const char key[3] = { 'U', 1, (char)('0' + i) };
        fuzz_put(&keys, key, sizeof key);
        fuzz_put_le(&data, count, 8);
        fuzz_put(&data, elements.data, elements.size);
    }
    PUT(&out, "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.\x80\x02M\xE9\x03.");
    if (flags & 2) PUT(&out, "\x80\x02}U\x0Dlittle_endian\x89s.");
    if (!(flags & 2)) PUT(&out, "\x80\x02}U\x0Dlittle_endian\x88s.");
    fuzz_put(&out, pickle.data, pickle.size);
    PUT(&out, "\x80\x02](");
    fuzz_put(&out, keys.data, keys.size);
    PUT(&out, "e.");
    fuzz_put(&out, data.data, data.size);
    free(keys.data);
    free(data.data);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH_BYTES];
    fuzz_bytes file = make_file((fuzz_input){ data, size });
    fuzz_begin(FUZZ_TENSOR_MEMORY);
    fuzz_write(fuzz_path("fuzz.pth", path), file.data, file.size);
    fuzz_bytes read = fuzz_rewritten(path, true);
    free(read.data);
    free(file.data);
    fuzz_end();
    FUZZ_CHECK(fuzz_files() == 1);
    return 0;
}
