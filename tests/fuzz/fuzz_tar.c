/* Reads the TAR container of PyTorch 0.1. Byte 0 of the input says whether the rest is the whole
 * file (an odd number), of which only the sums of the headers are put right, or what the four
 * members hold: then come three times two bytes, a size, and a member of that size, "sys_info",
 * "pickle" and "tensors", and the rest is "storages". So the fuzzer does not have to compute sums.
 *
 * Checked: what was read can be written as safetensors and read again bit for bit (rewritten.h); a
 * refused file leaves nothing behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/rewritten.h"

enum { BLOCK = 512 };

/* Writes the sum into a header: six octal digits. */
static void put_sum(uint8_t *header)
{
    unsigned sum = 8 * ' ';
    for (int i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0 : header[i];
    for (int i = 0; i < 6; i++) header[153 - i] = (uint8_t)('0' + (sum >> 3 * i) % 8);
    header[154] = '\0';
    header[155] = ' ';
}

static void put_member(fuzz_bytes *out, const char *name, fuzz_input data)
{
    uint8_t header[BLOCK] = { 0 }, zeros[BLOCK] = { 0 };
    (void)snprintf((char *)header, 100, "%s", name);
    (void)snprintf((char *)header + 124, 12, "%011o", (unsigned)data.size);
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    put_sum(header);
    fuzz_put(out, header, BLOCK);
    fuzz_put(out, data.data, data.size);
    fuzz_put(out, zeros, (BLOCK - data.size % BLOCK) % BLOCK);
}

/* Puts the sums of all headers right that can be reached by the sizes in them. */
static void put_sums(fuzz_bytes *file)
{
    for (size_t at = 0; file->size - at >= BLOCK;) {
        uint8_t *header = file->data + at;
        size_t size = 0;
        for (int i = 124; i < 136; i++) {
            if (header[i] >= '0' && header[i] <= '7') size = size * 8 + (size_t)(header[i] - '0');
        }
        bool empty = header[0] == '\0';
        if (empty) return;
        put_sum(header);
        at += BLOCK;
        if (size > file->size - at) return;
        at += (size + BLOCK - 1) / BLOCK * BLOCK;
        if (at > file->size) return;
    }
}

static fuzz_bytes make_file(fuzz_input in)
{
    static const char *const names[] = { "sys_info", "pickle", "tensors" };
    fuzz_bytes out = { .size = 0 };
    if (fuzz_u8(&in) & 1) {
        fuzz_put(&out, in.data, in.size);
        put_sums(&out);
        return out;
    }
    for (int i = 0; i < 3; i++) {
        unsigned size = fuzz_u16(&in);
        put_member(&out, names[i], fuzz_take(&in, size));
    }
    put_member(&out, "storages", in);
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
