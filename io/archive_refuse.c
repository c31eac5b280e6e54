/* The error for a file that is neither a zip, nor safetensors, nor an .npy: what the file is, by
 * its first bytes, and what would be right. Called by archive.c, with up to a megabyte of the file;
 * and the test by which archive.c recognises safetensors. */
#include <string.h>

#include "io/archive_internal.h"
#include "io/safetensors_internal.h"

/* Bytes at a fixed offset by which a format is known. */
typedef struct magic {
    size_t offset;
    size_t size;
    const char *bytes;
    cd_code code;
    const char *sentence; /* goes on after "this is " */
} magic;

#define AT(offset_, bytes_) (offset_), sizeof(bytes_) - 1, (bytes_)
#define READ_ARE            "; .pth, .safetensors, .npy and .npz are read"
#define MODEL(at_, name_)                                                                          \
    {                                                                                              \
        at_, CD_ERR_UNSUPPORTED, name_ READ_ARE                                                    \
    }
#define PACKED(at_, name_)                                                                         \
    {                                                                                              \
        at_, CD_ERR_UNSUPPORTED, name_ ": unpack it first"                                         \
    }
#define OTHER(at_, name_)                                                                          \
    {                                                                                              \
        at_, CD_ERR_FORMAT, name_ ", not a file of tensors"                                        \
    }

static const magic magics[] = {
    { AT(0, "PK\5\6"), CD_ERR_FORMAT, "an empty zip archive" },
    MODEL(AT(0, "\x89HDF\r\n\x1A\n"), "HDF5 (Keras weights, perhaps)"),
    MODEL(AT(0, "GGUF"), "a GGUF model"),
    MODEL(AT(0, "lmgg"), "a GGML model"), /* "ggml" as a 32-bit number, low byte first */
    MODEL(AT(0, "fmgg"), "a GGML model (GGMF)"),
    MODEL(AT(0, "tjgg"), "a GGML model (GGJT)"),
    MODEL(AT(0, "algg"), "a GGML adapter (GGLA)"),
    MODEL(AT(4, "TFL3"), "a TensorFlow Lite model"),
    MODEL(AT(4, "ET12"), "an ExecuTorch program"),
    MODEL(AT(4, "PTMF"), "a PyTorch Mobile program"),
    MODEL(AT(0, "\0\0\6\x08\1\x1A\2\x08\1"), "the index of a TensorFlow checkpoint"),
    MODEL(AT(0, "\x12\1\0\0\0\0\0\0"), "a file of MXNet parameters"),
    MODEL(AT(0, "MATLAB 5.0 MAT-file"), "a MATLAB file"),
    MODEL(AT(8, "\xA3\x7F\x4B\x22"), "a TensorBoard event file"),
    PACKED(AT(0, "\x1F\x8B"), "compressed with gzip"),
    PACKED(AT(0, "BZh"), "compressed with bzip2"),
    PACKED(AT(0, "\xFD"
                 "7zXZ"),
           "compressed with xz"),
    PACKED(AT(0, "\x28\xB5\x2F\xFD"), "compressed with zstd"),
    PACKED(AT(0, "\x04\x22\x4D\x18"), "compressed with lz4"),
    PACKED(AT(0, "7z\xBC\xAF\x27\x1C"), "a 7-Zip archive"),
    PACKED(AT(0, "Rar!\x1A\x07"), "a RAR archive"),
    OTHER(AT(0, "\xFF\xD8\xFF"), "a JPEG picture"),
    OTHER(AT(0, "\x89PNG"), "a PNG picture"),
    OTHER(AT(0, "GIF8"), "a GIF picture"),
    OTHER(AT(8, "WEBP"), "a WebP picture"),
    OTHER(AT(0, "%PDF-"), "a PDF document"),
    OTHER(AT(0, "\x7F"
                "ELF"),
          "a program or library (ELF)"),
    OTHER(AT(0, "SQLite format 3"), "an SQLite database"),
    OTHER(AT(0, "\xFF\xFE"), "UTF-16 text"),
    OTHER(AT(0, "\xFE\xFF"), "UTF-16 text"),
    { AT(0, "version https://git-lfs"), CD_ERR_FORMAT,
      "a Git LFS pointer, not the file it stands for: run `git lfs pull`" },
};

static bool has_bytes(const cd_bytes *bytes, size_t at, const char *magic_bytes, size_t size)
{
    return bytes->size >= size && at <= bytes->size - size &&
           memcmp(bytes->data + at, magic_bytes, size) == 0;
}

static bool begins(const cd_bytes *bytes, const char *text)
{
    return has_bytes(bytes, 0, text, strlen(text));
}

/* Whether the first 512 bytes have no control characters but tabs and line ends. */
static bool is_text(const cd_bytes *bytes)
{
    size_t size = bytes->size < 512 ? bytes->size : 512;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = bytes->data[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) return false;
    }
    return true;
}

/* --- archives --------------------------------------------------------------------------------- */

/* A deflate stream without gzip's header, as joblib.dump writes it. */
static bool is_zlib(const cd_bytes *bytes)
{
    if (bytes->size < 8 || is_text(bytes)) return false;
    const unsigned char *b = bytes->data;
    bool is_level = b[1] == 0x01 || b[1] == 0x5E || b[1] == 0x9C || b[1] == 0xDA;
    return b[0] == 0x78 && is_level;
}

/* --- pickles ---------------------------------------------------------------------------------- */

/* torch.save of PyTorch 0.1.10 to 1.5 begins with a pickle of the number
 * 0x1950A86A20F9469CFC6C, behind a PROTO opcode (2 bytes) and perhaps a FRAME opcode (9 bytes). */
bool cd_is_pickle_stream(const cd_bytes *bytes)
{
    static const char number[] = "\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.";
    for (size_t at = 2; at <= 11; at++) {
        if (has_bytes(bytes, at, number, sizeof number - 1)) return bytes->data[0] == 0x80;
    }
    return false;
}

/* The same number in protocols 0 and 1. */
static bool is_textual_stream(const cd_bytes *bytes)
{
    return begins(bytes, "L119547037146038801333356L\n.");
}

/* Protocols 2 and later begin with PROTO and their number. Protocols 0 and 1 have no such mark;
 * these are the usual beginnings of their pickles. */
static bool is_pickle(const cd_bytes *bytes)
{
    if (bytes->size >= 2 && bytes->data[0] == 0x80) return bytes->data[1] <= 5;
    return has_bytes(bytes, 0, "}q\0", 3) || has_bytes(bytes, 0, "]q\0", 3) ||
           begins(bytes, "(dp") || begins(bytes, "(lp") || begins(bytes, "ccollections\n") ||
           begins(bytes, "ccopy_reg\n") || begins(bytes, "cnumpy.");
}

/* --- no magic --------------------------------------------------------------------------------- */

static bool is_idx(const cd_bytes *bytes)
{
    const unsigned char *b = bytes->data;
    return bytes->size >= 8 && b[0] == 0 && b[1] == 0 && b[2] >= 0x08 && b[2] <= 0x0E &&
           b[2] != 0x0A && b[3] >= 1 && b[3] <= 8;
}

/* Three kinds of models are protobuf messages that begin with field 1, a small number (the
 * version):
 *
 *   ONNX         goes on with one of several fields; its field 2 is a text
 *   SavedModel   has version 1 and goes on with field 2
 *   Core ML      goes on with field 2, a message whose first field is 1 */
static const char *protobuf_model(const cd_bytes *bytes)
{
    const unsigned char *b = bytes->data;
    if (bytes->size < 16 || b[0] != 0x08 || b[1] < 1 || b[1] >= 32) return NULL;
    if (b[2] == 0x12) {
        size_t at = 3;
        while (at < 8 && b[at] >= 0x80) at++; /* the field's length */
        if (b[1] == 1) return "this looks like a TensorFlow SavedModel" READ_ARE;
        if (b[at + 1] == 0x0A) return "this looks like a Core ML model" READ_ARE;
    }
    bool is_onnx = b[2] == 0x12 || b[2] == 0x1A || b[2] == 0x3A || b[2] == 0x42;
    return is_onnx ? "this looks like an ONNX model" READ_ARE : NULL;
}

static bool begins_with_zeros(const cd_bytes *bytes)
{
    size_t size = bytes->size < 512 ? bytes->size : 512, zeros = 0;
    while (zeros < size && bytes->data[zeros] == 0) zeros++;
    return size >= 8 && zeros == size;
}

/* --- texts ------------------------------------------------------------------------------------ */

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The offset of a text's first word, behind a byte-order mark and white space. */
static size_t first_word(const cd_bytes *bytes)
{
    size_t at = begins(bytes, "\xEF\xBB\xBF") ? 3 : 0;
    while (at < bytes->size && is_space(bytes->data[at])) at++;
    return at;
}

/* Whether `word`, which is in lower case, stands at this offset in any case of letters. */
static bool has_word(const cd_bytes *bytes, size_t at, const char *word)
{
    for (; *word; word++, at++) {
        if (at >= bytes->size) return false;
        unsigned char c = bytes->data[at];
        if (c != (unsigned char)*word && !(c >= 'A' && c <= 'Z' && c + 32 == *word)) return false;
    }
    return true;
}

/* Sets the error "LABEL: sentence". Returns false. */
static bool refuse(const cd_bytes *bytes, cd_code code, const char *sentence)
{
    return cd_fail(code, "%s: %s", bytes->label, sentence);
}

static bool refuse_text(const cd_bytes *bytes)
{
    static const char *const pages[] = { "<!doctype", "<html", "<head", "<body", "<?xml" };
    size_t at = first_word(bytes), end = at;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        if (has_word(bytes, at, pages[i])) {
            return refuse(bytes, CD_ERR_FORMAT,
                          "this is an HTML or XML page (a download that went wrong, perhaps), not "
                          "a file of tensors");
        }
    }
    if (has_word(bytes, at, "{")) {
        return refuse(bytes, CD_ERR_FORMAT,
                      "this is JSON text (a config, or the index of a model in several files, "
                      "perhaps), not a file of tensors");
    }
    char shown[48];
    while (end < bytes->size && bytes->data[end] != '\n' && bytes->data[end] != '\r') end++;
    return cd_fail(CD_ERR_FORMAT, "%s: this is text, not a file of tensors; it begins \"%s\"",
                   bytes->label, cd_printable(shown, sizeof shown, bytes->data + at, end - at));
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool refuse_pickle(const cd_bytes *bytes)
{
    return refuse(bytes, CD_ERR_UNSUPPORTED,
                  is_textual_stream(bytes)
                      ? "this was saved with pickle_protocol=0 or 1; 2, which torch.save takes by "
                        "itself, to 5 are read: load it in PyTorch and torch.save it again"
                      : "this is a plain Python pickle (of pickle.dump or joblib.dump, say), which "
                        "is never loaded: only what torch.save wrote is read, and safetensors");
}

bool cd_archive_refuse(const cd_bytes *bytes)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const magic *m = &magics[i];
        if (has_bytes(bytes, m->offset, m->bytes, m->size)) {
            return cd_fail(m->code, "%s: this is %s", bytes->label, m->sentence);
        }
    }
    if (is_zlib(bytes)) {
        return refuse(bytes, CD_ERR_UNSUPPORTED,
                      "this is compressed with zlib, perhaps by joblib.dump" READ_ARE);
    }
    if (is_pickle(bytes) || is_textual_stream(bytes)) return refuse_pickle(bytes);
    if (is_idx(bytes)) {
        return refuse(bytes, CD_ERR_UNSUPPORTED, "this is an IDX data set, not a file of tensors");
    }
    const char *model = protobuf_model(bytes);
    if (model) return refuse(bytes, CD_ERR_UNSUPPORTED, model);
    if (begins_with_zeros(bytes)) {
        return refuse(bytes, CD_ERR_FORMAT,
                      "it begins with zeros, as what an interrupted download or copy leaves, and "
                      "no file of tensors does");
    }
    if (is_text(bytes)) return refuse_text(bytes);
    return refuse(bytes, CD_ERR_FORMAT,
                  "this is neither a safetensors file nor one that torch.save, numpy.save or "
                  "numpy.savez wrote");
}

/* A header length of 8 bytes, then '{', with any white space before it. Text is ruled out, since a
 * text may have '{' there too. */
bool cd_looks_like_safetensors(const cd_bytes *bytes)
{
    size_t at = 8;
    while (at < bytes->size && strchr(" \t\n\r", bytes->data[at]) && bytes->data[at]) at++;
    if (at < bytes->size) return bytes->data[at] == '{' && !is_text(bytes);
    if (bytes->size <= 8) return false;
    /* All of it is white space: '{' may come behind these first bytes, if the header is longer. */
    uint64_t header = cd_load_le(bytes->data, 8);
    return header > at - 8 && header <= CD_SAFETENSORS_HEADER_MAX;
}
