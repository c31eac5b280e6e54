/* Files that hold no tensors this library reads: what they are, and what would be right. */
#include <string.h>

#include "io/archive_internal.h"
#include "io/safetensors_internal.h"

typedef struct magic {
    size_t at;
    size_t size;
    const char *bytes;
    cd_code code;
    const char *sentence;
} magic;

#define AT(offset_, bytes_) (offset_), sizeof(bytes_) - 1, (bytes_)

static const magic magics[] = {
    { AT(0, "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19\x2E"), CD_ERR_UNSUPPORTED,
      "this is an old pickle stream (torch.save of PyTorch 0.1.10 to 1.5); only the zip container "
      "of "
      "PyTorch 1.6 and later is read: load it in PyTorch and torch.save it again" },
    { AT(0, "PK\5\6"), CD_ERR_FORMAT, "this is an empty zip archive" },
    { AT(0, "\x93NUMPY"), CD_ERR_UNSUPPORTED,
      "this is a NumPy array (.npy), not a file of named tensors" },
    { AT(0, "\x1F\x8B"), CD_ERR_UNSUPPORTED, "this is compressed with gzip: unpack it first" },
    { AT(0, "BZh"), CD_ERR_UNSUPPORTED, "this is compressed with bzip2: unpack it first" },
    { AT(0, "\xFD"
            "7zXZ"),
      CD_ERR_UNSUPPORTED, "this is compressed with xz: unpack it first" },
    { AT(0, "\x28\xB5\x2F\xFD"), CD_ERR_UNSUPPORTED,
      "this is compressed with zstd: unpack it first" },
    { AT(0, "\x89HDF\r\n\x1A\n"), CD_ERR_UNSUPPORTED,
      "this is HDF5 (Keras weights, perhaps); .pth and .safetensors are read" },
    { AT(0, "GGUF"), CD_ERR_UNSUPPORTED, "this is a GGUF model; .pth and .safetensors are read" },
    { AT(0, "\xFF\xD8\xFF"), CD_ERR_FORMAT, "this is a JPEG picture, not a file of tensors" },
    { AT(0, "\x89PNG"), CD_ERR_FORMAT, "this is a PNG picture, not a file of tensors" },
    { AT(0, "GIF8"), CD_ERR_FORMAT, "this is a GIF picture, not a file of tensors" },
    { AT(0, "version https://git-lfs"), CD_ERR_FORMAT,
      "this is a Git LFS pointer, not the file it stands for: run `git lfs pull`" },
    { AT(0, "<!DOCTYPE"), CD_ERR_FORMAT,
      "this is an HTML page (a download that went wrong, perhaps), not a file of tensors" },
    { AT(0, "<!doctype"), CD_ERR_FORMAT,
      "this is an HTML page (a download that went wrong, perhaps), not a file of tensors" },
    { AT(0, "<html"), CD_ERR_FORMAT,
      "this is an HTML page (a download that went wrong, perhaps), not a file of tensors" },
    { AT(8, "\xA3\x7F\x4B\x22"), CD_ERR_UNSUPPORTED,
      "this is a TensorBoard event file, not a file of tensors" },
};

static bool has_bytes(const cd_bytes *bytes, size_t at, const char *magic_bytes, size_t size)
{
    return bytes->size >= size && at <= bytes->size - size &&
           memcmp(bytes->data + at, magic_bytes, size) == 0;
}

/* The checksum of a tar header is the sum of its 512 bytes, its own field taken as spaces. */
static bool is_tar(const cd_bytes *bytes)
{
    if (bytes->size < 512 || !has_bytes(bytes, 257, "ustar", 5)) return false;
    unsigned sum = 0, stored = 0;
    for (int i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? ' ' : bytes->data[i];
    for (int i = 148; i < 156; i++) {
        unsigned char c = bytes->data[i];
        if (c >= '0' && c <= '7') stored = stored * 8 + (unsigned)(c - '0');
    }
    return sum == stored;
}

/* An old PyTorch file has a member called "storages"; members start at multiples of 512. */
static bool has_storages_member(const cd_bytes *bytes)
{
    for (size_t at = 0; at + 512 <= bytes->size; at += 512) {
        if (memcmp(bytes->data + at, "storages", 9) == 0 &&
            memcmp(bytes->data + at + 257, "ustar", 5) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_idx(const cd_bytes *bytes)
{
    const unsigned char *b = bytes->data;
    return bytes->size >= 8 && b[0] == 0 && b[1] == 0 && b[2] >= 0x08 && b[2] <= 0x0E &&
           b[2] != 0x0A && b[3] >= 1 && b[3] <= 8;
}

/* ONNX has no magic: field 1 (the IR version, a small number), then another field of the model. */
static bool is_onnx(const cd_bytes *bytes)
{
    const unsigned char *b = bytes->data;
    return bytes->size >= 16 && b[0] == 0x08 && b[1] >= 1 && b[1] < 32 &&
           (b[2] == 0x12 || b[2] == 0x1A || b[2] == 0x3A || b[2] == 0x42);
}

static bool is_text(const cd_bytes *bytes)
{
    size_t size = bytes->size < 512 ? bytes->size : 512;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = bytes->data[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) return false;
    }
    return true;
}

static bool refuse(const cd_bytes *bytes, cd_code code, const char *sentence)
{
    return cd_fail(code, "%s: %s", bytes->label, sentence);
}

bool cd_archive_refuse(const cd_bytes *bytes)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const magic *m = &magics[i];
        if (has_bytes(bytes, m->at, m->bytes, m->size)) return refuse(bytes, m->code, m->sentence);
    }
    if (is_tar(bytes)) {
        return refuse(bytes, CD_ERR_UNSUPPORTED,
                      has_storages_member(bytes)
                          ? "this is the TAR container of PyTorch 0.1.9 and before; only the zip "
                            "container of PyTorch 1.6 and later is read: load it in PyTorch with "
                            "weights_only=False, if you trust it, and torch.save it again"
                          : "this is a TAR archive: unpack it first");
    }
    if (bytes->size >= 2 && bytes->data[0] == 0x80 && bytes->data[1] <= 5) {
        return refuse(bytes, CD_ERR_UNSUPPORTED,
                      "this is a bare Python pickle, not a file that torch.save wrote");
    }
    if (is_idx(bytes)) {
        return refuse(bytes, CD_ERR_UNSUPPORTED, "this is an IDX data set, not a file of tensors");
    }
    if (is_onnx(bytes)) {
        return refuse(bytes, CD_ERR_UNSUPPORTED,
                      "this looks like an ONNX model; .pth and .safetensors are read");
    }
    if (is_text(bytes)) return refuse(bytes, CD_ERR_FORMAT, "this is text, not a file of tensors");
    return refuse(bytes, CD_ERR_FORMAT,
                  "this is neither a safetensors file nor one that torch.save wrote");
}

bool cd_looks_like_safetensors(const cd_bytes *bytes)
{
    size_t at = 8;
    while (at < bytes->size && strchr(" \t\n\r", bytes->data[at]) && bytes->data[at]) at++;
    if (at < bytes->size) return bytes->data[at] == '{' && !is_text(bytes);
    if (bytes->size <= 8) return false;
    uint64_t header = cd_load_le(bytes->data, 8); /* blanks only: a header that goes on, perhaps */
    return header > at - 8 && header <= CD_SAFETENSORS_HEADER_MAX;
}
