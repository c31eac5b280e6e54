/* Reads .npy and .npz files. Byte 0 of the input has the flags below. The rest is one array, or the
 * members of an .npz: the text of a header, up to a NUL; the length of the elements' bytes in two
 * bytes; and these. The target puts the magic and the length of the text in front, and makes the
 * zip archive with its CRCs, so that the fuzzer reaches the headers and the elements. (Damaged
 * archives are for fuzz_archive.)
 *
 * Checked: what was read can be written as safetensors and read again bit for bit (rewritten.h);
 * members that are stored and members that are deflated give the same tensors; the array of an .npy
 * that is read, saved by cd_save_npy and read again, is the same, and saved once more it gives the
 * same file; a refused file leaves nothing behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include <candela.h>

#include "tests/fuzz/rewritten.h"

/* The flags of byte 0. */
enum {
    ZIP = 1,    /* an .npz, else an .npy */
    WIDE = 2,   /* version 2.0 of the header, with a length of four bytes */
    RAW = 4,    /* the array is given as it is, magic and all */
    PACKED = 8, /* without ZIP: nothing. With it: member k is deflated if bit k of byte 1 is set */
};

enum { MEMBERS_MAX = 8 };

/* One array: its header with this text, and the elements. */
static fuzz_bytes array_of(fuzz_input text, fuzz_input elements, unsigned flags)
{
    fuzz_bytes out = { .size = 0 };
    fuzz_put(&out, flags & WIDE ? "\x93NUMPY\2\0" : "\x93NUMPY\1\0", 8);
    fuzz_put_le(&out, text.size, flags & WIDE ? 4 : 2);
    fuzz_put(&out, text.data, text.size);
    fuzz_put(&out, elements.data, elements.size);
    return out;
}

static fuzz_bytes deflated(const fuzz_bytes *in)
{
    z_stream z = { .zalloc = NULL };
    FUZZ_CHECK(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&z, in->size);
    fuzz_bytes out = { .data = malloc(room), .room = room };
    z.next_in = in->data;
    z.avail_in = (uInt)in->size;
    z.next_out = out.data;
    z.avail_out = (uInt)room;
    FUZZ_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out.size = room - z.avail_out;
    (void)deflateEnd(&z);
    return out;
}

/* --- the archive ------------------------------------------------------------------------------ */

typedef struct archive {
    fuzz_bytes file, directory;
    int count;
} archive;

/* The fields that both headers of a member have, from the flags to the length of the name. */
static void put_fields(fuzz_bytes *out, bool pack, uLong crc, size_t packed, size_t size)
{
    fuzz_put_le(out, 0, 2);
    fuzz_put_le(out, pack ? 8 : 0, 2);
    fuzz_put_le(out, 0, 4);
    fuzz_put_le(out, crc, 4);
    fuzz_put_le(out, packed, 4);
    fuzz_put_le(out, size, 4);
    fuzz_put_le(out, 5, 2);
}

/* Appends the array as the member a.npy, b.npy, ... */
static void add_member(archive *a, const fuzz_bytes *array, bool pack)
{
    char name[] = { (char)('a' + a->count++), '.', 'n', 'p', 'y' };
    fuzz_bytes packed = { .size = 0 };
    if (pack) packed = deflated(array);
    const fuzz_bytes *data = pack ? &packed : array;
    uLong crc = crc32_z(0, array->data, array->size);
    fuzz_put(&a->directory, "PK\1\2\0\0\0\0", 8);
    put_fields(&a->directory, pack, crc, data->size, array->size);
    fuzz_put_le(&a->directory, 0, 6);
    fuzz_put_le(&a->directory, 0, 6);
    fuzz_put_le(&a->directory, a->file.size, 4);
    fuzz_put(&a->directory, name, sizeof name);
    fuzz_put(&a->file, "PK\3\4\0\0", 6);
    put_fields(&a->file, pack, crc, data->size, array->size);
    fuzz_put_le(&a->file, 0, 2);
    fuzz_put(&a->file, name, sizeof name);
    fuzz_put(&a->file, data->data, data->size);
    free(packed.data);
}

/* Writes the archive; `pack` has a bit for each member that is deflated. */
static void write_archive(fuzz_input in, unsigned flags, unsigned pack, const char *path)
{
    archive a = { .count = 0 };
    do {
        fuzz_input text = fuzz_word(&in), elements = fuzz_take(&in, fuzz_u16(&in));
        fuzz_bytes array = array_of(text, elements, flags);
        add_member(&a, &array, pack >> a.count & 1);
        free(array.data);
    } while (in.size > 0 && a.count < MEMBERS_MAX);
    size_t start = a.file.size;
    fuzz_put(&a.file, a.directory.data, a.directory.size);
    fuzz_put(&a.file, "PK\5\6\0\0\0\0", 8);
    fuzz_put_le(&a.file, (uint64_t)a.count, 2);
    fuzz_put_le(&a.file, (uint64_t)a.count, 2);
    fuzz_put_le(&a.file, a.directory.size, 4);
    fuzz_put_le(&a.file, start, 4);
    fuzz_put_le(&a.file, 0, 2);
    fuzz_write(path, a.file.data, a.file.size);
    free(a.file.data);
    free(a.directory.data);
}

static void read_archive(fuzz_input in, unsigned flags)
{
    char path[FUZZ_PATH_BYTES];
    unsigned pack = flags & PACKED ? fuzz_u8(&in) : 0;
    write_archive(in, flags, pack, fuzz_path("fuzz.npz", path));
    fuzz_bytes one = fuzz_rewritten(path, false);
    write_archive(in, flags, ~pack, path);
    fuzz_bytes other = fuzz_rewritten(path, false);
    FUZZ_CHECK(fuzz_same(&one, &other));
    free(one.data);
    free(other.data);
}

/* --- one array -------------------------------------------------------------------------------- */

/* Saves the tensor and reads it again. Returns the file's bytes. */
static fuzz_bytes saved_again(cd_tensor **t)
{
    char path[FUZZ_PATH_BYTES];
    fuzz_bytes none = { .size = 0 };
    if (!cd_save_npy(*t, fuzz_path("saved.npy", path))) {
        FUZZ_CHECK(fuzz_refused() == CD_ERR_MEMORY);
        return none;
    }
    cd_tensor *back = cd_load_npy(path);
    if (!back) {
        FUZZ_CHECK(fuzz_refused() == CD_ERR_MEMORY);
        return none;
    }
    size_t bytes = (size_t)cd_numel(*t) * cd_dtype_size(cd_dtype_of(*t));
    FUZZ_CHECK(cd_dtype_of(back) == cd_dtype_of(*t));
    FUZZ_CHECK(cd_shape_equal(cd_shape_of(back), cd_shape_of(*t)));
    FUZZ_CHECK(bytes == 0 || memcmp(cd_data(back), cd_data(*t), bytes) == 0);
    *t = back;
    return fuzz_read(path);
}

static void read_array(fuzz_input in, unsigned flags)
{
    char path[FUZZ_PATH_BYTES];
    fuzz_bytes array = { .size = 0 };
    if (flags & RAW) {
        fuzz_put(&array, in.data, in.size);
    } else {
        fuzz_input text = fuzz_word(&in);
        array = array_of(text, in, flags);
    }
    fuzz_write(fuzz_path("fuzz.npy", path), array.data, array.size);
    free(array.data);
    fuzz_bytes tensors = fuzz_rewritten(path, false);
    free(tensors.data);
    CD_SCOPE();
    cd_tensor *t = cd_load_npy(path);
    if (!t) {
        (void)fuzz_refused();
        return;
    }
    fuzz_bytes first = saved_again(&t), second = saved_again(&t);
    if (first.size && second.size) FUZZ_CHECK(fuzz_same(&first, &second));
    free(first.data);
    free(second.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    unsigned flags = fuzz_u8(&in);
    fuzz_begin(FUZZ_TENSOR_MEMORY);
    if (flags & ZIP) {
        read_archive(in, flags);
    } else {
        read_array(in, flags);
    }
    fuzz_end();
    return 0;
}
